// Slots of application keys in the module: SD-3, SD-4, SD-5. States are values, so that "nothing is stored" is that the state which went in is
// as it was, and the only one there is.

import { describe, expect, test } from 'vitest';
import { toHex } from '../../protocol/bytes.ts';
import type { SignedKeyAgreement } from '../../protocol/derived-keys/agreement.ts';
import { decodeModuleId, decodeProviderId, hashObject } from '../../protocol/ids.ts';
import { diversifyKey, type KeyPurpose } from '../../protocol/key-unit/application-key.ts';
import { exportKey } from '../../protocol/key-unit/export-key.ts';
import { bytesOf, NOW } from '../../protocol/vectors/cast.ts';
import { MODULE_LIMITS } from '../limits.ts';
import {
  type AcceptedAgreement,
  drawKeyRequest,
  type ImportCommand,
  importIntoSlot,
  type KeyRequest,
  type KeySlots,
  listKeySlots,
  takeTransportKey,
} from './key-slots.ts';
import { agreementInForce, takeAgreement } from './key-slots-agreement.ts';
import { decodeKeyring, encodeKeyring } from './keyring-codec.ts';

const module = decodeModuleId(bytesOf('unit', 16));
const provider = decodeProviderId(bytesOf('provider', 16));
const transport = { provider, set: bytesOf('set', 16), transportKey: bytesOf('transport key'), issuedAt: NOW };
const begun = takeTransportKey(null, transport, NOW);

/** What would be sealed: the same bytes are the same store. */
const keep = (holder: KeySlots) =>
  encodeKeyring({ pinSecret: bytesOf('PIN secret'), triedTimes: [NOW], holders: [holder] });
const bytesKept = (holder: KeySlots) => toHex(keep(holder));

let draws = 0;
const random = (lengthBytes: number): Uint8Array => {
  draws += 1;
  return bytesOf(`drawn ${draws}`, lengthBytes);
};

const draw = (before: KeySlots, reference = 'wallet', now = NOW) => drawKeyRequest(before, { reference, random, now });

/** What the key unit answers to a request. */
function answer(
  { random: asked, reference }: KeyRequest,
  change: { version?: number; unit?: typeof module; purpose?: KeyPurpose; from?: typeof transport; slot?: string } = {},
): ImportCommand {
  const { version = 1, unit = module, purpose = { kind: 'key', count: 0 }, from = transport } = change;
  const slot = { reference: change.slot ?? reference, version };
  const material = bytesOf(`material ${slot.reference} ${version}`);
  const application = diversifyKey({ material, set: from.set, unit, slot, purpose });
  return {
    ...exportKey({ transport: from, unit, random: asked }, { slot, application, nonce: random(12) }),
    random: asked,
  };
}

const take = (before: KeySlots, command: ImportCommand, now = NOW, mask: Uint8Array | null = null) =>
  importIntoSlot(before, { module, command, mask, now });

