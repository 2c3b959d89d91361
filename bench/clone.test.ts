// The clone measure, small, for every change: the stories and lives of bench/clone.ts from one seed, in its full size behind
// `npm run torture -- clone`.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runClones } from './clone.ts';
import { begin, endSeats, makeDevice, openSeat, quiet, show } from './rig/clone-device.ts';
import { type CloneProvider, openCloneProvider } from './rig/clone-provider.ts';
import { reckonFrames } from './rig/clone-reckoning.ts';
import { tellStory } from './rig/clone-story.ts';

const SEED = 20_260_721;

describe('copies of a module', () => {
  let provider: CloneProvider;
  beforeAll(async () => {
    provider = await openCloneProvider();
  });
  afterAll(() => provider.close());

  test('BT-2: every copy is named when it meets the provider, nobody else is, and every frame shown is in a receipt', async () => {
    const tally = await runClones(provider, SEED, { stories: 20, restarts: 60 }, () => undefined);
    expect(tally.troubles).toEqual([]);
    expect(tally).toMatchObject({ stories: 20, restarts: 60, named: tally.meetings, alarms: 0, lost: 0 });
    expect(tally.meetings).toBeGreaterThanOrEqual(20);
    expect(tally.shown).toBeGreaterThan(50);
  });

  test('BT-8: two copies that ended two sessions at one place of the record have both receipts taken, one after the other', async () => {
    const outcome = await tellStory(provider, 1, 'twins');
    expect(outcome).toMatchObject({ troubles: [], lost: 0, named: outcome.meetings });
  });

  test.each([
    ['behind', -10],
    ['ahead', 10],
  ])(
    'BT-8: a session that ends while the clock is ten years %s has a receipt that the provider takes',
    async (_way, years) => {
      const device = makeDevice(provider, 'the profile');
      const seat = await openSeat(device);
      const [programme] = provider.programmes;
      if (programme === undefined) throw new Error('there is no programme');
      const { session } = await begin(seat, programme);
      await show(device, seat, programme, session, 0);
      const offMs = years * 365 * 24 * 3_600_000;
      device.browser.clock.advance(offMs);
      // Ahead, the grant has ended and nothing more is shown; behind, what is shown has times of its own.
      if (years < 0) await show(device, seat, programme, session, 1);
      await seat.module.call('closeSession', { session });
      device.browser.clock.advance(-offMs);
      await seat.relay.settle(session);
      await quiet(device);
      expect(await seat.module.call('receipts', {})).toMatchObject([
        { session, state: 'accepted', count: years < 0 ? 2 : 1 },
      ]);
      expect(await reckonFrames(provider, [device])).toMatchObject({ lost: 0, troubles: [] });
      endSeats(device);
    },
  );
});
