// Derived keys: MC-2 to MC-6. The KDF is held against an oracle of Node's AES; agreements are refused one altered thing at a time.

import { cmac } from '@noble/ciphers/aes.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex, utf8 } from '../bytes.ts';
import { decodeContentHash, decodeModuleId, hashObject } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { webCryptoSuite as suite } from '../suite/webcrypto.ts';
import { cmacOracle } from '../testing/cmac-oracle.ts';
import { runs } from '../testing/runs.ts';
import { bytesOf, type Cast, makeCast, NOW } from '../vectors/cast.ts';
import {
  acceptKeyAgreement,
  type KeyAgreement,
  makeKeyAgreement,
  verifyKeyAcceptance,
  verifyKeyAgreement,
} from './agreement.ts';
import { answerToken, concealNumber, deriveDerivedKey, isAnswerTo, revealNumber, signMessage } from './dea.ts';
import { deriveByCmac, u32be } from './kdf.ts';
import { derivePinMask, isPin, maskSeriesKey } from './pin.ts';
import {
  countsAfter,
  decodeSelectionRule,
  drawIndex,
  indexesAround,
  indexOfCount,
  indexOfDay,
  liveIndexes,
  requireLive,
} from './rules.ts';
import { deriveSeriesNumber, deriveSeriesSet } from './series.ts';

const DAY_MS = 86_400_000;
const masterKey = bytesOf('master');
const seriesKey = bytesOf('series');
const derivedKey = deriveDerivedKey(masterKey, 1, deriveSeriesNumber(seriesKey, 7));

describe('MC-2: the KDF', () => {
  test('stands on an AES-CMAC that gives the examples of NIST SP 800-38B, D.3', () => {
    const key = fromHex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4');
    expect(toHex(cmac(new Uint8Array(0), key))).toBe('028962f61b7bf89efc6b551f4667d983');
    const block = fromHex('6bc1bee22e409f96e93d7e117393172a');
    expect(toHex(cmac(block, key))).toBe('28a7023f452e8f82bd4bf28d8c37c35c');
    expect(toHex(cmacOracle(key, block))).toBe('28a7023f452e8f82bd4bf28d8c37c35c');
  });

  test('is SP 800-108 in counter mode over it, for every key, context and length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 50 }), (key, context) => {
        const blockOf = (block: number, bits: number) =>
          cmacOracle(key, concatBytes(u32be(block), utf8('farebox/1 DEA1'), Uint8Array.of(0), context, u32be(bits)));
        expect(deriveByCmac(key, 'DEA1', context, 16)).toEqual(blockOf(1, 128));
        expect(deriveByCmac(key, 'DEA1', context, 32)).toEqual(concatBytes(blockOf(1, 256), blockOf(2, 256)));
      }),
      { numRuns: runs(50) },
    );
  });

  test('refuses keys of other lengths and numbers beyond 32 bits', () => {
    expect(() => deriveByCmac(bytesOf('k', 16), 'DEA1', new Uint8Array(0), 32)).toThrow('keys/malformed');
    for (const wrong of [-1, 0.5, 2 ** 32]) expect(() => u32be(wrong)).toThrow('module/internal');
  });

  test('gives another DK for another master key, series number and agreement', () => {
    const all = [
      derivedKey,
      deriveDerivedKey(bytesOf('another master'), 1, deriveSeriesNumber(seriesKey, 7)),
      deriveDerivedKey(masterKey, 2, deriveSeriesNumber(seriesKey, 7)),
      deriveDerivedKey(masterKey, 1, deriveSeriesNumber(seriesKey, 8)),
      deriveDerivedKey(masterKey, 1, deriveSeriesNumber(bytesOf('another series'), 7)),
    ].map(toHex);
    expect(new Set(all).size).toBe(all.length);
    expect(() => deriveDerivedKey(masterKey, 1, bytesOf('SSN', 15))).toThrow('keys/malformed');
  });

  test('MC-1: a set has as many series numbers as it says, all different, and each is the one of its index', () => {
    const set = deriveSeriesSet(seriesKey, 300);
    expect(new Set(set.map(toHex)).size).toBe(300);
    expect(set[299]).toEqual(deriveSeriesNumber(seriesKey, 299));
    for (const wrong of [-1, 0.5, LIMITS.seriesNumbers]) {
      expect(() => deriveSeriesNumber(seriesKey, wrong)).toThrow('keys/malformed');
    }
  });
});