describe('SD-3: IMPORTKEY', () => {
  const { after: asked, request } = draw(begun);
  const command = answer(request);

  test('stores the key in the slot that was asked for and spends R, in one state', () => {
    const { after, imported } = take(asked, command);
    expect(imported).toMatchObject({
      reference: 'wallet',
      version: 1,
      kind: 'key',
      checkValue: expect.stringMatching(/^[0-9a-f]{6}$/),
    });
    expect(after.slots).toHaveLength(1);
    expect(after.requests).toEqual([]);
    expect(listKeySlots(after)).toEqual([imported]);
  });

  test('refuses the same command again, and one for an R that was never drawn', () => {
    const { after } = take(asked, command);
    expect(() => take(after, command)).toThrow('keys/replayed');
    expect(() => take(begun, command)).toThrow('keys/replayed');
    expect(() => take(asked, { ...command, random: bytesOf('never drawn', 16) })).toThrow('keys/replayed');
    expect(() => take(asked, { ...command, random: command.random.subarray(1) })).toThrow('keys/replayed');
  });

  test('takes answers in any order, each for its own request', () => {
    const second = draw(asked, 'watch');
    const watch = answer(second.request, { purpose: { kind: 'series', count: 300 } });
    const after = take(take(second.after, watch).after, command).after;
    expect(listKeySlots(after).map(({ reference, kind }) => [reference, kind])).toEqual([
      ['wallet', 'key'],
      ['watch', 'series'],
    ]);
    expect(() => take(second.after, { ...watch, random: request.random })).toThrow('keys/certificate');
  });

  const elsewhere = { ...transport, set: bytesOf('another set', 16) };
  test.each<[string, ImportCommand, string]>([
    ['for another unit', answer(request, { unit: decodeModuleId(bytesOf('other', 16)) }), 'keys/certificate'],
    ['of another set', answer(request, { from: elsewhere }), 'keys/certificate'],
    [
      'under another transport key',
      answer(request, { from: { ...transport, transportKey: bytesOf('T') } }),
      'keys/certificate',
    ],
    ['for another slot', answer(request, { slot: 'watch' }), 'keys/unknown-slot'],
    ['with a changed CAS', { ...command, certificate: bytesOf('CAS') }, 'keys/certificate'],
    ['with a changed SAS', { ...command, signature: bytesOf('SAS') }, 'keys/certificate'],
    ['with changed data', { ...command, sealedKey: bytesOf('data', 63) }, 'keys/certificate'],
    ['with short data', { ...command, sealedKey: command.sealedKey.subarray(1) }, 'keys/malformed'],
    ['with no REF2', { ...command, slot: 'wallet' }, 'keys/malformed'],
  ])('refuses a command %s, and leaves everything as it was: the true answer still comes', (_, wrong, code) => {
    const before = bytesKept(asked);
    expect(() => take(asked, wrong)).toThrow(code);
    expect(bytesKept(asked)).toBe(before);
    expect(take(asked, command).after.slots).toHaveLength(1);
  });

  test('refuses any one bit of data, REF2, SAS or CAS turned over, with the store unchanged', () => {
    const before = bytesKept(asked);
    for (const member of ['sealedKey', 'signature', 'certificate'] as const) {
      for (let bit = 0; bit < 8 * command[member].length; bit += 1) {
        const altered = Uint8Array.from(command[member]);
        altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => take(asked, { ...command, [member]: altered })).toThrow('keys/certificate');
      }
    }
    for (let bit = 0; bit < 8 * command.slot.length; bit += 1) {
      const codes = [...command.slot].map(
        (letter, at) => letter.charCodeAt(0) ^ (at === bit >> 3 ? 1 << (bit & 7) : 0),
      );
      expect(() => take(asked, { ...command, slot: String.fromCharCode(...codes) })).toThrow(
        /keys\/(certificate|malformed)/,
      );
    }
    expect(bytesKept(asked)).toBe(before);
  });

  test('SD-5: replaces a key by a newer version, takes the same version again, and refuses an older one', () => {
    const held = take(asked, answer(request, { version: 2 })).after;
    const again = draw(held);
    expect(() => take(again.after, answer(again.request, { version: 1 }))).toThrow('keys/old-reference');
    expect(take(again.after, answer(again.request, { version: 2 })).after.slots).toMatchObject([{ version: 2 }]);
    const newer = take(again.after, answer(again.request, { version: 3 })).after;
    expect(newer.slots).toMatchObject([{ version: 3 }]);
    expect(newer.slots[0]?.applicationKey).not.toEqual(held.slots[0]?.applicationKey);
  });

  test('SD-5: holds as many keys as the bound and no more', () => {
    let state: KeySlots = begun;
    for (let slot = 0; slot < MODULE_LIMITS.keySlots; slot += 1) {
      const drawn = draw(state, `key-${slot}`);
      state = take(drawn.after, answer(drawn.request)).after;
    }
    const more = draw(state, 'one-more');
    expect(() => take(more.after, answer(more.request))).toThrow('keys/unknown-slot');
    const known = draw(state, 'key-7');
    expect(take(known.after, answer(known.request)).after.slots).toHaveLength(MODULE_LIMITS.keySlots);
  });

  test('answers a request of the last day; the oldest of too many are spent', () => {
    const late = NOW + MODULE_LIMITS.keyRequestLifeMs;
    expect(take(asked, command, late - 1).after.slots).toHaveLength(1);
    expect(() => take(asked, command, late)).toThrow('keys/replayed');
    let state = asked;
    for (let more = 0; more < MODULE_LIMITS.keyRequests - 1; more += 1) state = draw(state).after;
    expect(state.requests).toHaveLength(MODULE_LIMITS.keyRequests);
    expect(take(state, command).after.slots).toHaveLength(1);
    const over = draw(state).after;
    expect(over.requests).toHaveLength(MODULE_LIMITS.keyRequests);
    expect(() => take(over, command)).toThrow('keys/replayed');
  });

  test('a module in no set asks for nothing and takes nothing', () => {
    expect(() => drawKeyRequest(null, { reference: 'wallet', random, now: NOW })).toThrow('keys/unknown-unit');
    expect(() => importIntoSlot(null, { module, command, mask: null, now: NOW })).toThrow('keys/unknown-unit');
    expect(() => draw(begun, 'No Name')).toThrow('keys/malformed');
  });
});

