// What may wait until a programme that is being opened shows its first picture: reading the module's status takes the module as long as
// opening a session does. Called by terminal.ts.

import type { Player } from '../../player/player-intents.ts';

/** The longest that anything waits. */
const LONGEST_MS = 1_000;

/** Calls `then` at once where nothing is being opened, else with the first picture, with whatever came in its place, or after a second. */
export function whenSettled(player: Pick<Player, 'state'>, then: () => void): void {
  const isOpening = (): boolean => {
    const { phase, pictureShown } = player.state.getSnapshot();
    return !pictureShown && (phase === 'opening' || phase === 'waiting');
  };
  if (!isOpening()) {
    then();
    return;
  }
  const end = (): void => {
    clearTimeout(timer);
    leave();
    then();
  };
  const timer = setTimeout(end, LONGEST_MS);
  const leave = player.state.subscribe(() => {
    if (!isOpening()) end();
  });
}
