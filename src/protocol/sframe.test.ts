// SFrame against RFC 9605: one case typed from its appendix C, and the working group's file with its counts asserted.

import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from './bytes.ts';
import { FareboxError } from './errors.ts';
import { deriveSframeKey, openSframe, SFRAME_SUITES, type SframeSuite, sealSframe } from './sframe.ts';
import { ctrHmacOpen, ctrHmacSeal } from './sframe-ctr-hmac.ts';
import { decodeSframeHeader, encodeSframeHeader } from './sframe-header.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { hasPublishedVectors, readPublished, SFRAME } from './vectors/published.ts';

const SUITES = [webCryptoSuite, nobleSuite] as const;

const hmacSha512 = async (macSecret: Uint8Array, message: Uint8Array) => hmac(sha512, macSecret, message);

function suiteOf(number: number): SframeSuite {
  const found = ([1, 2, 3, 4, 5] as const).find((known) => known === number);
  if (found === undefined) throw new FareboxError('module/internal', { number });
  return found;
}

describe('the SFrame header', () => {
  test.each([
    [0n, 0n, '00'],
    [7n, 7n, '77'],
    [8n, 0n, '8008'],
    [0x123n, 0x4567n, '9901234567'],
    [2n ** 64n - 1n, 2n ** 64n - 1n, 'ffffffffffffffffffffffffffffffffff'],
  ])('of KID %s and counter %s is one spelling, read back', (kid, counter, encoded) => {
    expect(toHex(encodeSframeHeader({ kid, counter }))).toBe(encoded);
    expect(decodeSframeHeader(fromHex(encoded))).toEqual({ kid, counter, lengthBytes: encoded.length / 2 });
  });

  test.each([
    ['', 'frame/cut'],
    ['99', 'frame/cut'],
    ['990123', 'frame/cut'],
    ['8007', 'frame/tampered'],
    ['900008', 'frame/tampered'],
    ['0800', 'frame/tampered'],
  ])('%s is refused as %s', (encoded, code) => {
    expect(() => decodeSframeHeader(fromHex(encoded))).toThrow(code);
  });

  test('of numbers beyond 64 bits cannot be made', () => {
    expect(() => encodeSframeHeader({ kid: 2n ** 64n, counter: 0n })).toThrow('module/internal');
    expect(() => encodeSframeHeader({ kid: 0n, counter: -1n })).toThrow('module/internal');
  });
});

describe.each(SUITES)('SFrame over the $name suite', (suite) => {
  test('seals and opens the AES_128_CTR_HMAC_SHA256_80 case of RFC 9605 C.3', async () => {
    const baseKey = fromHex('000102030405060708090a0b0c0d0e0f');
    const metadata = fromHex('4945544620534672616d65205747');
    const clear = fromHex('64726166742d696574662d736672616d652d656e63');
    const sframeKey = await deriveSframeKey({ baseKey, kid: 0x123, sframeSuite: 1, suite });
    const message = await sealSframe({ sframeKey, counter: 0x4567, metadata, clear, suite });
    expect(toHex(message)).toBe('9901234567449408b6f490086165b9d6f62b24ae1a59a56486b4ae8ed036b88912e24f11');
    expect(await openSframe({ sframeKey, metadata, message, suite })).toEqual(clear);
  });

  test.each([1, 2, 3, 4, 5] as const)(
    'suite %i refuses every altered byte, other metadata, another KID, and a cut',
    async (sframeSuite) => {
      const metadata = fromHex('0102');
      const clear = fromHex('aabbccdd');
      const keys = { baseKey: new Uint8Array(32).fill(5), sframeSuite, suite };
      const sframeKey = await deriveSframeKey({ ...keys, kid: 300 });
      const message = await sealSframe({ sframeKey, counter: 9, metadata, clear, suite });
      for (let at = 0; at < message.length; at += 1) {
        const altered = message.slice();
        altered[at] = (altered[at] ?? 0) ^ 1;
        await expect(openSframe({ sframeKey, metadata, message: altered, suite }), `byte ${at}`).rejects.toThrow(
          'frame/tampered',
        );
      }
      await expect(openSframe({ sframeKey, metadata: fromHex('0103'), message, suite })).rejects.toThrow(
        'frame/tampered',
      );
      const otherKid = await deriveSframeKey({ ...keys, kid: 301 });
      await expect(openSframe({ sframeKey: otherKid, metadata, message, suite })).rejects.toThrow('frame/tampered');
      const short = message.subarray(0, message.length - clear.length - 1);
      await expect(openSframe({ sframeKey, metadata, message: short, suite })).rejects.toThrow('frame/cut');
    },
  );
});

describe.runIf(hasPublishedVectors)('SFrame on the published vectors', () => {
  const published = hasPublishedVectors ? readPublished('rfc9605-sframe.json', SFRAME) : undefined;

  test('289 headers are written and read as told', () => {
    expect(published?.header).toHaveLength(289);
    for (const { kid, ctr, encoded } of published?.header ?? []) {
      expect(toHex(encodeSframeHeader({ kid, counter: ctr }))).toBe(encoded);
      expect(decodeSframeHeader(fromHex(encoded))).toEqual({ kid, counter: ctr, lengthBytes: encoded.length / 2 });
    }
  });

  test.each(SUITES)('3 + 3 AES-CTR-HMAC cases come out as told over the $name suite', async (suite) => {
    expect([published?.aes_ctr_hmac.length, published?.aes_256_ctr_hmac.length]).toEqual([3, 3]);
    // The second three are no suites of the RFC; they have the same construction over AES-256 and HMAC-SHA-512.
    const cases = [
      ...(published?.aes_ctr_hmac ?? []).map((vector) => ({ ...vector, hmac: suite.hmacSha256 })),
      ...(published?.aes_256_ctr_hmac ?? []).map((vector) => ({ ...vector, hmac: hmacSha512 })),
    ];
    for (const vector of cases) {
      const context = {
        hmac: vector.hmac,
        encryptionSecret: fromHex(vector.enc_key),
        macSecret: fromHex(vector.auth_key),
        nonce: fromHex(vector.nonce),
        aad: fromHex(vector.aad),
        tagBytes: (vector.ct.length - vector.pt.length) / 2,
      };
      expect(toHex(await ctrHmacSeal(context, fromHex(vector.pt)))).toBe(vector.ct);
      expect(toHex(await ctrHmacOpen(context, fromHex(vector.ct)))).toBe(vector.pt);
    }
  });

  test.each(SUITES)('5 whole frames, one for each suite, come out as told over the $name suite', async (suite) => {
    expect(published?.sframe.map((vector) => vector.cipher_suite)).toEqual(Object.keys(SFRAME_SUITES).map(Number));
    for (const vector of published?.sframe ?? []) {
      const metadata = fromHex(vector.metadata);
      const baseKey = fromHex(vector.base_key);
      const sframeKey = await deriveSframeKey({
        baseKey,
        kid: vector.kid,
        sframeSuite: suiteOf(vector.cipher_suite),
        suite,
      });
      const message = await sealSframe({ sframeKey, counter: vector.ctr, metadata, clear: fromHex(vector.pt), suite });
      expect(toHex(message)).toBe(vector.ct);
      expect(toHex(await openSframe({ sframeKey, metadata, message: fromHex(vector.ct), suite }))).toBe(vector.pt);
    }
  });
});
