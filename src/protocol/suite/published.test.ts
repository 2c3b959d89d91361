// Both suites against Wycheproof (C2SP testvectors_v1) and against cases typed from RFC 5869 and RFC 8032. Counts are
// asserted, so that a file that shrank or a case that was skipped fails. Deviations are listed by id; there are none.

import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, toHex } from '../bytes.ts';
import { FareboxError, type FareboxErrorCode } from '../errors.ts';
import { hasPublishedVectors, readPublished, WYCHEPROOF } from '../vectors/published.ts';
import { nobleSuite } from './noble.ts';
import { webCryptoSuite } from './webcrypto.ts';

const SUITES = [webCryptoSuite, nobleSuite] as const;

/** The code of a rejection, or null where it did not reject. */
async function codeOf(attempt: Promise<unknown>): Promise<FareboxErrorCode | null> {
  try {
    await attempt;
    return null;
  } catch (thrown) {
    if (thrown instanceof FareboxError) return thrown.code;
    throw thrown;
  }
}

describe.each(SUITES)('the $name suite on typed RFC cases', (suite) => {
  test('derives RFC 5869 A.1', async () => {
    const okm = await suite.hkdfSha256(
      fromHex('0b'.repeat(22)),
      fromHex('000102030405060708090a0b0c'),
      fromHex('f0f1f2f3f4f5f6f7f8f9'),
      42,
    );
    expect(toHex(okm)).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865');
  });

  test('derives RFC 5869 A.2 with longer inputs', async () => {
    const counting = (from: number) => Uint8Array.from({ length: 80 }, (_, at) => from + at);
    const okm = await suite.hkdfSha256(counting(0x00), counting(0x60), counting(0xb0), 82);
    expect(toHex(okm)).toBe(
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    );
  });

  test('derives RFC 5869 A.3 with neither salt nor context', async () => {
    const okm = await suite.hkdfSha256(fromHex('0b'.repeat(22)), new Uint8Array(0), new Uint8Array(0), 42);
    expect(toHex(okm)).toBe('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8');
  });

  test.each([
    [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
  ])('verifies RFC 8032 §7.1 under %s', async (publicKey, message, signature) => {
    expect(await suite.verifyEd25519(fromHex(publicKey), fromHex(signature), fromHex(message))).toBe(true);
    expect(await suite.verifyEd25519(fromHex(publicKey), fromHex(signature), fromHex(`${message}00`))).toBe(false);
  });

  test('refuses a public key of small order, under which one signature fits every message', async () => {
    const zeroPoint = fromHex(`01${'00'.repeat(31)}`);
    const signature = concatBytes(zeroPoint, new Uint8Array(32));
    expect(await suite.verifyEd25519(zeroPoint, signature, fromHex('aa'))).toBe(false);
    const highBit = fromHex(`01${'00'.repeat(30)}80`);
    expect(await suite.verifyEd25519(highBit, signature, fromHex('aa'))).toBe(false);
  });

  test('refuses a public key that is not written canonically', async () => {
    expect(await suite.verifyEd25519(fromHex(`ee${'ff'.repeat(30)}7f`), new Uint8Array(64), fromHex('aa'))).toBe(false);
  });

  test('answers false for a key or signature of another length', async () => {
    expect(await suite.verifyEd25519(new Uint8Array(31), new Uint8Array(64), new Uint8Array(1))).toBe(false);
    expect(await suite.verifyEd25519(new Uint8Array(32).fill(9), new Uint8Array(63), new Uint8Array(1))).toBe(false);
  });

  test('refuses AES keys, X25519 keys and HKDF outputs of the wrong length', async () => {
    expect(await codeOf(suite.importAesKey(new Uint8Array(31)))).toBe('suite/wrong-length');
    expect(await codeOf(suite.x25519(new Uint8Array(31), new Uint8Array(32)))).toBe('suite/wrong-length');
    expect(await codeOf(suite.x25519(new Uint8Array(32), new Uint8Array(33)))).toBe('suite/wrong-length');
    const empty = new Uint8Array(0);
    expect(await codeOf(suite.hkdfSha256(empty, empty, empty, 255 * 32 + 1))).toBe('suite/wrong-length');
    expect(await codeOf(suite.hkdfSha512(empty, empty, empty, 255 * 64 + 1))).toBe('suite/wrong-length');
    expect((await suite.hkdfSha512(empty, empty, empty, 0)).length).toBe(0);
  });

  test('does not take the AES key of the other suite', async () => {
    const other = await (suite === nobleSuite ? webCryptoSuite : nobleSuite).importAesKey(new Uint8Array(32));
    const nothing = new Uint8Array(0);
    expect(await codeOf(suite.aesGcmSeal(other, new Uint8Array(12), nothing, nothing))).toBe('module/internal');
  });
});

describe.runIf(hasPublishedVectors).each(SUITES)('the $name suite on Wycheproof', (suite) => {
  test('AES-GCM: 197 cases with a 96-bit nonce come out as told, 119 with another nonce are refused', async () => {
    const { numberOfTests, testGroups } = readPublished('wycheproof-aes_gcm_test.json', WYCHEPROOF.aesGcm);
    expect(numberOfTests).toBe(316);
    let tried = 0;
    let refused = 0;
    for (const { ivSize, tests } of testGroups) {
      for (const { tcId, key, iv, aad, msg, ct, tag, result } of tests) {
        const aesKey = await suite.importAesKey(fromHex(key));
        const sealed = fromHex(ct + tag);
        if (ivSize !== 96) {
          refused += 1;
          expect(await codeOf(suite.aesGcmOpen(aesKey, fromHex(iv), fromHex(aad), sealed)), `${tcId}`).toBe(
            'suite/wrong-length',
          );
          expect(await codeOf(suite.aesGcmSeal(aesKey, fromHex(iv), fromHex(aad), fromHex(msg))), `${tcId}`).toBe(
            'suite/wrong-length',
          );
        } else if (result === 'valid') {
          tried += 1;
          expect(toHex(await suite.aesGcmSeal(aesKey, fromHex(iv), fromHex(aad), fromHex(msg))), `${tcId}`).toBe(
            ct + tag,
          );
          expect(toHex(await suite.aesGcmOpen(aesKey, fromHex(iv), fromHex(aad), sealed)), `${tcId}`).toBe(msg);
        } else {
          tried += 1;
          expect(await codeOf(suite.aesGcmOpen(aesKey, fromHex(iv), fromHex(aad), sealed)), `${tcId}`).toBe(
            'suite/not-authentic',
          );
        }
      }
    }
    expect([tried, refused]).toEqual([197, 119]);
  });

  test('Ed25519: 151 cases come out as told, without a deviation', async () => {
    const { testGroups } = readPublished('wycheproof-ed25519_test.json', WYCHEPROOF.ed25519);
    let tried = 0;
    const deviations: number[] = [];
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, msg, sig, result } of tests) {
        tried += 1;
        const holds = await suite.verifyEd25519(fromHex(publicKey.pk), fromHex(sig), fromHex(msg));
        if (holds !== (result === 'valid')) deviations.push(tcId);
      }
    }
    expect(tried).toBe(151);
    expect(deviations).toEqual([]);
  });

  test('X25519: 487 of 518 shared secrets come out as told, the 31 that are all zero are refused', async () => {
    const { testGroups } = readPublished('wycheproof-x25519_test.json', WYCHEPROOF.x25519);
    let agreed = 0;
    let refused = 0;
    for (const { tcId, public: publicKey, private: secret, shared } of testGroups.flatMap(({ tests }) => tests)) {
      const attempt = suite.x25519(fromHex(secret), fromHex(publicKey));
      if (/^0+$/.test(shared)) {
        refused += 1;
        expect(await codeOf(attempt), `${tcId}`).toBe('suite/weak-key');
      } else {
        agreed += 1;
        expect(toHex(await attempt), `${tcId}`).toBe(shared);
      }
    }
    expect([agreed, refused]).toEqual([487, 31]);
  });

  test.each([
    ['wycheproof-hkdf_sha256_test.json', 'hkdfSha256', 86],
    ['wycheproof-hkdf_sha512_test.json', 'hkdfSha512', 83],
  ] as const)('HKDF: every case of %s comes out as told', async (file, derive, count) => {
    const { testGroups } = readPublished(file, WYCHEPROOF.hkdf);
    let tried = 0;
    for (const { tcId, ikm, salt, info, size, okm, result } of testGroups.flatMap(({ tests }) => tests)) {
      tried += 1;
      const attempt = suite[derive](fromHex(ikm), fromHex(salt), fromHex(info), size);
      if (result === 'valid') expect(toHex(await attempt), `${tcId}`).toBe(okm);
      else expect(await codeOf(attempt), `${tcId}`).toBe('suite/wrong-length');
    }
    expect(tried).toBe(count);
  });

  test('HMAC-SHA-256: 174 cases come out as told', async () => {
    const { testGroups } = readPublished('wycheproof-hmac_sha256_test.json', WYCHEPROOF.hmac);
    let tried = 0;
    for (const { tagSize, tests } of testGroups) {
      for (const { tcId, key, msg, tag, result } of tests) {
        tried += 1;
        const mac = await suite.hmacSha256(fromHex(key), fromHex(msg));
        expect(toHex(mac.subarray(0, tagSize / 8)) === tag, `${tcId}`).toBe(result === 'valid');
      }
    }
    expect(tried).toBe(174);
  });
});
