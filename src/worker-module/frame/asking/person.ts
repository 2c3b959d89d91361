// Takes the worker's questions to the person, or to the window's own powers, and brings the answers back. One question at a time:
// a newer one takes the place of an older one, which is then never answered.

import type { SurfaceAnswer, SurfaceQuestion } from '../../frame-messages.ts';
import { askApproval } from './questions/approve.ts';
import { askBackupPasskey } from './questions/backup-passkey.ts';
import { askCard } from './questions/card.ts';
import { askNewPassphrase } from './questions/new-passphrase.ts';
import { askNewPasskey } from './questions/passkeys.ts';
import { askNewPin, askPin } from './questions/pin.ts';
import { askUnlock } from './questions/unlock.ts';
import { askWords, showWords } from './questions/words.ts';
import { openSurface, type Surface } from './surface.ts';

/** The person before this window, as one worker sees them. */
export type Person = {
  ask(number: number, question: SurfaceQuestion): void;
  /** Takes the surface away; what it asked is not answered any more. */
  askNoMore(): void;
};

/** `answer` reaches the worker that asks. Buffers of a passkey are transferred with it. */
export function makePerson(answer: (number: number, answer: SurfaceAnswer, transfer: Transferable[]) => void): Person {
  let standing: AbortController | null = null;
  const askNoMore = () => {
    standing?.abort();
    standing = null;
  };
  return {
    askNoMore,
    ask(number, question) {
      askNoMore();
      const asked = new AbortController();
      standing = asked;
      const settle = (given: SurfaceAnswer) => {
        if (standing !== asked) return;
        askNoMore();
        answer(number, given, given.kind === 'passkey' ? [given.prfOutput.buffer] : []);
      };
      put(question, asked.signal).then(settle, (thrown: unknown) => {
        // A defect of this window: the worker must not wait for ever, and the defect must not stay unseen.
        settle({ kind: 'unavailable' });
        reportError(thrown);
      });
    },
  };
}

async function put(question: SurfaceQuestion, signal: AbortSignal): Promise<SurfaceAnswer> {
  const open = (): Surface => {
    const surface = openSurface();
    signal.addEventListener('abort', surface.close, { once: true });
    return surface;
  };
  switch (question.kind) {
    case 'approve':
      return askApproval(open(), question);
    case 'new-passphrase':
      return askNewPassphrase(open(), question);
    case 'new-passkey':
      return askNewPasskey(open(), question, signal);
    case 'unlock':
      return askUnlock(open(), question, signal);
    case 'backup-passkey':
      return askBackupPasskey(open(), question, signal);
    case 'show-words':
      return showWords(open(), question);
    case 'ask-words':
      return askWords(open(), question, signal);
    case 'new-pin':
      return askNewPin(open(), question);
    case 'pin':
      return askPin(open(), question);
    case 'card':
      return askCard(open(), question);
    case 'persist':
      return askPersistence(question.ask);
  }
}

/** No surface: the browser decides by itself or asks in its own words. */
async function askPersistence(ask: boolean): Promise<SurfaceAnswer> {
  const persistent = (await navigator.storage.persisted()) || (ask && (await navigator.storage.persist()));
  return { kind: 'persistence', persistent };
}
