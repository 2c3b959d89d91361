// The steps of a walk that choose what is heard and read, and look ahead by previews. Called by steps.ts. None of them may change a count,
// which the reckoning at the end of the walk shows.

import { SOUND_LABEL } from '../provider-side.ts';
import { ask } from './errands.ts';
import type { WalkTab, World } from './world.ts';

/** Refusals of a command about a session that has ended, or is active in another tab. */
const NOT_PLAYING = ['session/closed', 'session/not-active', 'session/unknown'] as const;

/** Chooses the sound that there is. */
export async function chooseSound(world: World, tab: WalkTab, session: string): Promise<void> {
  await ask(world, tab, 'setSound', { session, label: SOUND_LABEL }, NOT_PLAYING);
}

/** Chooses captions: none, or some that the programme has not. */
export async function chooseCaptions(world: World, tab: WalkTab, session: string): Promise<void> {
  const label = world.chance() < 0.5 ? null : 'captions/none';
  await ask(world, tab, 'setCaptions', { session, label }, [...NOT_PLAYING, 'frame/unknown-part']);
}

/** Plays slower or faster. */
export async function chooseRate(world: World, tab: WalkTab, session: string): Promise<void> {
  await ask(world, tab, 'setRate', { session, rate: 0.5 + world.chance() * 1.5 }, NOT_PLAYING);
}

/** Looks for a place. */
export async function lookAhead(world: World, tab: WalkTab, session: string): Promise<void> {
  const positionMs = world.chance() < 0.2 ? null : Math.floor(world.chance() * 20_000);
  await ask(world, tab, 'preview', { session, positionMs, at: world.chance() }, NOT_PLAYING);
}

/** Gives a sheet, of a programme that has none: nothing becomes of it. */
export async function giveSheet(world: World, tab: WalkTab, session: string): Promise<void> {
  await ask(world, tab, 'deliverSheet', { session, sheet: 0, sealed: new ArrayBuffer(64) }, NOT_PLAYING);
}
