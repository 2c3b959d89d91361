// Backup files and their padding: BT-7. Opened by their words and by no others, refused by a code when anything is altered,
// and of few sizes.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openBackup, readBackupSlots, sealBackup } from './backup.ts';
import { concatBytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { padded, padmeSizeBytes, unpadded } from './padme.ts';
import { deriveBackupKey } from './recovery-words.ts';
import { encodeSnapshot, type Snapshot } from './snapshot.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { runs } from './testing/runs.ts';
import { bitFlipped } from './vectors/altered.ts';
import { bytesOf, makeCast, NOW } from './vectors/cast.ts';
import { BACKUP_NONCE, ENTROPY, snapshotOf } from './vectors/keeping.ts';
import { sealGrant, tellStory } from './vectors/story.ts';

let snapshot: Snapshot;
let file: Uint8Array;
const random = () => BACKUP_NONCE;
beforeAll(async () => {
  const cast = await makeCast();
  snapshot = await snapshotOf(cast, await tellStory(cast, await sealGrant(cast)));
  file = await seal();
});

const seal = (changes: Partial<Parameters<typeof sealBackup>[0]> = {}) =>
  sealBackup({ entropy: ENTROPY, snapshot, madeTime: NOW, passkeys: [], random, ...changes });

const open = (bytes: Uint8Array, entropy: Uint8Array = ENTROPY) => openBackup({ bytes, entropy });

/** The six members of the file, with one of them changed. */
function withPart(at: number, value: CborValue): Uint8Array {
  return encodeCbor(members(file).with(at, value));
}

function members(bytes: Uint8Array): CborValue[] {
  const parts = decodeCbor(bytes);
  if (!Array.isArray(parts)) throw new Error('no array');
  return [...parts];
}

/** A file around any clear bytes, as somebody who has the words could write it; of version 1 without `slots`. */
async function sealedFile(clear: Uint8Array, ...slots: readonly CborValue[]): Promise<Uint8Array> {
  const bound: readonly CborValue[] = ['farebox/backup', slots.length === 0 ? 1 : 2, NOW, ...slots];
  const algorithm = { name: 'AES-GCM', iv: BACKUP_NONCE, additionalData: encodeCbor([...bound]) };
  const key = await deriveBackupKey(ENTROPY);
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, Uint8Array.from(clear)));
  return encodeCbor([...bound, BACKUP_NONCE, sealed]);
}

/** What is sealed in a file without passkeys. */
const clearOf = (encoded: Uint8Array, ...locators: readonly CborValue[]) => encodeCbor([encoded, [...locators]]);

