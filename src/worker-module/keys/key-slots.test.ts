// Slots of application keys in the module: SD-3, SD-4, SD-5. States are values, so that "nothing is stored" is that the state which went in is
// as it was, and the only one there is.

import { describe, expect, test } from 'vitest';
import { toHex } from '../../protocol/bytes.ts';
import { decodeModuleId, decodeProviderId } from '../../protocol/ids.ts';
import { diversifyKey, type KeyPurpose } from '../../protocol/key-unit/application-key.ts';
import { exportKey } from '../../protocol/key-unit/export-key.ts';
import { bytesOf, NOW } from '../../protocol/vectors/cast.ts';
import { MODULE_LIMITS } from '../limits.ts';
import {
  drawKeyRequest,
  type ImportCommand,
  importIntoSlot,
  type KeyRequest,
  type KeySlots,
  listKeySlots,
  takeTransportKey,
} from './key-slots.ts';
import { decodeKeySlots, encodeKeySlots } from './key-slots-codec.ts';

const module = decodeModuleId(bytesOf('unit', 16));
const provider = decodeProviderId(bytesOf('provider', 16));
const transport = { provider, set: bytesOf('set', 16), transportKey: bytesOf('transport key'), issuedAt: NOW };
const begun = takeTransportKey(null, transport);

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

const take = (before: KeySlots, command: ImportCommand, now = NOW) => importIntoSlot(before, { module, command, now });

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
    const before = toHex(encodeKeySlots(asked));
    expect(() => take(asked, wrong)).toThrow(code);
    expect(toHex(encodeKeySlots(asked))).toBe(before);
    expect(take(asked, command).after.slots).toHaveLength(1);
  });

  test('refuses any one bit of data, REF2, SAS or CAS turned over, with the store unchanged', () => {
    const before = toHex(encodeKeySlots(asked));
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
    expect(toHex(encodeKeySlots(asked))).toBe(before);
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
    expect(() => importIntoSlot(null, { module, command, now: NOW })).toThrow('keys/unknown-unit');
    expect(() => draw(begun, 'No Name')).toThrow('keys/malformed');
    expect(listKeySlots(null)).toEqual([]);
  });
});

describe('SD-1: the transport key of a set', () => {
  const { after: asked, request } = draw(begun);
  const held = take(asked, answer(request)).after;

  test('comes again and changes nothing; another one, signed later, begins with empty slots', () => {
    expect(takeTransportKey(held, { ...transport, issuedAt: NOW + 1000 })).toBe(held);
    const next = { ...transport, set: bytesOf('next set', 16), transportKey: bytesOf('next'), issuedAt: NOW + 1000 };
    expect(takeTransportKey(held, next)).toEqual({ transport: next, requests: [], slots: [] });
  });

  test('of an older set that comes late is refused', () => {
    const old = { ...transport, transportKey: bytesOf('old') };
    expect(() => takeTransportKey(held, { ...old, issuedAt: NOW - 1000 })).toThrow('keys/replayed');
    expect(() => takeTransportKey(held, old)).toThrow('keys/replayed');
  });
});

describe('SD-4: what is kept', () => {
  const first = draw(begun, 'watch');
  const held = take(first.after, answer(first.request, { purpose: { kind: 'series', count: 300 } })).after;
  const full = draw(held, 'wallet').after;

  test('is read as it was written', () => {
    for (const state of [begun, first.after, held, full]) expect(decodeKeySlots(encodeKeySlots(state))).toEqual(state);
  });

  test('what is shown of it has no byte of a key beyond the check value', () => {
    const shown = JSON.stringify(listKeySlots(full));
    for (const { applicationKey } of full.slots) expect(shown).not.toContain(toHex(applicationKey).slice(0, 16));
    expect(shown).not.toContain(toHex(transport.transportKey).slice(0, 16));
  });

  test('with any byte cut off it is altered', () => {
    const bytes = encodeKeySlots(full);
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => decodeKeySlots(bytes.subarray(0, length))).toThrow('store/altered');
    }
  });
});
