// The checkpoint: two slots in turn, a high-water mark that never goes down, written soon after a commit and at once when asked.

import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../protocol/bytes.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { randomBytes } from '../testing/provider-side.ts';
import { makeTestClock } from '../testing/test-clock.ts';
import {
  type CheckpointReading,
  type CheckpointSlots,
  openCheckpoint,
  readCheckpoint,
  sealCheckpoint,
} from './checkpoint.ts';
import { makeCheckpointer } from './checkpointer.ts';
import type { VaultSlot } from './rows.ts';
import { makeSealingKey } from './testing/make-sealing-key.ts';
import { makeMemoryLocks } from './testing/memory-locks.ts';
import { META_ROWS } from './testing/sample-rows.ts';

const [{ slots: VAULT }] = META_ROWS;

async function setUp() {
  const bytes: [Uint8Array | null, Uint8Array | null] = [null, null];
  const written: number[] = [];
  const stored = { counter: 0, text: 'nothing yet', vault: VAULT };
  const slots: CheckpointSlots = {
    read: async () => [bytes[0], bytes[1]],
    write: async (slot, content) => {
      written.push(slot);
      bytes[slot] = content;
    },
    remove: async () => void bytes.fill(null),
  };
  const clock = makeTestClock();
  const checkpointKey = await makeSealingKey();
  const failures: string[] = [];
  const parts = {
    ...{ slots, clock, checkpointKey, random: randomBytes },
    vault: async (): Promise<readonly VaultSlot[]> => stored.vault,
    snapshot: async () => ({ counter: stored.counter, bytes: new TextEncoder().encode(stored.text) }),
    onFailure: (error: Error) => failures.push(error.message),
  };
  const locks = makeMemoryLocks();
  const makeOne = () => makeCheckpointer({ ...parts, locks });
  const checkpointer = makeOne();
  const change = (counter: number, text = `state ${counter}`) => {
    Object.assign(stored, { counter, text });
    checkpointer.noteChange(counter);
  };
  return { bytes, slots, written, stored, clock, checkpointKey, checkpointer, makeOne, change, failures };
}

function newestOf(reading: CheckpointReading) {
  if (reading.state !== 'found') throw new Error('no checkpoint was found');
  return reading.newest;
}