describe('SD-1: the transport key of a set', () => {
  const { after: asked, request } = draw(begun);
  const held = take(asked, answer(request)).after;

  test('comes again and changes nothing; another one, signed later, begins with empty slots', () => {
    expect(takeTransportKey(held, { ...transport, issuedAt: NOW + 1000 }, NOW)).toBe(held);
    const next = { ...transport, set: bytesOf('next set', 16), transportKey: bytesOf('next'), issuedAt: NOW + 1000 };
    expect(takeTransportKey(held, next, NOW + 1000)).toEqual({
      ...{ transport: next, requests: [], slots: [], agreement: null, newest: 0, count: 0 },
      history: [...held.history, { time: NOW + 1000, what: 'joined', reference: null, version: null, number: null }],
    });
  });

  test('of an older set that comes late is refused', () => {
    const old = { ...transport, transportKey: bytesOf('old') };
    expect(() => takeTransportKey(held, { ...old, issuedAt: NOW - 1000 }, NOW)).toThrow('keys/replayed');
    expect(() => takeTransportKey(held, old, NOW)).toThrow('keys/replayed');
  });
});

describe('SD-4: what is kept', () => {
  const first = draw(begun, 'watch');
  const series = { purpose: { kind: 'series', count: 300 } } as const;
  const held = take(first.after, answer(first.request, series)).after;
  const again = draw(held, 'news');
  const masked = take(again.after, answer(again.request, series), NOW, bytesOf('mask')).after;
  const agreement: AcceptedAgreement = {
    ...{ number: 7, rule: 'counter', master: { reference: 'master', version: 2 }, epoch: 3 },
    series: [
      { slot: { reference: 'news', version: 1 }, retired: [], pin: true },
      { slot: { reference: 'watch', version: 1 }, retired: [0, 5, 299], pin: false },
    ],
    ...{ issuedAt: NOW, acceptedTime: NOW + 5, agreementHash: hashObject(bytesOf('agreement')) },
  };
  const full = { ...draw(masked, 'wallet').after, agreement, newest: 7, count: 41 };

  test('is read as it was written', () => {
    for (const state of [begun, first.after, held, masked, full]) {
      expect(decodeKeyring(keep(state))).toEqual({
        ...{ pinSecret: bytesOf('PIN secret'), triedTimes: [NOW], holders: [state] },
      });
    }
  });

  test('what is shown of it has no byte of a key beyond the check value, and of a masked one not even that', () => {
    const shown = JSON.stringify(listKeySlots(full));
    for (const { applicationKey } of full.slots) expect(shown).not.toContain(toHex(applicationKey).slice(0, 16));
    expect(shown).not.toContain(toHex(transport.transportKey).slice(0, 16));
    expect(listKeySlots(full)).toMatchObject([
      { reference: 'news', pin: true, checkValue: null },
      { reference: 'watch', pin: false, checkValue: expect.stringMatching(/^[0-9a-f]{6}$/) },
    ]);
  });

  test('with any byte cut off it is altered', () => {
    const bytes = keep(full);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeKeyring(bytes.subarray(0, length))).toThrow('store/altered');
    }
  });

  test('says in order what happened, and no more than the newest fifty', () => {
    const said = full.history.map(({ what, reference, version }) => [what, reference, version]);
    expect(said).toEqual([
      ['joined', null, null],
      ['imported', 'watch', 1],
      ['pin', 'news', 1],
    ]);
    let state: KeySlots = full;
    for (let more = 0; more < MODULE_LIMITS.keyEvents; more += 1) {
      const drawn = draw(state, 'watch');
      state = { ...full, ...take(drawn.after, answer(drawn.request, series)).after };
    }
    expect(state.history).toHaveLength(MODULE_LIMITS.keyEvents);
    expect(new Set(state.history.map(({ what }) => what))).toEqual(new Set(['replaced']));
  });
});

