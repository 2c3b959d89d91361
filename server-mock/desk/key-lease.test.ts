import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../../src/protocol/errors.ts';
import { KeyLease } from './key-lease.ts';

const IDLE_MS = 1_000;

describe('SD-5: the key unit, for as long as the desk needs it', () => {
  /** What was done, in order. */
  let trace: string[];
  let refusal: FareboxError | null;
  const lease = () =>
    new KeyLease(async () => {
      trace.push('open');
      if (refusal !== null) throw refusal;
      const none = async () => [];
      return {
        keys: { sets: none, apps: none, customize: none },
        close: async () => {
          trace.push('close');
        },
      };
    }, IDLE_MS);
  beforeEach(() => {
    vi.useFakeTimers();
    trace = [];
    refusal = null;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is opened once for what is asked in one go, and given free a moment after', async () => {
    const keys = lease();
    await Promise.all([keys.use((unit) => unit.sets()), keys.use((unit) => unit.sets())]);
    await vi.advanceTimersByTimeAsync(IDLE_MS - 1);
    await keys.use((unit) => unit.sets());
    expect(trace).toEqual(['open']);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    expect(trace).toEqual(['open', 'close']);
    await keys.use((unit) => unit.sets());
    expect(trace).toEqual(['open', 'close', 'open']);
    await keys.close();
  });

  it('is not taken from under work that is going on, and looked for again where it was gone', async () => {
    const keys = lease();
    const { promise, resolve } = Promise.withResolvers<void>();
    const long = keys.use(() => promise);
    const gone = keys.use(() => Promise.reject(new FareboxError('network/unreachable')));
    await expect(gone).rejects.toThrow('network/unreachable');
    await vi.advanceTimersByTimeAsync(10 * IDLE_MS);
    expect(trace).toEqual(['open']);
    resolve();
    await long;
    await vi.advanceTimersByTimeAsync(0);
    expect(trace).toEqual(['open', 'close']);
    await keys.use((unit) => unit.sets());
    expect(trace).toEqual(['open', 'close', 'open']);
    await keys.close();
  });

  it('that cannot be opened is said to whoever asked, and tried again for the next one', async () => {
    const keys = lease();
    refusal = new FareboxError('server/locked');
    await expect(keys.use((unit) => unit.sets())).rejects.toThrow('server/locked');
    refusal = null;
    expect(await keys.use((unit) => unit.sets())).toEqual([]);
    await keys.close();
    expect(trace).toEqual(['open', 'open', 'close']);
  });

  it('is kept through a refusal that is about what was asked', async () => {
    const keys = lease();
    const refused = keys.use(() => Promise.reject(new FareboxError('keys/unknown-set')));
    await expect(refused).rejects.toThrow('keys/unknown-set');
    await keys.use((unit) => unit.sets());
    expect(trace).toEqual(['open']);
    await keys.close();
  });
});