describe('MC-3: a token', () => {
  const token = bytesOf('token');
  const context = utf8('who to whom');
  const tag = answerToken(derivedKey, token, context);

  test('is answered by the same derived key and by no other, for this token and context alone', () => {
    expect(tag).toHaveLength(16);
    expect(isAnswerTo({ derivedKey, token, context, tag })).toBe(true);
    const other = deriveDerivedKey(masterKey, 1, deriveSeriesNumber(seriesKey, 8));
    expect(isAnswerTo({ derivedKey: other, token, context, tag })).toBe(false);
    expect(isAnswerTo({ derivedKey, token: bytesOf('another'), context, tag })).toBe(false);
    expect(isAnswerTo({ derivedKey, token, context: utf8('who to others'), tag })).toBe(false);
    expect(isAnswerTo({ derivedKey, token, context, tag: tag.subarray(1) })).toBe(false);
    for (let bit = 0; bit < 128; bit += 1) {
      const altered = Uint8Array.from(tag);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isAnswerTo({ derivedKey, token, context, tag: altered })).toBe(false);
    }
    expect(() => answerToken(derivedKey, bytesOf('token', 31), context)).toThrow('keys/malformed');
  });
});

describe('MC-4: a confidential number', () => {
  const context = utf8('card');
  const confidential = utf8('4111 1111 1111 1111');
  const concealed = concealNumber(derivedKey, { nonce: bytesOf('nonce', 12), context, confidential });

  test('is recovered under the same derived key and context', () => {
    expect(revealNumber(derivedKey, concealed, context)).toEqual(confidential);
    expect(toHex(concealed)).not.toContain(toHex(confidential).slice(0, 8));
  });

  test('is refused alike under another key or context, with any bit changed, cut short, or too long', () => {
    const refused = (key: Uint8Array, bytes: Uint8Array, at: Uint8Array) =>
      expect(() => revealNumber(key, bytes, at)).toThrow('keys/refused');
    refused(deriveDerivedKey(masterKey, 2, deriveSeriesNumber(seriesKey, 7)), concealed, context);
    refused(derivedKey, concealed, utf8('pin'));
    for (let at = 0; at < concealed.length; at += 1) {
      const altered = Uint8Array.from(concealed);
      altered[at] = (altered[at] ?? 0) ^ 0x10;
      refused(derivedKey, altered, context);
      refused(derivedKey, concealed.subarray(0, at), context);
    }
    refused(derivedKey, new Uint8Array(2_000), context);
    const long = { nonce: bytesOf('nonce', 12), context, confidential: new Uint8Array(1_025) };
    expect(() => concealNumber(derivedKey, long)).toThrow('keys/malformed');
    expect(() => concealNumber(derivedKey, { ...long, confidential, nonce: bytesOf('n', 16) })).toThrow(
      'keys/malformed',
    );
  });

  test('MC-6: a derived key signs messages, each use under a key of its own', () => {
    const signature = signMessage(derivedKey, confidential);
    expect(signature).toHaveLength(32);
    expect(signMessage(derivedKey, utf8('4111'))).not.toEqual(signature);
    expect(toHex(signature)).not.toContain(toHex(answerToken(derivedKey, bytesOf('token'), confidential)));
  });
});