describe('MC-5: a key that a PIN chooses', () => {
  const { after: asked, request } = draw(begun);
  const series = answer(request, { purpose: { kind: 'series', count: 300 } });
  const mask = bytesOf('mask');
  const plain = take(asked, series).after.slots[0]?.applicationKey;
  const agreed = (pin: boolean): KeySlots => ({
    ...asked,
    agreement: {
      ...{ number: 1, rule: 'client', master: { reference: 'master', version: 1 }, epoch: 1 },
      series: [{ slot: { reference: 'wallet', version: 1 }, retired: [], pin }],
      ...{ issuedAt: NOW, acceptedTime: NOW, agreementHash: hashObject(bytesOf('agreement')) },
    },
  });

  test('is kept as series key XOR mask, and is replaced under a mask alone', () => {
    const { after, imported } = take(asked, series, NOW, mask);
    expect(imported).toMatchObject({ pin: true, checkValue: null });
    const [slot] = after.slots;
    expect(slot?.applicationKey).toEqual(plain?.map((byte, at) => byte ^ (mask[at] ?? 0)));
    const newer = draw(after);
    const command = answer(newer.request, { version: 2, purpose: { kind: 'series', count: 300 } });
    expect(() => take(newer.after, command)).toThrow('keys/pin');
    expect(take(newer.after, command, NOW, mask).after.slots).toMatchObject([{ version: 2, masked: true }]);
  });

  test('is not taken without a mask where the agreement says that a PIN chooses it, nor with one where it says that none does', () => {
    expect(() => take(agreed(true), series)).toThrow('keys/pin');
    expect(() => take(agreed(false), series, NOW, mask)).toThrow('keys/unknown-slot');
    expect(take(agreed(true), series, NOW, mask).after.slots).toMatchObject([{ masked: true }]);
    expect(take(agreed(false), series).after.slots).toMatchObject([{ masked: false }]);
  });

  test('is a series: a mask over any other kind is refused', () => {
    expect(() => take(asked, answer(request), NOW, mask)).toThrow('keys/malformed');
  });
});