describe('BT-7: a backup', () => {
  test('comes back as it was made, with its time', async () => {
    expect(await open(file)).toEqual({ snapshot, madeTime: NOW, passkeys: [] });
  });

  test.each([webCryptoSuite, nobleSuite])('is sealed as the page describes, over the $name suite', async (suite) => {
    const info = new TextEncoder().encode('farebox/1 backup key');
    const key = await suite.importAesKey(await suite.hkdfSha256(ENTROPY, new Uint8Array(0), info, 32));
    const aad = encodeCbor(['farebox/backup', 2, NOW, []]);
    const sealed = await suite.aesGcmSeal(key, BACKUP_NONCE, aad, padded(clearOf(encodeSnapshot(snapshot))));
    expect(encodeCbor(['farebox/backup', 2, NOW, [], BACKUP_NONCE, sealed])).toEqual(file);
  });

  test('takes another nonce each time, of twelve bytes', async () => {
    const asked: number[] = [];
    let drawn = 0;
    const fresh = (lengthBytes: number) => {
      asked.push(lengthBytes);
      drawn += 1;
      return bytesOf(`nonce ${drawn}`, lengthBytes);
    };
    const one = await seal({ random: fresh });
    const two = await seal({ random: fresh });
    expect(asked).toEqual([12, 12]);
    expect(one).not.toEqual(two);
    expect((await open(one)).snapshot).toEqual((await open(two)).snapshot);
  });

  test('does not open with other words', async () => {
    await expect(open(file, bytesOf('other words', 16))).rejects.toThrow('backup/wrong-words');
    await expect(open(file, bitFlipped(ENTROPY))).rejects.toThrow('backup/wrong-words');
  });

  test('that was altered is refused as if the words were wrong', async () => {
    await expect(open(bitFlipped(file))).rejects.toThrow('backup/wrong-words');
    await expect(open(withPart(2, NOW + 1))).rejects.toThrow('backup/wrong-words');
    await expect(open(withPart(4, bytesOf('another nonce', 12)))).rejects.toThrow('backup/wrong-words');
    await expect(open(withPart(5, bytesOf('noise', 20_000)))).rejects.toThrow('backup/wrong-words');
  });

  test.each<[number, CborValue]>([
    [0, 'farebox/receipt-file'],
    [0, 1],
    [1, 0],
    [1, '1'],
    [2, -1],
    [2, null],
    [3, null],
    [3, new Map()],
    [4, bytesOf('nonce', 11)],
    [4, 'nonce'],
    [5, bytesOf('too short', 16 * 1024 + 15)],
    [5, null],
  ])('whose member %i is another is malformed', async (at, value) => {
    await expect(open(withPart(at, value))).rejects.toThrow('backup/malformed');
  });

  test('that is no such file, or has more or less in it, is malformed', async () => {
    await expect(open(bytesOf('a holiday picture', 90))).rejects.toThrow('backup/malformed');
    await expect(open(encodeCbor(new Map()))).rejects.toThrow('backup/malformed');
    await expect(open(file.subarray(0, -1))).rejects.toThrow('backup/malformed');
    await expect(open(concatBytes(file, Uint8Array.of(0)))).rejects.toThrow('backup/malformed');
    await expect(open(encodeCbor(['farebox/backup', 1, NOW]))).rejects.toThrow('backup/malformed');
    await expect(open(withPart(1, 1))).rejects.toThrow('backup/malformed');
    const [, , , , nonce = null, sealed = null] = members(file);
    await expect(open(encodeCbor(['farebox/backup', 2, NOW, nonce, sealed]))).rejects.toThrow('backup/malformed');
    await expect(open(new Uint8Array(LIMITS.backupSizeBytes + 1))).rejects.toThrow('backup/malformed');
  });

  test('of a newer version is told from a broken one, whatever else is in it', async () => {
    await expect(open(withPart(1, 3))).rejects.toThrow('backup/newer-version');
    await expect(open(encodeCbor(['farebox/backup', 7, 'quite different']))).rejects.toThrow('backup/newer-version');
  });

  test('that opens and holds something else is malformed', async () => {
    const clear = clearOf(encodeSnapshot(snapshot));
    expect((await open(await sealedFile(padded(clear), []))).snapshot).toEqual(snapshot);
    const others = [
      ...[padded(bytesOf('noise')), concatBytes(clear, new Uint8Array(17_000)), bytesOf('noise', 16_384)],
      ...[padded(encodeSnapshot(snapshot)), padded(clearOf(bytesOf('noise'))), padded(encodeCbor([1, []]))],
      ...[padded(encodeCbor([encodeSnapshot(snapshot)])), padded(encodeCbor([encodeSnapshot(snapshot), 1]))],
      ...[padded(clearOf(encodeSnapshot(snapshot), bytesOf('a locator too many', 16)))],
    ];
    for (const other of others) await expect(open(await sealedFile(other, []))).rejects.toThrow('backup/malformed');
  });

  test('of version 1, which knew of no passkeys, still opens, and is not taken for one of version 2', async () => {
    const clear = encodeSnapshot(snapshot);
    const old = await sealedFile(padded(clear));
    expect(members(old)).toHaveLength(5);
    expect(await open(old)).toEqual({ snapshot, madeTime: NOW, passkeys: [] });
    expect(readBackupSlots(old)).toEqual([]);
    const [, , , nonce = null, sealed = null] = members(old);
    const moved = encodeCbor(['farebox/backup', 2, NOW, [], nonce, sealed]);
    await expect(open(moved)).rejects.toThrow('backup/wrong-words');
    for (const other of [padded(bytesOf('noise')), padded(clearOf(clear))])
      await expect(open(await sealedFile(other))).rejects.toThrow('backup/malformed');
  });

  test('is not made of keys that no script can read', async () => {
    const bound = { ...snapshot, signingKey: new Uint8Array(0), openingKey: new Uint8Array(0) };
    const made = seal({ snapshot: bound });
    await expect(made).rejects.toThrow('lock/bound-keys');
  });

  test('beyond 64 MiB is not made', async () => {
    const [receipt] = snapshot.receipts;
    if (receipt === undefined) throw new Error('nothing to repeat');
    const large = { ...receipt, receipt: new Uint8Array(2 * 1024 * 1024) };
    const receipts = Array.from({ length: 32 }, () => large);
    const made = seal({ snapshot: { ...snapshot, receipts } });
    await expect(made).rejects.toThrow('backup/too-large');
  });

  test('that is structured garbage gives a coded error', async () => {
    const scalar = fc.oneof(
      fc.integer({ min: -1, max: 3 }),
      fc.constantFrom<CborValue>('farebox/backup', null, true, NOW, BACKUP_NONCE),
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom<CborValue>([], [[]], [[bytesOf('id', 4), BACKUP_NONCE, bytesOf('wrapped')]]),
    );
    const garbage = fc
      .tuple(fc.constantFrom('farebox/backup', 'farebox/snapshot'), fc.array(scalar, { maxLength: 6 }))
      .map(([type, rest]) => encodeCbor([type, ...rest]));
    await fc.assert(
      fc.asyncProperty(fc.oneof(garbage, fc.uint8Array({ maxLength: 60 })), async (bytes) => {
        await expect(open(bytes)).rejects.toThrow(/^backup\/(malformed|newer-version)$/);
      }),
      { numRuns: runs(20_000) },
    );
  });

  test('with any byte altered gives a coded error, never another snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, flip) => {
        const altered = Uint8Array.from(file);
        // Most of the file is one sealed string; every other place is in the 60 bytes before it.
        const at = place % (place % 2 === 0 ? 60 : altered.length);
        altered[at] = (altered[at] ?? 0) ^ flip;
        const thrown: unknown = await open(altered).then(
          () => null,
          (cause: unknown) => cause,
        );
        if (!(thrown instanceof FareboxError)) throw thrown ?? new Error('it was opened');
        expect(['backup/malformed', 'backup/wrong-words', 'backup/newer-version']).toContain(thrown.code);
      }),
      { numRuns: runs(1000) },
    );
  });
});

