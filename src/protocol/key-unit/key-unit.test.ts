// The key unit's protocol: SD-2, SD-3, SD-4. Each refusal alters one thing.

import { beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from '../bytes.ts';
import { decodeModuleId } from '../ids.ts';
import { webCryptoSuite as suite } from '../suite/webcrypto.ts';
import { cmacOracle } from '../testing/cmac-oracle.ts';
import { bytesOf, type Cast, makeCast, NOW, sealingKeyPairOf } from '../vectors/cast.ts';
import { type ApplicationKey, checkValueOf, diversifyKey, encodeApplicationKey, KEY_KINDS } from './application-key.ts';
import { type ExportedKey, exportKey, importKey, type KeyExchange } from './export-key.ts';
import { deriveOperationKey, withOperationKeys } from './operation-key.ts';
import { decodeKeyReference, decodeKeySlot, encodeKeySlot } from './references.ts';
import { makeTransportKey, openTransportKey } from './transport-key.ts';

const UNIT = decodeModuleId(bytesOf('unit', 16));
const OTHER_UNIT = decodeModuleId(bytesOf('other unit', 16));
const transport = { set: bytesOf('set', 16), transportKey: bytesOf('transport key') };
const exchange: KeyExchange = { transport, unit: UNIT, random: bytesOf('R', 16) };
const slot = { reference: 'wallet', version: 2 };
const purpose = { kind: 'master', count: 0 } as const;
const application = diversifyKey({ material: bytesOf('material'), set: transport.set, unit: UNIT, slot, purpose });
const nonce = bytesOf('nonce', 12);
const exported = exportKey(exchange, { slot, application, nonce });

const open = (change: Partial<ExportedKey>, at: KeyExchange = exchange, heldVersion = 0) =>
  importKey(at, { exported: { ...exported, ...change }, reference: 'wallet', heldVersion });

let certifyingKey: CryptoKey;

/** Altered members as only who holds T can send them: CAS worked out anew, by WebCrypto, over the form of docs/protocol.md §23 written out by hand. */
async function certify(change: Partial<ExportedKey>): Promise<ExportedKey> {
  const altered = { ...exported, ...change };
  const slotText = utf8(altered.slot);
  const message = concatBytes(
    Uint8Array.of(0x88, 0x77, ...utf8('farebox/key-certificate'), 0x01),
    Uint8Array.of(0x50, ...transport.set),
    Uint8Array.of(0x50, ...fromHex(UNIT)),
    Uint8Array.of(0x50, ...exchange.random),
    Uint8Array.of(0x60 + slotText.length, ...slotText),
    Uint8Array.of(0x58, altered.sealedKey.length, ...altered.sealedKey),
    Uint8Array.of(0x58, altered.signature.length, ...altered.signature),
  );
  const certificate = new Uint8Array(await crypto.subtle.sign('HMAC', certifyingKey, message));
  return { ...altered, certificate };
}

beforeAll(async () => {
  const key = withOperationKeys(transport, UNIT, (keys) => Uint8Array.from(keys('CAS', exchange.random)));
  certifyingKey = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
});

function flipped(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: 8 * bytes.length }, (_, bit) => {
    const copy = Uint8Array.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return copy;
  });
}

