// Asking the person, over the frame's messages: numbers the questions, lets one stand at a time, tells the host when the surface comes and
// goes, and takes no answer but one that fits its question. Made by worker.ts. A worker that restarts knows no question of an earlier one.

import { isPin } from '../protocol/derived-keys/pin.ts';
import { FareboxError } from '../protocol/errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { Ask } from './ask.ts';
import type { Clock } from './clock.ts';
import type { Emit } from './event-port.ts';
import type { SurfaceAnswer, SurfaceQuestion, WorkerToFrame } from './frame-messages.ts';
import { isPlainObject, ownValue } from './gate/plain.ts';
import { makeInTurn } from './in-turn.ts';
import { MODULE_LIMITS } from './limits.ts';

/** The asking end and the answering end. */
export type Asking = {
  readonly ask: Ask;
  /** Takes the window's answer to the question of this number; one for a question that does not stand is ignored. */
  answered(number: number, answer: unknown): void;
  /** Takes the question that stands back: it counts as refused. For a module that locks. */
  withdraw(): void;
};

/** What asking needs: the way to the frame, and the way to the host. */
export type AskingParts = {
  readonly post: (message: WorkerToFrame) => void;
  readonly emit: Emit;
  readonly clock: Clock;
};

type Standing = {
  readonly number: number;
  readonly question: SurfaceQuestion;
  resolve(answer: SurfaceAnswer): void;
  reject(error: unknown): void;
};

/** Makes the asking of this worker. */
export function makeAsking({ post, emit, clock }: AskingParts): Asking {
  let lastNumber = 0;
  let standing: Standing | null = null;
  let isShown = false;
  // The window hears one question at a time; one without a surface is short, and is waited for.
  const inTurn = makeInTurn();

  /** Puts one question to the window and waits for its answer. */
  async function put(question: SurfaceQuestion): Promise<SurfaceAnswer> {
    lastNumber += 1;
    const number = lastNumber;
    const outcome = Promise.withResolvers<SurfaceAnswer>();
    standing = { number, question, resolve: outcome.resolve, reject: outcome.reject };
    post({ type: 'ask', number, question });
    // A person who went away for good must not leave the module asking for ever, nor a window that looks nothing up.
    const isLookUp = question.kind === 'persist' && !question.ask;
    const cancel = clock.after(isLookUp ? MODULE_LIMITS.lookUpMs : MODULE_LIMITS.questionMs, takeBack);
    try {
      return await outcome.promise;
    } finally {
      cancel();
      standing = null;
    }
  }

  function takeBack(): void {
    if (standing === null) return;
    post({ type: 'ask-no-more' });
    standing.resolve({ kind: 'refused' });
  }

  async function show(question: SurfaceQuestion): Promise<SurfaceAnswer> {
    if (isShown) throw new FareboxError('consent/busy');
    isShown = true;
    emit({ type: 'surface', state: 'shown' });
    try {
      return await inTurn(() => put(question));
    } finally {
      isShown = false;
      emit({ type: 'surface', state: 'hidden' });
    }
  }

  return {
    ask: (question) => (question.kind === 'persist' ? inTurn(() => put(question)) : show(question)),
    answered: (number, answer) => {
      if (standing?.number !== number) return;
      try {
        standing.resolve(decodeAnswer(standing.question, answer));
      } catch (error) {
        standing.reject(error);
      }
    },
    withdraw: () => {
      if (isShown) takeBack();
    },
  };
}

type AnswerKind = SurfaceAnswer['kind'];

const FITTING: Readonly<Record<SurfaceQuestion['kind'], readonly AnswerKind[]>> = {
  approve: ['approved'],
  'new-passphrase': ['passphrase'],
  'new-passkey': ['passkey', 'unavailable'],
  unlock: ['passphrase', 'passkey', 'unavailable'],
  'backup-passkey': ['passkey', 'unavailable'],
  'show-words': ['approved'],
  'ask-words': ['words', 'passkey'],
  'new-pin': ['pin'],
  pin: ['pin'],
  card: ['card'],
  persist: ['persistence'],
};

/** The answer, built anew by its shape. @throws FareboxError `module/internal` where it does not fit the question. */
function decodeAnswer(question: SurfaceQuestion, candidate: unknown): SurfaceAnswer {
  if (!isPlainObject(candidate)) throw unfitting(question);
  const kind = ownValue(candidate, 'kind');
  if (kind === 'refused' || kind === 'covered') return { kind };
  const fitting = FITTING[question.kind].find((fits) => fits === kind);
  switch (fitting) {
    case 'approved':
    case 'unavailable':
      return { kind: fitting };
    case 'passphrase':
      return { kind: 'passphrase', passphrase: decodePassphrase(question, ownValue(candidate, 'passphrase')) };
    case 'passkey':
      if (question.kind === 'ask-words' && question.passkeys === null) throw unfitting(question);
      return {
        kind: 'passkey',
        credentialId: decodeBytes(question, ownValue(candidate, 'credentialId'), 1, LIMITS.credentialIdBytes),
        prfOutput: decodeBytes(question, ownValue(candidate, 'prfOutput'), 32, 32),
      };
    case 'words':
      return { kind: 'words', words: decodeWords(question, ownValue(candidate, 'words')) };
    case 'pin':
      return { kind: 'pin', pin: decodePin(question, ownValue(candidate, 'pin')) };
    case 'card':
      return decodeCardAnswer(question, candidate);
    case 'persistence': {
      const persistent = ownValue(candidate, 'persistent');
      if (typeof persistent !== 'boolean') throw unfitting(question);
      return { kind: 'persistence', persistent };
    }
    default:
      throw unfitting(question);
  }
}

function decodePassphrase(question: SurfaceQuestion, value: unknown): string {
  const minLength = question.kind === 'new-passphrase' ? question.minLength : 0;
  if (typeof value !== 'string' || value.length < minLength || value.length > MODULE_LIMITS.passphraseLengthMax) {
    throw unfitting(question);
  }
  return value;
}

function decodeBytes(question: SurfaceQuestion, value: unknown, least: number, most: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length < least || value.length > most) throw unfitting(question);
  return value;
}

function decodeWords(question: SurfaceQuestion, value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length > MODULE_LIMITS.typedWords) throw unfitting(question);
  return value.map((word: unknown) => {
    if (typeof word !== 'string' || word.length > MODULE_LIMITS.typedWordLength) throw unfitting(question);
    return word;
  });
}

function decodePin(question: SurfaceQuestion, value: unknown): string {
  if (!isPin(value)) throw unfitting(question);
  return value;
}

/** By shape alone: whether it is a card that can be used, whoever conceals it judges (protocol/derived-keys/card.ts). */
function decodeCardAnswer(question: SurfaceQuestion, candidate: object): SurfaceAnswer {
  const digits = (name: string, form: RegExp): string => {
    const value = ownValue(candidate, name);
    if (typeof value !== 'string' || !form.test(value)) throw unfitting(question);
    return value;
  };
  const pin = ownValue(candidate, 'pin');
  return {
    kind: 'card',
    number: digits('number', /^\d{12,19}$/),
    expiry: digits('expiry', /^\d{4}-(?:0[1-9]|1[0-2])$/),
    verification: digits('verification', /^\d{3,4}$/),
    pin: pin === null ? null : decodePin(question, pin),
  };
}

function unfitting(question: SurfaceQuestion): FareboxError {
  return new FareboxError('module/internal', { answer: question.kind });
}
