// Approve or refuse: the amount largest, for whom, and the lines that the worker made from what it verified.

import type { SurfaceAnswer, SurfaceQuestion } from '../../../frame-messages.ts';
import { element } from '../elements.ts';
import { refusal } from '../refusal.ts';
import type { Surface } from '../surface.ts';

/** Answers `approved`, or why not. */
export async function askApproval(
  surface: Surface,
  question: Extract<SurfaceQuestion, { kind: 'approve' }>,
): Promise<SurfaceAnswer> {
  const { title, amount, party, lines, yes, grave } = question;
  const outcome = await surface.ask({
    title,
    grave,
    content: [
      ...(amount === null ? [] : [element('p', { class: 'amount' }, amount)]),
      ...(party === null
        ? []
        : [element('p', { class: 'party' }, element('span', { class: 'quiet' }, 'To '), element('strong', {}, party))]),
      ...(lines.length === 0
        ? []
        : [element('ul', { class: 'lines' }, ...lines.map((line) => element('li', {}, line)))]),
    ],
    yes,
    no: 'Not now',
  });
  return outcome === 'yes' ? { kind: 'approved' } : refusal(outcome === 'other' ? 'no' : outcome);
}