describe('SD-2, SD-3: an application key on its way', () => {
  test('arrives as it was diversified, with its kind and its slot', () => {
    expect(open({})).toEqual({ ...application, slot });
  });

  test.each(KEY_KINDS)('arrives as a %s', (kind) => {
    const made = diversifyKey({
      ...{ material: bytesOf('material'), set: transport.set, unit: UNIT, slot },
      purpose: { kind, count: kind === 'series' ? 300 : 0 },
    });
    const sent = exportKey(exchange, { slot, application: made, nonce });
    expect(importKey(exchange, { exported: sent, reference: 'wallet', heldVersion: 2 })).toEqual({ ...made, slot });
  });

  test('is refused with keys/certificate, before anything is decrypted, with any one bit of data, SAS or CAS turned over', () => {
    for (const member of ['sealedKey', 'signature', 'certificate'] as const) {
      for (const altered of flipped(exported[member])) {
        expect(() => open({ [member]: altered }), `${member} ${toHex(altered)}`).toThrow('keys/certificate');
      }
    }
  });

  test('is refused with any one bit of REF2 turned over: keys/certificate, or keys/malformed where it is no REF2 any more', () => {
    for (const altered of flipped(utf8(exported.slot))) {
      expect(() => open({ slot: String.fromCharCode(...altered) })).toThrow(/keys\/(certificate|malformed)/);
    }
  });

  test('is refused with keys/data for any bit of data, where CAS holds', async () => {
    for (const sealedKey of flipped(exported.sealedKey)) {
      const altered = await certify({ sealedKey });
      expect(() => open(altered)).toThrow('keys/data');
    }
  });

  test('is refused with keys/signature for any bit of SAS, where CAS holds', async () => {
    for (const signature of flipped(exported.signature)) {
      const altered = await certify({ signature });
      expect(() => open(altered)).toThrow('keys/signature');
    }
  });

  test('is refused with keys/unknown-slot for a REF2 that was not asked for, and with keys/data for another version, where CAS holds', async () => {
    const elsewhere = await certify({ slot: 'watch/2' });
    expect(() => open(elsewhere)).toThrow('keys/unknown-slot');
    const newer = await certify({ slot: 'wallet/3' });
    expect(() => open(newer)).toThrow('keys/data');
  });

  test('is refused with keys/old-reference under the version that is held, and taken again at it', () => {
    expect(() => open({}, exchange, 3)).toThrow('keys/old-reference');
    expect(open({}, exchange, 2).applicationKey).toEqual(application.applicationKey);
  });

  test.each<[string, KeyExchange]>([
    ['another R', { ...exchange, random: bytesOf('another R', 16) }],
    ['another unit', { ...exchange, unit: OTHER_UNIT }],
    ['another set', { ...exchange, transport: { ...transport, set: bytesOf('another set', 16) } }],
    ['another transport key', { ...exchange, transport: { ...transport, transportKey: bytesOf('another') } }],
  ])('is refused with keys/certificate by whoever has %s', (_, at) => {
    expect(() => open({}, at)).toThrow('keys/certificate');
  });

  test.each<[string, Partial<ExportedKey>]>([
    ['data of 62 bytes', { sealedKey: exported.sealedKey.subarray(1) }],
    ['a SAS of 31 bytes', { signature: exported.signature.subarray(1) }],
    ['a CAS of 33 bytes', { certificate: new Uint8Array(33) }],
    ['no REF2', { slot: '' }],
    ['a REF2 with a leading zero', { slot: 'wallet/02' }],
  ])('is refused with keys/malformed with %s', (_, change) => {
    expect(() => open(change)).toThrow('keys/malformed');
  });

  test('SD-4: two exports of the same key have no byte string in common, whether R is the same or not', () => {
    const random = bytesOf('another R', 16);
    const again = exportKey(exchange, { slot, application, nonce: bytesOf('another nonce', 12) });
    const anew = exportKey({ ...exchange, random }, { slot, application, nonce });
    const members = [exported, again, anew].flatMap(({ sealedKey, signature, certificate }) =>
      [sealedKey.subarray(12), signature, certificate].map(toHex),
    );
    expect(new Set(members).size).toBe(members.length);
    expect(importKey(exchange, { exported: again, reference: 'wallet', heldVersion: 0 })).toEqual({
      ...application,
      slot,
    });
  });

  test('does not show TA or T1 anywhere in the answer', () => {
    const wire = toHex(concatBytes(exported.sealedKey, exported.signature, exported.certificate));
    expect(wire).not.toContain(toHex(application.applicationKey).slice(0, 16));
    expect(wire).not.toContain(toHex(deriveOperationKey(transport, UNIT)).slice(0, 16));
  });

  test('is not made with an R or a nonce of another length', () => {
    const made = { slot, application, nonce };
    expect(() => exportKey({ ...exchange, random: bytesOf('R', 15) }, made)).toThrow('keys/malformed');
    expect(() => exportKey(exchange, { ...made, nonce: bytesOf('nonce', 16) })).toThrow('keys/malformed');
  });
});

