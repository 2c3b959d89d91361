// The port to the person: a question on the module's own surface, one at a time. Made by worker.ts over the frame's messages, by tests over
// a script. A core asks here and nowhere else; what was verified goes into the question, never the host's words.

import type { SurfaceAnswer, SurfaceQuestion } from './frame-messages.ts';

/** Asks the window; resolves with its answer. Rejects with FareboxError `consent/busy` while another question stands. */
export type Ask = (question: SurfaceQuestion) => Promise<SurfaceAnswer>;
