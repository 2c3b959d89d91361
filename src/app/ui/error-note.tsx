// What went wrong, in the words of the error table: what happened and what is safe, what Farebox does by itself, what to do; with the code for those who help,
// and a button where something can be done. The words are a tenth of the terminal's code and most visits need none: they come when the first screen is done.

import { type ReactNode, Suspense } from 'react';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import { lazyPart } from './lazy-part.ts';

const texts = () => import('./error-texts.tsx');
const WordedNote = lazyPart(async () => (await texts()).WordedNote);
const Words = lazyPart(async () => (await texts()).Words);

export type ErrorNoteProps = {
  readonly code: FareboxErrorCode;
  /** Names the thing that did not work. */
  readonly title: string;
  /** Buttons. */
  readonly children?: ReactNode;
  /** Laid over the picture, which is dark in either theme. */
  readonly over?: boolean;
};

/** A note about one coded error. */
export function ErrorNote(props: ErrorNoteProps) {
  return (
    <Suspense fallback={null}>
      <WordedNote {...props} />
    </Suspense>
  );
}

/** The words of one code alone, within a paragraph. */
export function ErrorWords({ code }: { readonly code: FareboxErrorCode }) {
  return (
    <Suspense fallback={null}>
      <Words code={code} />
    </Suspense>
  );
}

/** Fetches the words ahead: what is said when the line is gone has to be here before. Where they do not come now, they are asked for when they are needed. */
export function fetchErrorWords(): void {
  texts().catch(() => undefined);
}
