// Asks the person on the module's own surface to approve one thing. Called by whatever spends, exports, deletes or grants beyond what was
// set. What the question says is made from verified objects; text that another party wrote goes through `quoteForeign` first.

import { FareboxError } from '../../protocol/errors.ts';
import type { Ask } from '../ask.ts';
import type { SurfaceQuestion } from '../frame-messages.ts';

/** What is put to the person. */
export type Approval = Omit<Extract<SurfaceQuestion, { kind: 'approve' }>, 'kind'>;

/** Returns once the person has approved. @throws FareboxError `consent/refused`, `consent/covered`, `consent/busy`. */
export async function expectApproved(core: { readonly ask: Ask }, approval: Approval): Promise<void> {
  const { kind } = await core.ask({ kind: 'approve', ...approval });
  if (kind === 'approved') return;
  // Any other answer than a plain yes is a no: a surface that cannot ask has not asked.
  throw new FareboxError(kind === 'covered' ? 'consent/covered' : 'consent/refused');
}

/** Another party's words inside a question: in quotation marks, without what could break the line or turn the direction of the text. */
export function quoteForeign(text: string): string {
  return `“${text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}“”]/gu, ' ').trim()}”`;
}
