// Recovery words: the published vectors of BIP 39, what a person may type, and the two keys made from the words.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from './bytes.ts';
import { FareboxError } from './errors.ts';
import {
  decodeRecoveryWords,
  deriveBackupKey,
  deriveBackupLocator,
  makeRecoveryWords,
  recoveryWordsOf,
} from './recovery-words.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { runs } from './testing/runs.ts';
import { bytesOf } from './vectors/cast.ts';

/** The 128-bit English ones of the reference implementation's vectors. */
const PUBLISHED: readonly (readonly [string, string])[] = [
  ['00000000000000000000000000000000', `${'abandon '.repeat(11)}about`],
  ['7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f', 'legal winner thank year wave sausage worth useful legal winner thank yellow'],
  [
    '80808080808080808080808080808080',
    'letter advice cage absurd amount doctor acoustic avoid letter advice cage above',
  ],
  ['ffffffffffffffffffffffffffffffff', `${'zoo '.repeat(11)}wrong`],
  ['9e885d952ad362caeb4efe34a8e91bd2', 'ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic'],
  ['c0ba5a8e914111210f2bd131f3d5e08d', 'scheme spot photo card baby mountain device kick cradle pact join borrow'],
  ['23db8160a31d3e0dca3688ed941adbf3', 'cat swing flag economy stadium alone churn speed unique patch report train'],
  [
    'f30f8c1da665478f49b001d94c5fc452',
    'vessel ladder alter error federal sibling chat ability sun glass valve picture',
  ],
];

const entropies = fc.uint8Array({ minLength: 16, maxLength: 16 });

function thrownBy(act: () => unknown): FareboxError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof FareboxError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('BT-7: recovery words', () => {
  test.each(PUBLISHED)('of %s are the published ones', (entropy, words) => {
    expect(recoveryWordsOf(fromHex(entropy)).join(' ')).toBe(words);
    expect(toHex(decodeRecoveryWords(words.split(' ')))).toBe(entropy);
  });

  test('are twelve, drawn from sixteen random bytes', () => {
    const asked: number[] = [];
    const { words, entropy } = makeRecoveryWords((lengthBytes) => {
      asked.push(lengthBytes);
      return bytesOf('random', lengthBytes);
    });
    expect(asked).toEqual([16]);
    expect(words).toHaveLength(12);
    expect(decodeRecoveryWords(words)).toEqual(entropy);
  });

  test('give the same bytes back, however they are typed', () => {
    const typed = fc.tuple(entropies, fc.constantFrom('', ' ', '\t', ' \n'), fc.boolean());
    fc.assert(
      fc.property(typed, ([entropy, space, loud]) => {
        const words = recoveryWordsOf(entropy).map((word) => `${space}${loud ? word.toUpperCase() : word}${space}`);
        expect(decodeRecoveryWords(words)).toEqual(entropy);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('that are not twelve are refused', () => {
    const words = recoveryWordsOf(bytesOf('entropy', 16));
    for (const other of [[], words.slice(1), [...words, 'zoo'], [words.join(' ')]]) {
      expect(thrownBy(() => decodeRecoveryWords(other))).toMatchObject({
        code: 'backup/words',
        detail: { words: other.length },
      });
    }
    // Twenty-four words are good BIP 39, and not ours.
    const long = [...`${'abandon '.repeat(23)}art`.split(' ')];
    expect(thrownBy(() => decodeRecoveryWords(long)).code).toBe('backup/words');
  });

  test('with a word that is not on the list are refused, and its place is told', () => {
    const words = recoveryWordsOf(bytesOf('entropy', 16));
    for (const wrong of ['', 'farebox', 'zo', 'zoo zoo', 'ábaco', '__proto__']) {
      const thrown = thrownBy(() => decodeRecoveryWords(words.with(4, wrong)));
      expect([thrown.code, thrown.detail]).toEqual(['backup/words', { position: 5 }]);
    }
  });

  test('with one word changed for another, or two changed about, are refused by their checksum, which tells no more', () => {
    const words = recoveryWordsOf(fromHex('9e885d952ad362caeb4efe34a8e91bd2'));
    const swapped = words.with(0, words[1] ?? '').with(1, words[0] ?? '');
    for (const wrong of [words.with(11, 'zoo'), words.with(0, 'abandon'), swapped]) {
      const thrown = thrownBy(() => decodeRecoveryWords(wrong));
      expect([thrown.code, thrown.detail, thrown.cause]).toEqual(['backup/words', undefined, undefined]);
    }
  });

  test('are made of sixteen bytes and of no other length', async () => {
    for (const lengthBytes of [0, 15, 17, 32]) {
      const entropy = new Uint8Array(lengthBytes);
      expect(() => recoveryWordsOf(entropy)).toThrow('module/internal');
      await expect(deriveBackupKey(entropy)).rejects.toThrow('module/internal');
      await expect(deriveBackupLocator(entropy)).rejects.toThrow('module/internal');
    }
  });
});

describe('BT-7: what is made of recovery words', () => {
  const entropy = bytesOf('entropy', 16);
  const derived = (info: string, lengthBytes: number, suite = webCryptoSuite) =>
    suite.hkdfSha256(entropy, new Uint8Array(0), new TextEncoder().encode(info), lengthBytes);

  test.each([webCryptoSuite, nobleSuite])(
    'is the locator that the page describes, over the $name suite',
    async (suite) => {
      expect(await deriveBackupLocator(entropy)).toEqual(await derived('farebox/1 backup locator', 16, suite));
    },
  );

  test.each([webCryptoSuite, nobleSuite])('is the key that the page describes, over the $name suite', async (suite) => {
    const key = await deriveBackupKey(entropy);
    const [nonce, clear] = [bytesOf('nonce', 12), bytesOf('clear')];
    const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, clear));
    const same = await suite.importAesKey(await derived('farebox/1 backup key', 32, suite));
    expect(await suite.aesGcmOpen(same, nonce, new Uint8Array(0), sealed)).toEqual(clear);
  });

  test('is a key that cannot be extracted', async () => {
    const key = await deriveBackupKey(entropy);
    expect([key.extractable, key.algorithm]).toEqual([false, { name: 'AES-GCM', length: 256 }]);
  });

  test('is another locator and another key for other words', async () => {
    const other = bytesOf('other entropy', 16);
    expect(toHex(await deriveBackupLocator(other))).not.toBe(toHex(await deriveBackupLocator(entropy)));
  });
});
