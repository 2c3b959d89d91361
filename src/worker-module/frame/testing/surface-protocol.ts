// What a test says to the worker under the surface, over the command port: the questions to ask, and the answers that came back.
// Test code: the frame in between is the product's own, whole.

import type { SurfaceAnswer, SurfaceQuestion } from '../../frame-messages.ts';

export type { SurfaceAnswer, SurfaceQuestion };

/** Test → worker. */
export type ToSurfaceWorker =
  | { readonly type: 'ask'; readonly number: number; readonly question: SurfaceQuestion }
  | { readonly type: 'ask-no-more' }
  /** The worker ends itself, as a crash would. */
  | { readonly type: 'die' };

/** Worker → test: the answer as it came. */
export type FromSurfaceWorker = { readonly number: number; readonly answer: SurfaceAnswer };