describe('MC-3: selection rules', () => {
  const live = liveIndexes(10, [0, 3, 9]);

  test('choose among what is not retired', () => {
    expect(live).toEqual([1, 2, 4, 5, 6, 7, 8]);
    expect(() => liveIndexes(2, [0, 1])).toThrow('keys/retired');
  });

  test('drawn: each live index comes, and no other, without favour', () => {
    const seen = new Map<number, number>();
    let state = 1;
    const random = (lengthBytes: number) => {
      const bytes = new Uint8Array(lengthBytes);
      for (let at = 0; at < lengthBytes; at += 1) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        bytes[at] = state >>> 24;
      }
      return bytes;
    };
    for (let draw = 0; draw < 7_000; draw += 1) {
      const index = drawIndex(live, random);
      seen.set(index, (seen.get(index) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual(live);
    for (const times of seen.values()) expect(times).toBeGreaterThan(800);
  });

  test('drawn: a number beyond the last whole round is drawn again', () => {
    const drawn = [Uint8Array.of(255, 255, 255, 255), Uint8Array.of(0, 0, 0, 1)];
    expect(drawIndex(live, () => drawn.shift() ?? new Uint8Array(4))).toBe(2);
  });

  test('sent: an index that is retired, or is none, is refused like a wrong key', () => {
    expect(requireLive(live, 4)).toBe(4);
    for (const wrong of [0, 3, 9, 10, -1, 1.5, '4', null])
      expect(() => requireLive(live, wrong)).toThrow('keys/refused');
  });

  test('date: a day has one index, the next day the next, and only around midnight there are two', () => {
    const noon = NOW;
    expect(indexOfDay(live, noon)).toBe(indexOfDay(live, noon + 3_600_000));
    expect(new Set(Array.from({ length: 7 }, (_, day) => indexOfDay(live, noon + day * DAY_MS))).size).toBe(7);
    expect(indexesAround(live, noon)).toEqual([indexOfDay(live, noon)]);
    const midnight = Math.ceil(noon / DAY_MS) * DAY_MS;
    expect(indexesAround(live, midnight)).toEqual([indexOfDay(live, midnight - 1), indexOfDay(live, midnight)]);
  });

  test('counter: counts go up by one, and the provider waits for no more of them than the bound', () => {
    expect(countsAfter(5)).toEqual(Array.from({ length: LIMITS.countsAhead }, (_, at) => 6 + at));
    expect([6, 7, 8].map((count) => indexOfCount(live, count))).toEqual([8, 1, 2]);
  });

  test('are read by name, and no other name is one', () => {
    for (const rule of ['client', 'server', 'date', 'counter']) expect(decodeSelectionRule(rule)).toBe(rule);
    for (const wrong of ['pin', '', 'Date', null, 0])
      expect(() => decodeSelectionRule(wrong)).toThrow('keys/malformed');
  });
});

describe('MC-5: a PIN', () => {
  const pinSecret = bytesOf('PIN secret');

  test('takes off the mask that it put on; a wrong one gives another series key and nothing to tell by', async () => {
    const mask = await derivePinMask('4711', pinSecret, 'wallet');
    const kept = maskSeriesKey(seriesKey, mask);
    expect(kept).not.toEqual(seriesKey);
    expect(maskSeriesKey(kept, await derivePinMask('4711', pinSecret, 'wallet'))).toEqual(seriesKey);
    const wrong = maskSeriesKey(kept, await derivePinMask('4712', pinSecret, 'wallet'));
    expect(wrong).toHaveLength(32);
    expect(wrong).not.toEqual(seriesKey);
    expect(deriveSeriesNumber(wrong, 7)).not.toEqual(deriveSeriesNumber(seriesKey, 7));
    const masks = [
      mask,
      await derivePinMask('4711', pinSecret, 'watch'),
      await derivePinMask('4711', bytesOf('b'), 'wallet'),
    ];
    expect(new Set(masks.map(toHex)).size).toBe(3);
  });

  test('has 4 to 12 digits', async () => {
    for (const pin of ['0000', '123456789012']) expect(isPin(pin)).toBe(true);
    for (const pin of ['123', '1234567890123', '12a4', '１２３４', '', ' 1234', 1234]) expect(isPin(pin)).toBe(false);
    await expect(derivePinMask('123', pinSecret, 'wallet')).rejects.toThrow('keys/malformed');
    await expect(derivePinMask('1234', bytesOf('s', 16), 'wallet')).rejects.toThrow('keys/malformed');
    expect(() => maskSeriesKey(seriesKey, bytesOf('m', 31))).toThrow('keys/malformed');
  });
});

describe('MC-2, MC-6: the agreement', () => {
  let cast: Cast;
  let module: ReturnType<typeof decodeModuleId>;
  beforeAll(async () => {
    cast = await makeCast();
    module = decodeModuleId(cast.module.certificate.subject);
  });
  const agreement = (): KeyAgreement => ({
    module,
    number: 3,
    rule: 'date',
    master: { reference: 'master', version: 1 },
    series: [
      { slot: { reference: 'watch', version: 1 }, retired: [], pin: false },
      { slot: { reference: 'wallet', version: 2 }, retired: [0, 7], pin: true },
    ],
    issuedAt: NOW,
  });
  const make = (change: Partial<KeyAgreement> = {}) =>
    makeKeyAgreement({ signer: cast.provider.signer, agreement: { ...agreement(), ...change } });
  const read = (bytes: Uint8Array, newest = 3) =>
    verifyKeyAgreement({ bytes, provider: cast.provider.certificate, module, newest, suite });

  test('is believed as it was made, and accepted by the module', async () => {
    const bytes = await make();
    const believed = await read(bytes);
    expect(believed).toEqual({ ...agreement(), agreementHash: hashObject(bytes) });
    const { certificate } = cast.provider;
    const accepted = await acceptKeyAgreement({
      ...{ signer: cast.module.signer, provider: certificate, agreement: believed, now: NOW },
    });
    const given = { bytes: accepted, module: cast.module.certificate, provider: certificate.subject, suite };
    await verifyKeyAcceptance({ ...given, agreementHash: believed.agreementHash });
    const other = decodeContentHash(bytesOf('another agreement'));
    await expect(verifyKeyAcceptance({ ...given, agreementHash: other })).rejects.toThrow('keys/retired');
    const elsewhere = { ...given, agreementHash: believed.agreementHash, provider: module };
    await expect(verifyKeyAcceptance(elsewhere)).rejects.toThrow('keys/malformed');
  });

  test('is refused for good once a newer one was met, and with any byte changed', async () => {
    await expect(read(await make(), 4)).rejects.toThrow('keys/retired');
    const bytes = await make();
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Uint8Array.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      await expect(read(altered)).rejects.toThrow('keys/malformed');
    }
  });

  test('is refused for another module', async () => {
    await expect(read(await make({ module: decodeModuleId(bytesOf('other', 16)) }))).rejects.toThrow('keys/malformed');
  });

  test.each<[string, Partial<KeyAgreement>]>([
    ['the number 0', { number: 0 }],
    ['a number beyond the bound', { number: 2 ** 32 }],
    ['no series', { series: [] }],
    [
      'two sets of one name',
      { series: [1, 2].map((version) => ({ slot: { reference: 'watch', version }, retired: [], pin: false })) },
    ],
    ['a retired index twice', { series: [{ slot: { reference: 'watch', version: 1 }, retired: [4, 4], pin: false }] }],
    [
      'a retired index beyond a set',
      { series: [{ slot: { reference: 'watch', version: 1 }, retired: [4_096], pin: false }] },
    ],
    ['a master key without a version', { master: { reference: 'master', version: 0 } }],
  ])('is not made with %s', async (_, change) => {
    await expect(make(change)).rejects.toThrow('keys/malformed');
  });
});
