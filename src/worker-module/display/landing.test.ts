import { describe, expect, it, vi } from 'vitest';
import { Landing } from './landing.ts';

function landing() {
  const failed: unknown[] = [];
  const paid: string[] = [];
  const made = new Landing((outcome) => void outcome.catch((thrown: unknown) => failed.push(thrown)));
  return { made, failed, paid, owe: (what: string) => made.owe(async () => void paid.push(what)) };
}

describe('the landing of a seek', () => {
  it('BT-4: does what is owed when the picture is there, and not before', async () => {
    const { made, paid, owe } = landing();
    let arrived = false;
    void made.expect().then(() => {
      arrived = true;
    });
    owe('withhold');
    await Promise.resolve();
    expect([paid, arrived]).toEqual([[], false]);
    await made.land();
    expect([paid, arrived]).toEqual([['withhold'], true]);
    await made.land();
    expect(paid).toEqual(['withhold']);
  });

  it('BT-4: a newer seek ends the one before, and what that owed is done', async () => {
    const { made, paid, owe } = landing();
    const first = made.expect();
    owe('of the first');
    void made.expect();
    await first;
    owe('of the second');
    expect(paid).toEqual(['of the first']);
    await made.land();
    expect(paid).toEqual(['of the first', 'of the second']);
  });

  it('BT-4: does it at once where nothing is under way', async () => {
    const { paid, owe } = landing();
    owe('withhold');
    await Promise.resolve();
    expect(paid).toEqual(['withhold']);
  });

  it('BT-4: does it without a picture, too, in the end', async () => {
    vi.useFakeTimers();
    try {
      const { made, paid, owe } = landing();
      const arrived = made.expect();
      owe('withhold');
      await vi.runAllTimersAsync();
      await arrived;
      expect(paid).toEqual(['withhold']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells what the record refused', async () => {
    const { made, failed } = landing();
    void made.expect();
    made.owe(() => Promise.reject(new Error('full')));
    void made.expect();
    await vi.waitFor(() => expect(failed).toEqual([new Error('full')]));
  });
});
