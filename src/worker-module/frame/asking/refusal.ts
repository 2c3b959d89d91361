// What the worker is told of a step that did not end with a yes.

import type { SurfaceAnswer } from '../../frame-messages.ts';
import type { Outcome } from './surface.ts';

/** `covered` where the surface could not be seen, `refused` for everything else that is no yes. */
export function refusal(outcome: Exclude<Outcome, 'yes' | 'other'>): SurfaceAnswer {
  return { kind: outcome === 'covered' ? 'covered' : 'refused' };
}
