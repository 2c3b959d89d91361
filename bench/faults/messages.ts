// What the fault page and its module workers say to each other, beside the module's own two ports.
import type { SurfaceAnswer, SurfaceQuestion } from '../../src/worker-module/frame-messages.ts';

/** Page → worker. */
export type ToFaultWorker =
  | {
      readonly type: 'start';
      /** 32 bytes, Ed25519. */
      readonly agencyKey: Uint8Array;
      /** Added to the machine's clock, ms. */
      readonly clockOffsetMs: number;
      /** Number of the point, from 1, at which the worker stops for good; null: never. */
      readonly cutAt: number | null;
      /** The page writes 1 here and the worker stands still at its next point until it reads 0; null: never. */
      readonly hold: Int32Array | null;
      readonly commandPort: MessagePort;
      readonly eventPort: MessagePort;
    }
  | { readonly type: 'answered'; readonly number: number; readonly answer: SurfaceAnswer }
  /** Answered with `synced` when everything before was heard: the ports keep no order between them. */
  | { readonly type: 'sync' }
  /** Shows a frame that waits in the sink, or lets it go unseen. */
  | { readonly type: 'show' | 'withhold'; readonly frame: number };

/** Worker → page. */
export type FromFaultWorker =
  | { readonly type: 'started' }
  | { readonly type: 'synced' }
  /** A point was passed; `name` says what was about to happen or had just happened. */
  | { readonly type: 'passed'; readonly name: string }
  /** The worker stands still for good: it waits for its end. */
  | { readonly type: 'cut'; readonly name: string }
  | { readonly type: 'ask'; readonly number: number; readonly question: SurfaceQuestion }
  /** The frame lies in the sink and can be shown. */
  | { readonly type: 'waiting'; readonly frame: number }
  /** Shown or let go: durable. `code`: why it could not be. */
  | { readonly type: 'settled'; readonly frame: number; readonly shown: boolean; readonly code: string | null };