describe('SD-2: diversification', () => {
  const given = { material: bytesOf('material'), set: transport.set, unit: UNIT, slot, purpose };
  const hexOf = (change: Partial<typeof given>): string => toHex(diversifyKey({ ...given, ...change }).applicationKey);

  test('gives another TA for another unit, set, name, version, kind and material', () => {
    const all = [
      hexOf({}),
      hexOf({ unit: OTHER_UNIT }),
      hexOf({ set: bytesOf('another set', 16) }),
      hexOf({ slot: { ...slot, reference: 'watch' } }),
      hexOf({ slot: { ...slot, version: 3 } }),
      toHex(diversifyKey({ ...given, purpose: { kind: 'key', count: 0 } }).applicationKey),
      hexOf({ material: bytesOf('more material') }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(hexOf({})).toBe(all[0]);
  });

  test.each<[string, { kind: 'key' | 'series'; count: number }]>([
    ['a key that counts', { kind: 'key', count: 1 }],
    ['a series of none', { kind: 'series', count: 0 }],
    ['a series beyond the bound', { kind: 'series', count: 4_097 }],
    ['half a number', { kind: 'series', count: 0.5 }],
  ])('refuses %s', (_, wrong) => {
    expect(() => diversifyKey({ ...given, purpose: wrong })).toThrow('keys/malformed');
    expect(() => encodeApplicationKey({ ...wrong, applicationKey: bytesOf('TA') } satisfies ApplicationKey)).toThrow(
      'keys/malformed',
    );
  });

  test('the check value is the beginning of AES-CMAC over a block of zeros', () => {
    for (const key of [new Uint8Array(32), bytesOf('a'), bytesOf('b')]) {
      expect(checkValueOf(key)).toEqual(cmacOracle(key, new Uint8Array(16)).slice(0, 3));
    }
  });
});

describe('SD-4: the operation key', () => {
  test('and everything made of it is zeros once the work is over, also where the work throws', () => {
    const seen: Uint8Array[] = [];
    const take = (fails: boolean) =>
      withOperationKeys(transport, UNIT, (keys) => {
        seen.push(keys('ALGO2', exchange.random), keys('SAS', exchange.random), keys('CAS', exchange.random));
        expect(seen.slice(-3).every((key) => key.some((byte) => byte !== 0))).toBe(true);
        if (fails) throw new Error('cut');
      });
    take(false);
    expect(() => take(true)).toThrow('cut');
    expect(seen).toHaveLength(6);
    for (const key of seen) expect(key).toEqual(new Uint8Array(32));
  });

  test('is another one for another unit and another set', () => {
    const all = [
      deriveOperationKey(transport, UNIT),
      deriveOperationKey(transport, OTHER_UNIT),
      deriveOperationKey({ ...transport, set: bytesOf('another set', 16) }, UNIT),
    ].map(toHex);
    expect(new Set(all).size).toBe(3);
    expect(() => deriveOperationKey({ ...transport, transportKey: bytesOf('T', 31) }, UNIT)).toThrow('keys/malformed');
  });
});

describe('SD-2: references', () => {
  test.each(['', 'A', '-a', 'a-', 'a b', 'a/1', 'é', 'x'.repeat(33)])('"%s" is none', (name) => {
    expect(() => decodeKeyReference(name)).toThrow('keys/malformed');
    expect(() => encodeKeySlot({ reference: name, version: 1 })).toThrow('keys/malformed');
  });

  test.each(['wallet', 'wallet/', 'wallet/0', 'wallet/65536', 'wallet/1.5', 'wallet/1/2', '/1'])(
    '"%s" is no REF2',
    (text) => {
      expect(() => decodeKeySlot(text)).toThrow('keys/malformed');
    },
  );

  test('are read as they were written', () => {
    for (const reference of ['a', '3', 'sign-in', 'x'.repeat(32)]) {
      for (const version of [1, 9, 65_535]) {
        expect(decodeKeySlot(encodeKeySlot({ reference, version }))).toEqual({ reference, version });
      }
    }
  });
});

describe('SD-1: a transport key on its way', () => {
  let cast: Cast;
  beforeAll(async () => {
    cast = await makeCast();
  });
  const make = () =>
    makeTransportKey({ signer: cast.provider.signer, module: cast.module.certificate, transport, issuedAt: NOW });
  const receive = async (bytes: Uint8Array, change: { module?: string } = {}) =>
    openTransportKey({
      bytes,
      provider: cast.provider.certificate,
      module: decodeModuleId(change.module ?? cast.module.certificate.subject),
      keyPair: cast.module.sealing,
      suite,
    });

  test('opens for the module it was made for', async () => {
    expect(await receive(await make())).toMatchObject({ ...transport, provider: cast.provider.certificate.subject });
  });

  test('is refused by another module, with another sealing key, from another signer, and with any byte changed', async () => {
    const bytes = await make();
    await expect(receive(bytes, { module: OTHER_UNIT })).rejects.toThrow('keys/malformed');
    const keyPair = await sealingKeyPairOf(bytesOf('another X25519'));
    const mine = {
      bytes,
      provider: cast.provider.certificate,
      module: decodeModuleId(cast.module.certificate.subject),
    };
    await expect(openTransportKey({ ...mine, keyPair, suite })).rejects.toThrow('keys/data');
    const forged = await makeTransportKey({
      ...{ signer: cast.module.signer, module: cast.module.certificate, transport, issuedAt: NOW },
    });
    await expect(receive(forged)).rejects.toThrow('keys/malformed');
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Uint8Array.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await expect(receive(altered)).rejects.toThrow('keys/malformed');
    }
  });

  test('is not made for a provider', async () => {
    const made = { signer: cast.provider.signer, module: cast.provider.certificate, transport, issuedAt: NOW };
    await expect(makeTransportKey(made)).rejects.toThrow('certificate/wrong-role');
  });
});
