// The passkey beside the words of a backup: BT-7. It leads to the words and to a place at the provider; whatever is altered in its slot, or about the
// slots of a file, is noticed by whoever opens the file, with words as well.

import { beforeAll, describe, expect, test } from 'vitest';
import { openBackup, readBackupSlots, sealBackup } from './backup.ts';
import {
  BACKUP_PRF_SALT,
  type BackupPasskey,
  type BackupSlot,
  deriveBackupPasskey,
  openBackupSlots,
  sealBackupSlot,
} from './backup-passkey.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { LIMITS } from './limits.ts';
import type { Snapshot } from './snapshot.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { bitFlipped } from './vectors/altered.ts';
import { bytesOf, makeCast, NOW } from './vectors/cast.ts';
import { BACKUP_NONCE, ENTROPY, PASSKEY, SLOT_NONCE, snapshotOf } from './vectors/keeping.ts';
import { sealGrant, tellStory } from './vectors/story.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const fresh = () => ({ credentialId: PASSKEY.credentialId, prfOutput: PASSKEY.prfOutput.slice() });
const other = () => ({ credentialId: bytesOf('another credential', 20), prfOutput: bytesOf('another output') });

let snapshot: Snapshot;
let passkey: BackupPasskey;
let slot: BackupSlot;
let file: Uint8Array;
beforeAll(async () => {
  const cast = await makeCast();
  snapshot = await snapshotOf(cast, await tellStory(cast, await sealGrant(cast)));
  passkey = await deriveBackupPasskey(fresh());
  slot = await sealBackupSlot(passkey, ENTROPY, () => SLOT_NONCE);
  file = await seal([slot]);
});

/** A file with these slots; each with the passkey's locator. */
const seal = (slots: readonly BackupSlot[]) =>
  sealBackup({
    ...{ entropy: ENTROPY, snapshot, madeTime: NOW, random: () => BACKUP_NONCE },
    passkeys: slots.map((each) => ({ slot: each, locator: passkey.locator })),
  });

/** The file with another list of slots in place of its own. */
function withSlots(slots: CborValue): Uint8Array {
  const parts = decodeCbor(file);
  if (!Array.isArray(parts)) throw new Error('no array');
  return encodeCbor(parts.with(3, slots));
}

const encoded = ({ credentialId, nonce, wrapped }: BackupSlot): CborValue[] => [credentialId, nonce, wrapped];

describe('BT-7: a passkey for backups', () => {
  test.each([webCryptoSuite, nobleSuite])('gives what the page describes, over the $name suite', async (suite) => {
    const derived = (info: string, lengthBytes: number) =>
      suite.hkdfSha256(PASSKEY.prfOutput, new Uint8Array(0), utf8(info), lengthBytes);
    expect(passkey.locator).toEqual(await derived('farebox/1 backup passkey locator', 16));
    const key = await suite.importAesKey(await derived('farebox/1 backup passkey key', 32));
    const aad = encodeCbor(['farebox/backup-slot', 2, PASSKEY.credentialId]);
    expect(await suite.aesGcmSeal(key, SLOT_NONCE, aad, ENTROPY)).toEqual(slot.wrapped);
  });

  test('is asked for with the hash of a label, the same for everybody', async () => {
    const hash = await crypto.subtle.digest('SHA-256', utf8('farebox/1 backup passkey salt'));
    expect(BACKUP_PRF_SALT).toEqual(new Uint8Array(hash));
  });

  test('wipes the output that it was made of, and gives a key that no script can read', async () => {
    const given = fresh();
    const { slotKey } = await deriveBackupPasskey(given);
    expect(given.prfOutput).toEqual(new Uint8Array(32));
    expect(slotKey.extractable).toBe(false);
    for (const lengthBytes of [0, 31, 33]) {
      const wrong = deriveBackupPasskey({ ...fresh(), prfOutput: new Uint8Array(lengthBytes) });
      await expect(wrong).rejects.toThrow('module/internal');
    }
  });

  test('takes another nonce each time, of twelve bytes', async () => {
    const asked: number[] = [];
    const random = (lengthBytes: number) => {
      asked.push(lengthBytes);
      return bytesOf(`nonce ${asked.length}`, lengthBytes);
    };
    const [one, two] = [await sealBackupSlot(passkey, ENTROPY, random), await sealBackupSlot(passkey, ENTROPY, random)];
    expect(asked).toEqual([12, 12]);
    expect(one.wrapped).not.toEqual(two.wrapped);
  });
});

