// The checkpoint: two slots in turn, a high-water mark that never goes down, written soon after a commit and at once when asked.

import { describe, expect, test } from 'vitest';
import { makeTestClock } from '../testing/browser.ts';
import { randomBytes } from '../testing/provider-side.ts';
import { type CheckpointSlots, openCheckpoint, readCheckpoint } from './checkpoint.ts';
import { makeCheckpointer } from './checkpointer.ts';
import { makeSealingKey } from './sealing.ts';
import { makeMemoryLocks } from './testing/memory-locks.ts';

const head = new Uint8Array(32).fill(7);

async function setUp() {
  const bytes: [Uint8Array | null, Uint8Array | null] = [null, null];
  const written: number[] = [];
  const slots: CheckpointSlots = {
    read: async () => [bytes[0], bytes[1]],
    write: async (slot, content) => {
      written.push(slot);
      bytes[slot] = content;
    },
  };
  const clock = makeTestClock();
  const sealingKey = await makeSealingKey();
  const failures: string[] = [];
  const checkpointer = makeCheckpointer({
    ...{ slots, clock, sealingKey, locks: makeMemoryLocks(), random: randomBytes },
    onFailure: (error) => failures.push(error.code),
  });
  return { bytes, slots, written, clock, sealingKey, checkpointer, failures };
}

describe('BT-7: the checkpoint', () => {
  test('says what was noted last, and takes the two slots in turn', async () => {
    const { slots, written, sealingKey, checkpointer } = await setUp();
    for (const counter of [1, 2, 3]) {
      checkpointer.note({ counter, head });
      await checkpointer.flush();
    }
    expect(written).toEqual([0, 1, 0]);
    const reading = await readCheckpoint(slots);
    if (reading.state !== 'found') throw new Error('no checkpoint was found');
    expect(reading.newest.counter).toBe(3);
    expect(await openCheckpoint(reading.newest, sealingKey)).toEqual({ counter: 3, head });
  });

  test('is written once for many notes, when the time has come', async () => {
    const { written, clock, checkpointer } = await setUp();
    for (let counter = 1; counter <= 10; counter += 1) checkpointer.note({ counter, head });
    clock.advance(249);
    expect(written).toEqual([]);
    clock.advance(1);
    await checkpointer.flush();
    expect(written).toEqual([0]);
  });

  test('never goes down: an older note beside a newer slot changes nothing', async () => {
    const { slots, written, checkpointer } = await setUp();
    checkpointer.note({ counter: 5, head });
    await checkpointer.flush();
    checkpointer.note({ counter: 4, head });
    await checkpointer.flush();
    expect(written).toEqual([0]);
    expect(await readCheckpoint(slots)).toMatchObject({ newest: { counter: 5 } });
  });

  test('does not open with a changed counter, head or key', async () => {
    const { slots, sealingKey, checkpointer } = await setUp();
    checkpointer.note({ counter: 5, head });
    await checkpointer.flush();
    const reading = await readCheckpoint(slots);
    if (reading.state !== 'found') throw new Error('no checkpoint was found');
    const { newest } = reading;
    const sealed = Uint8Array.from(newest.sealed).fill(0, 0, 1);
    await expect(openCheckpoint({ ...newest, counter: 6 }, sealingKey)).rejects.toThrow('store/altered');
    await expect(openCheckpoint({ ...newest, serial: 2 }, sealingKey)).rejects.toThrow('store/altered');
    await expect(openCheckpoint({ ...newest, sealed }, sealingKey)).rejects.toThrow('store/altered');
    await expect(openCheckpoint(newest, await makeSealingKey())).rejects.toThrow('store/altered');
  });

  test('cut at any byte is a torn slot, and the other slot stands', async () => {
    const { bytes, slots, checkpointer } = await setUp();
    for (const counter of [1, 2]) {
      checkpointer.note({ counter, head });
      await checkpointer.flush();
    }
    const whole = bytes[1] ?? new Uint8Array();
    for (let length = 0; length < whole.length; length += 1) {
      bytes[1] = whole.subarray(0, length);
      expect(await readCheckpoint(slots)).toMatchObject({ state: 'found', newest: { counter: 1 } });
    }
  });

  test('that cannot be written is said: to the one who waits for it, or in the background', async () => {
    const { slots, clock, checkpointer, failures } = await setUp();
    slots.write = async () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    checkpointer.note({ counter: 1, head });
    await expect(checkpointer.flush()).rejects.toThrow('store/full');
    checkpointer.note({ counter: 2, head });
    clock.advance(250);
    await checkpointer.flush().catch(() => undefined);
    expect(failures).toEqual(['store/full']);
  });
});
