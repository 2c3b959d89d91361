// One programme played by another player in this page: opened when the person says so, stopped with a receipt. The state behind embed-page.tsx;
// it draws nothing, and knows the other player only as something that can be attached to a video element.

import { type Output, openOutput } from '../../player/outputs/output.ts';
import type { PlayerPorts } from '../../player/ports.ts';
import { createStore, type ReadableStore } from '../../player/store.ts';
import { type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import type { OutputMode } from '../../protocol/output-modes.ts';

/** Another player that plays on an element. */
export type AttachedPlayer = {
  /** Shows captions, by the label of their part, or none. */
  showCaptions(label: string | null): void;
  /** Ends it. */
  detach(): Promise<void>;
};

/** Makes the other player play `output` on `video`. `onRefused` hears why a piece did not come. */
export type AttachPlayer = (
  video: HTMLVideoElement,
  output: Output,
  onRefused: (code: FareboxErrorCode) => void,
) => Promise<AttachedPlayer>;

/** Where it stands. `settling`: the receipt is being made. */
export type EmbedState =
  | { readonly phase: 'ready' | 'opening' }
  | { readonly phase: 'failed'; readonly code: FareboxErrorCode }
  | { readonly phase: 'playing' | 'settling'; readonly output: Output; readonly refused: FareboxErrorCode | null }
  /** `code`: why the provider has not answered the receipt yet; null where it has. */
  | { readonly phase: 'stopped'; readonly output: Output; readonly code: FareboxErrorCode | null };

/** The play of one programme. */
export type EmbedPlay = {
  readonly state: ReadableStore<EmbedState>;
  start(video: HTMLVideoElement): Promise<void>;
  /** Shows captions, by the label of their part, or none. Does nothing before it plays. */
  showCaptions(label: string | null): void;
  /** Ends the session: everything counted is on its receipt. */
  stop(): Promise<void>;
};

/** Makes the play of a programme that nobody has started yet. */
export function createEmbedPlay(order: {
  readonly programmeId: string;
  readonly mode: Exclude<OutputMode, 'display'>;
  readonly ports: PlayerPorts;
  readonly attach: AttachPlayer;
}): EmbedPlay {
  const { programmeId, mode, ports, attach } = order;
  const state = createStore<EmbedState>({ phase: 'ready' });
  let player: AttachedPlayer | null = null;

  const onRefused = (code: FareboxErrorCode): void => {
    const now = state.getSnapshot();
    if (now.phase === 'playing') state.set({ ...now, refused: code });
  };

  return {
    state,
    async start(video) {
      if (state.getSnapshot().phase !== 'ready' && state.getSnapshot().phase !== 'failed') return;
      state.set({ phase: 'opening' });
      const life = new AbortController();
      try {
        const output = await openOutput({ programmeId, mode, ports, signal: life.signal });
        state.set({ phase: 'playing', output, refused: null });
        player = await attach(video, output, onRefused);
        // A browser that lets nothing play by itself leaves it to the controls of the element.
        await video.play().catch(() => undefined);
      } catch (error) {
        life.abort();
        // The session stays open: the next start takes it up, and what was counted stays counted.
        const now = state.getSnapshot();
        const refused = now.phase === 'playing' ? now.refused : null;
        state.set({ phase: 'failed', code: refused ?? toErrorData(error).code });
      }
    },
    showCaptions: (label) => player?.showCaptions(label),
    async stop() {
      const now = state.getSnapshot();
      if (now.phase !== 'playing') return;
      const { output } = now;
      state.set({ ...now, phase: 'settling' });
      await player?.detach();
      const code = await output.close().then(
        () => null,
        (error: unknown) => toErrorData(error).code,
      );
      state.set({ phase: 'stopped', output, code });
    },
  };
}
