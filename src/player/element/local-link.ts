// A PlayerLink over the player of this page, in the terminal's own origin.

import type { Player } from '../player-intents.ts';
import { createStore, type ReadableStore } from '../store.ts';
import { linkStateOf, type ProgrammeFacts } from './link-state.ts';
import type { LinkState, PlayerLink } from './player-link.ts';

/** What the link is made over. */
export type LocalLinkParts = {
  readonly player: Player;
  /** Holds the module's frame. */
  readonly surface: HTMLElement;
  /** What the catalogue knows; null while it does not. */
  readonly facts: ReadableStore<(programmeId: string) => ProgrammeFacts | null>;
  /** True while only a press that this page has looked at may begin to play. */
  readonly needsPress: ReadableStore<boolean>;
};

/** Makes it. The player is the page's: closing the link lets go of the programme, and leaves the player. */
export function createLocalLink({ player, surface, facts, needsPress }: LocalLinkParts): PlayerLink {
  let programmeId: string | null = null;
  const now = (): LinkState => ({
    ...linkStateOf(
      player.state.getSnapshot(),
      programmeId,
      programmeId === null ? null : facts.getSnapshot()(programmeId),
    ),
    needsPress: needsPress.getSnapshot(),
  });
  const state = createStore<LinkState>(now());
  /** Play was asked for while the receipt of the session before was being made. */
  let again = false;
  const follow = (): void => {
    state.set(now());
    const { phase } = player.state.getSnapshot();
    if (!again || phase === 'stopping') return;
    again = false;
    // Not in the middle of the player's own step, whose end would undo it.
    if (phase === 'stopped' && !needsPress.getSnapshot()) queueMicrotask(beginAnew);
  };
  const beginAnew = (): void => {
    if (programmeId !== null && player.state.getSnapshot().phase === 'stopped') player.open(programmeId, 0);
  };
  const ends = [player.state.subscribe(follow), facts.subscribe(follow), needsPress.subscribe(follow)];
  const isOpen = (): boolean => {
    const { phase, programmeId: open } = player.state.getSnapshot();
    return open === programmeId && phase !== 'idle' && phase !== 'stopped';
  };

  return {
    state,
    surface,
    load(next) {
      if (player.state.getSnapshot().programmeId !== null) player.leave();
      programmeId = next;
      // Inside somebody else's page nothing is asked for in the person's name before they have pressed.
      if (next !== null && !needsPress.getSnapshot()) player.prepare(next);
      follow();
    },
    play() {
      if (programmeId === null) return;
      const { phase } = player.state.getSnapshot();
      if (phase === 'stopping' && isOpen()) again = true;
      else if (phase === 'failed' && isOpen()) player.retry();
      else if (isOpen()) player.play();
      // After its end it begins anew; else a session that is open is gone on with where it stood.
      else if (phase === 'stopped') beginAnew();
      else player.open(programmeId);
    },
    pause: player.pause,
    seek: player.seek,
    setVolume: player.setVolume,
    setRate: player.tracks.setRate,
    setSound: player.tracks.setSound,
    setCaptions: player.tracks.setCaptions,
    setRung: player.setRung,
    goLive: player.goLive,
    preview: player.preview,
    keepClear: player.tracks.keepClear,
    close() {
      for (const end of ends) end();
      player.leave();
    },
  };
}