describe('BT-7: the padding of a backup', () => {
  /** Padmé as its paper writes it, with masks over big integers. */
  function padmeByMask(lengthBytes: number): number {
    const bits = (value: bigint) => value.toString(2).length;
    const length = BigInt(lengthBytes);
    const exponent = bits(length) - 1;
    const lastBits = BigInt(exponent - bits(BigInt(exponent)));
    const mask = (1n << lastBits) - 1n;
    return Number((length + mask) & ~mask);
  }

  const lengths = fc.integer({ min: 16 * 1024, max: LIMITS.backupSizeBytes });

  test('has the sizes of Padmé, from 16 KiB on', () => {
    fc.assert(
      fc.property(lengths, (lengthBytes) => {
        const size = padmeSizeBytes(lengthBytes);
        expect(size).toBe(padmeByMask(lengthBytes));
        expect(size).toBeLessThan(1.07 * lengthBytes);
        expect(padmeSizeBytes(size)).toBe(size);
      }),
      { numRuns: runs(1000) },
    );
    expect([1, 1000, 16_383, 16_384].map(padmeSizeBytes)).toEqual([16_384, 16_384, 16_384, 16_384]);
    expect([16_385, 17_408, 17_409].map(padmeSizeBytes)).toEqual([17_408, 17_408, 18_432]);
  });

  test('has few sizes: no more than 400 from 16 KiB to 64 MiB', () => {
    let sizes = 0;
    for (let size = 16 * 1024; size <= LIMITS.backupSizeBytes; size = padmeSizeBytes(size + 1)) sizes += 1;
    expect(sizes).toBeLessThan(400);
  });

  test('is taken off again, whatever the bytes end with', () => {
    const ends = fc.array(fc.constantFrom(0, 0x80, 1), { maxLength: 20 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), ends, (start, end) => {
        const clear = concatBytes(start, Uint8Array.from(end));
        const withPadding = padded(clear);
        expect(withPadding).toHaveLength(16_384);
        expect(unpadded(withPadding)).toEqual(clear);
      }),
      { numRuns: runs(1000) },
    );
    const exact = bytesOf('exactly', 16_383);
    expect(padded(exact)).toHaveLength(16_384);
    expect(unpadded(padded(exact))).toEqual(exact);
    expect(padded(bytesOf('one more', 16_384))).toHaveLength(17_408);
  });

  test('of any other form is malformed', () => {
    const whole = padded(bytesOf('clear'));
    const others = [
      new Uint8Array(0),
      new Uint8Array(16_384),
      whole.subarray(0, -1),
      concatBytes(whole, new Uint8Array(1)),
      concatBytes(whole, new Uint8Array(1024)),
      bitFlipped(whole),
      Uint8Array.of(0x80),
    ];
    for (const other of others) expect(() => unpadded(other)).toThrow('backup/malformed');
  });
});
