// What error-note.tsx shows, with the words of every code: a chunk of its own.

import { ERROR_WORDS, errorWords } from '../../protocol/error-words.ts';
import { ERROR_DEEDS } from '../../protocol/errors/entry.ts';
import { ERRORS, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { ErrorNoteProps } from './error-note.tsx';
import { Note } from './note.tsx';

/** A note about one coded error. `title` names the thing that did not work. */
export function WordedNote({ code, title, children, over = false }: ErrorNoteProps) {
  const { severity, did } = ERRORS[code];
  const { message, next } = ERROR_WORDS[code];
  const quiet = severity === 'info' || severity === 'warning';
  const ways = [ERROR_DEEDS[did], next].filter((words) => words !== '').join(' ');
  return (
    <Note icon="warning" title={title} words={message} ways={ways} code={code} alarming={!quiet} over={over}>
      {children}
    </Note>
  );
}

/** The words alone, within a sentence or a paragraph. */
export function Words({ code }: { readonly code: FareboxErrorCode }) {
  return errorWords(code);
}