describe('MC-2: which agreement is taken', () => {
  const imported = [
    ['master', { kind: 'master', count: 0 }],
    ['wallet', { kind: 'series', count: 64 }],
    ['watch', { kind: 'series', count: 64 }],
  ] as const;
  const holding = imported.reduce((state, [reference, purpose]) => {
    const drawn = draw(state, reference);
    return take(drawn.after, answer(drawn.request, { purpose })).after;
  }, begun);
  const offer = (change: Partial<SignedKeyAgreement> = {}): SignedKeyAgreement => ({
    ...{ module, number: 3, rule: 'client', master: { reference: 'master', version: 1 } },
    series: [{ slot: { reference: 'watch', version: 1 }, retired: [2], pin: false }],
    ...{ issuedAt: NOW, agreementHash: hashObject(bytesOf(`agreement ${JSON.stringify(change)}`)), ...change },
  });
  const accept = (before: KeySlots, agreement: SignedKeyAgreement, epoch = 1) =>
    takeAgreement(before, { agreement, epoch, now: NOW });
  const first = accept(holding, offer());

  test('one whose keys are here, in their version and kind; the same one again changes nothing', () => {
    expect(first).toMatchObject({ newest: 3, count: 0, agreement: { number: 3, rule: 'client', epoch: 1 } });
    expect(accept(first, offer())).toBe(first);
    expect(accept({ ...first, count: 9 }, offer())).toMatchObject({ count: 9 });
    expect(accept({ ...first, count: 9 }, offer({ number: 4 }))).toMatchObject({ newest: 4, count: 0 });
  });

  test.each<[string, Partial<SignedKeyAgreement>]>([
    ['a master key of another version', { master: { reference: 'master', version: 2 } }],
    ['a master key that is none', { master: { reference: 'watch', version: 1 } }],
    ['a master key that is not here', { master: { reference: 'other', version: 1 } }],
    [
      'a series of another version',
      { series: [{ slot: { reference: 'watch', version: 2 }, retired: [], pin: false }] },
    ],
    ['a series that is none', { series: [{ slot: { reference: 'master', version: 1 }, retired: [], pin: false }] }],
    ['a series that is not here', { series: [{ slot: { reference: 'other', version: 1 }, retired: [], pin: false }] }],
  ])('none with %s', (_what, change) => {
    expect(() => accept(holding, offer(change))).toThrow('keys/unknown-slot');
  });

  test('no lower number, no other one of the same number, and none of an epoch that is over', () => {
    expect(() => accept(first, offer({ number: 2 }))).toThrow('keys/retired');
    expect(() => accept(first, offer({ rule: 'date' }))).toThrow('keys/retired');
    expect(() => accept(first, offer(), 2)).toThrow('keys/retired');
    const moved = { ...transport, set: bytesOf('next set', 16), issuedAt: NOW + 1000 };
    expect(() => accept(takeTransportKey(first, moved, NOW), offer())).toThrow('keys/retired');
  });

  test('in another epoch than it was accepted in it is over', () => {
    expect(agreementInForce(first, 1)).toMatchObject({ number: 3 });
    expect(agreementInForce(first, 2)).toBeNull();
    expect(agreementInForce(holding, 1)).toBeNull();
    expect(accept(first, offer({ number: 4 }), 2)).toMatchObject({ agreement: { number: 4, epoch: 2 } });
  });

  test('a key that a PIN chooses may come later; one that is here unmasked, or masked for nothing, goes', () => {
    const wallet = (pin: boolean, version = 1) => [{ slot: { reference: 'wallet', version }, retired: [], pin }];
    expect(accept(holding, offer({ series: wallet(true, 9) })).slots.map(({ reference }) => reference)).toEqual([
      'master',
      'watch',
    ]);
    const drawn = draw(holding, 'wallet');
    const command = answer(drawn.request, { purpose: { kind: 'series', count: 64 } });
    const chosen = take(drawn.after, command, NOW, bytesOf('mask')).after;
    expect(accept(chosen, offer({ series: wallet(true) })).slots).toHaveLength(3);
    expect(accept(chosen, offer({ series: wallet(false) })).slots).toHaveLength(2);
  });
});
