// Whether a newer version may be taken: not while anything goes on in any tab. The locks are real.

import { describe, expect, it, vi } from 'vitest';
import { PLAYER_PHASES } from '../player/machine.ts';
import { PLAYER_AT_REST, type PlayerState } from '../player/player-state.ts';
import { createStore } from '../player/store.ts';
import { isWatching, noTabIsBusy, tellBusyTab } from './busy-tab.ts';

describe('a busy tab', () => {
  it('BT-7: is one that watches, agrees or signs, and no other', () => {
    expect(PLAYER_PHASES.filter((phase) => !isWatching({ phase }))).toEqual(['idle', 'stopped', 'failed']);
  });

  it('BT-7: holds a newer version off in every tab until it is done', async () => {
    const player = createStore<PlayerState>(PLAYER_AT_REST);
    const asking = createStore(false);
    tellBusyTab(player, asking);
    expect(await noTabIsBusy()).toBe(true);
    player.set({ ...PLAYER_AT_REST, phase: 'playing' });
    await vi.waitFor(async () => expect(await noTabIsBusy()).toBe(false));
    asking.set(true);
    player.set({ ...PLAYER_AT_REST, phase: 'stopped' });
    expect(await noTabIsBusy()).toBe(false);
    asking.set(false);
    await vi.waitFor(async () => expect(await noTabIsBusy()).toBe(true));
  });
});