describe('BT-7: the slots of a backup', () => {
  test('lead from the passkey to the words, and the file to the place that is renewed for the passkey', async () => {
    const entropy = await openBackupSlots(readBackupSlots(file), passkey);
    expect(entropy).toEqual(ENTROPY);
    const opened = await openBackup({ bytes: file, entropy });
    expect(opened).toEqual({ snapshot, madeTime: NOW, passkeys: [{ slot, locator: passkey.locator }] });
    expect(await openBackup({ bytes: file, entropy: ENTROPY })).toEqual(opened);
  });

  test('open with the passkey that has one and with no other', async () => {
    const stranger = await deriveBackupPasskey(other());
    const theirs = await sealBackupSlot(stranger, bytesOf('other entropy', 16), () => SLOT_NONCE);
    await expect(openBackupSlots([slot], stranger)).rejects.toThrow('backup/wrong-passkey');
    await expect(openBackupSlots([], passkey)).rejects.toThrow('backup/wrong-passkey');
    const namesake = await deriveBackupPasskey({ ...other(), credentialId: PASSKEY.credentialId });
    await expect(openBackupSlots([slot], namesake)).rejects.toThrow('backup/wrong-passkey');
    expect(await openBackupSlots([theirs, slot], passkey)).toEqual(ENTROPY);
    // One of the same name that somebody put before it does not stand in the way.
    expect(await openBackupSlots([{ ...slot, wrapped: theirs.wrapped }, slot], passkey)).toEqual(ENTROPY);
  });

  test.each<[keyof BackupSlot, (value: Uint8Array) => Uint8Array]>([
    ['credentialId', bitFlipped],
    ['nonce', bitFlipped],
    ['wrapped', bitFlipped],
  ])('with another %s open with no passkey, and the file with no words', async (member, alter) => {
    const altered = { ...slot, [member]: alter(slot[member]) };
    await expect(openBackupSlots([altered], passkey)).rejects.toThrow('backup/wrong-passkey');
    const bytes = withSlots([encoded(altered)]);
    expect(readBackupSlots(bytes)).toEqual([altered]);
    await expect(openBackup({ bytes, entropy: ENTROPY })).rejects.toThrow('backup/wrong-words');
  });

  test('that were moved to another name do not open there', async () => {
    const renamed = { ...other(), prfOutput: PASSKEY.prfOutput.slice() };
    const moved = { ...slot, credentialId: renamed.credentialId };
    await expect(openBackupSlots([moved], await deriveBackupPasskey(renamed))).rejects.toThrow('backup/wrong-passkey');
  });

  test('that were taken away, added or put in another order are noticed by whoever opens the file with words', async () => {
    const second = await sealBackupSlot(await deriveBackupPasskey(other()), ENTROPY, () => SLOT_NONCE);
    const two = decodeCbor(await seal([slot, second]));
    if (!Array.isArray(two)) throw new Error('no array');
    const turned = encodeCbor(two.with(3, [encoded(second), encoded(slot)]));
    for (const bytes of [withSlots([]), withSlots([encoded(slot), encoded(second)]), turned])
      await expect(openBackup({ bytes, entropy: ENTROPY })).rejects.toThrow('backup/wrong-words');
  });

  test.each<[string, (fields: readonly CborValue[]) => CborValue]>([
    ['is no array', () => 1],
    ['has a member less', (fields) => fields.slice(0, 2)],
    ['has a member more', (fields) => [...fields, 0]],
    ['has an empty credential id', (fields) => fields.with(0, new Uint8Array(0))],
    ['has a credential id beyond 1023 bytes', (fields) => fields.with(0, new Uint8Array(1_024))],
    ['has a credential id that is no bytes', (fields) => fields.with(0, 'id')],
    ['has a nonce of another length', (fields) => fields.with(1, new Uint8Array(11))],
    ['wraps another length', (fields) => fields.with(2, new Uint8Array(33))],
  ])('of which one %s make the file malformed', async (_what, alter) => {
    const bytes = withSlots([alter(encoded(slot))]);
    expect(() => readBackupSlots(bytes)).toThrow('backup/malformed');
    await expect(openBackup({ bytes, entropy: ENTROPY })).rejects.toThrow('backup/malformed');
  });

  test('are eight at most', async () => {
    const slots = Array.from({ length: LIMITS.backupPasskeys + 1 }, () => slot);
    expect(readBackupSlots(await seal(slots.slice(1)))).toHaveLength(8);
    expect(() => readBackupSlots(withSlots(slots.map(encoded)))).toThrow('backup/malformed');
  });
});