describe('BT-7: the checkpoint', () => {
  test('says what is stored when it is written, and takes the two slots in turn', async () => {
    const { slots, written, checkpointKey, checkpointer, change } = await setUp();
    for (const counter of [1, 2, 3]) {
      change(counter);
      await checkpointer.flush();
    }
    expect(written).toEqual([0, 1, 0]);
    const newest = newestOf(await readCheckpoint(slots));
    expect(newest).toMatchObject({ version: 2, serial: 3, counter: 3, vault: VAULT });
    expect(new TextDecoder().decode(await openCheckpoint(newest, checkpointKey))).toBe('state 3');
  });

  test('is written once for many changes, when the time has come, with the newest of them', async () => {
    const { slots, written, clock, checkpointer, change } = await setUp();
    for (let counter = 1; counter <= 10; counter += 1) change(counter);
    clock.advance(MODULE_LIMITS.checkpointMs - 1);
    expect(written).toEqual([]);
    clock.advance(1);
    await checkpointer.flush();
    expect(written).toEqual([0]);
    expect(newestOf(await readCheckpoint(slots)).counter).toBe(10);
  });

  test('is written for a change that has no entry, too', async () => {
    const { slots, checkpointKey, checkpointer, change } = await setUp();
    change(4, 'before the certificate');
    await checkpointer.flush();
    change(4, 'with the certificate');
    await checkpointer.flush();
    const bytes = await openCheckpoint(newestOf(await readCheckpoint(slots)), checkpointKey);
    expect(new TextDecoder().decode(bytes)).toBe('with the certificate');
  });

  test('is not written again where nothing was noted', async () => {
    const { written, checkpointer, change } = await setUp();
    change(1);
    await checkpointer.flush();
    await checkpointer.flush();
    expect(written).toEqual([0]);
  });

  test('never goes down: a store that was wound back changes nothing, and both anew is refused', async () => {
    const { slots, written, checkpointer, change } = await setUp();
    change(5);
    await checkpointer.flush();
    change(4);
    await checkpointer.flush();
    await expect(checkpointer.rewriteBoth()).rejects.toThrow('store/wiped');
    expect(written).toEqual([0]);
    expect(newestOf(await readCheckpoint(slots)).counter).toBe(5);
  });

  test('both anew leaves no slot with the old vault', async () => {
    const { bytes, slots, stored, checkpointer, change } = await setUp();
    for (const counter of [1, 2]) {
      change(counter);
      await checkpointer.flush();
    }
    stored.vault = VAULT.filter((slot) => slot.kind !== 'device');
    await checkpointer.rewriteBoth();
    for (const side of [0, 1] as const) {
      const alone: CheckpointSlots = {
        ...slots,
        read: async () => [side === 0 ? bytes[0] : null, side === 1 ? bytes[1] : null],
      };
      expect(newestOf(await readCheckpoint(alone)).vault.map((slot) => slot.kind)).toEqual(['passkey', 'passphrase']);
    }
  });

  test('of two tabs says what the later one found stored', async () => {
    const { slots, stored, checkpointer, makeOne } = await setUp();
    const other = makeOne();
    Object.assign(stored, { counter: 2 });
    checkpointer.noteChange(1);
    other.noteChange(2);
    await Promise.all([other.flush(), checkpointer.flush()]);
    expect(newestOf(await readCheckpoint(slots)).counter).toBe(2);
  });

  test('taken away is as if it had never been written', async () => {
    const { slots, checkpointer, change } = await setUp();
    change(3);
    await checkpointer.flush();
    await slots.remove();
    expect(await readCheckpoint(slots)).toEqual({ state: 'none' });
  });

  test('does not open with a changed counter, serial, vault, body or key', async () => {
    const { slots, checkpointKey, checkpointer, change } = await setUp();
    change(5);
    await checkpointer.flush();
    const newest = newestOf(await readCheckpoint(slots));
    const sealed = Uint8Array.from(newest.sealed, (byte, at) => (at === 0 ? byte ^ 1 : byte));
    for (const altered of [{ counter: 6 }, { serial: 2 }, { vault: VAULT.slice(1) }, { sealed }]) {
      await expect(openCheckpoint({ ...newest, ...altered }, checkpointKey)).rejects.toThrow('store/altered');
    }
    await expect(openCheckpoint(newest, await makeSealingKey())).rejects.toThrow('store/altered');
  });

  test('cut at any byte is a torn slot, and the other slot stands', async () => {
    const { bytes, slots, checkpointer, change } = await setUp();
    for (const counter of [1, 2]) {
      change(counter);
      await checkpointer.flush();
    }
    const whole = bytes[1] ?? new Uint8Array();
    for (let length = 0; length < whole.length; length += 1) {
      bytes[1] = whole.subarray(0, length);
      expect(newestOf(await readCheckpoint(slots)).counter).toBe(1);
    }
    bytes[0] = new Uint8Array();
    expect(await readCheckpoint(slots)).toEqual({ state: 'damaged' });
  });

  test('larger than a slot may be is refused before it is written', async () => {
    const { checkpointKey } = await setUp();
    const given = { serial: 1, counter: 1, vault: VAULT, checkpointKey, random: randomBytes };
    const snapshot = new Uint8Array(MODULE_LIMITS.checkpointBytes);
    await expect(sealCheckpoint({ ...given, snapshot })).rejects.toThrow('store/full');
    const fitting = await sealCheckpoint({ ...given, snapshot: snapshot.subarray(4_096) });
    const slots: CheckpointSlots = {
      read: async () => [fitting, null],
      write: async () => undefined,
      remove: async () => undefined,
    };
    expect(newestOf(await readCheckpoint(slots)).counter).toBe(1);
  });

  test('that cannot be written is said: to the one who waits for it, or in the background, and is written once it can', async () => {
    const { slots, written, clock, checkpointer, change, failures } = await setUp();
    const { write } = slots;
    slots.write = async () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    change(1);
    await expect(checkpointer.flush()).rejects.toThrow('store/full');
    change(2);
    clock.advance(MODULE_LIMITS.checkpointMs);
    await checkpointer.flush().catch(() => undefined);
    expect(failures).toEqual(['store/full']);
    slots.write = write;
    await checkpointer.flush();
    expect(written).toEqual([0]);
    expect(newestOf(await readCheckpoint(slots)).counter).toBe(2);
  });

  test('of a newer build stops the module', async () => {
    const { slots, bytes } = await setUp();

    const payload = encodeCbor(['farebox/checkpoint', 3, 1, 1, 'whatever comes then']);
    bytes[0] = concatBytes(sha256(payload), payload);
    await expect(readCheckpoint(slots)).rejects.toThrow('store/newer-version');
  });
});
