// What went wrong, in the words of the error table: what happened and what is safe, what Farebox does by itself, what to do; with the code for those who help,
// and a button where something can be done.

import type { ReactNode } from 'react';
import { ERROR_DEEDS } from '../../protocol/errors/entry.ts';
import { ERRORS, type FareboxErrorCode } from '../../protocol/errors.ts';
import { Note } from './note.tsx';

/** A note about one coded error. `title` names the thing that did not work. */
export function ErrorNote({
  code,
  title,
  children,
  over = false,
}: {
  readonly code: FareboxErrorCode;
  readonly title: string;
  /** Buttons. */
  readonly children?: ReactNode;
  /** Laid over the picture, which is dark in either theme. */
  readonly over?: boolean;
}) {
  const { severity, message, did, next } = ERRORS[code];
  const quiet = severity === 'info' || severity === 'warning';
  const ways = [ERROR_DEEDS[did], next].filter((words) => words !== '').join(' ');
  return (
    <Note icon="warning" title={title} words={message} ways={ways} code={code} alarming={!quiet} over={over}>
      {children}
    </Note>
  );
}
