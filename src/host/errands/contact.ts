// P1, docs/protocol.md §5: a challenge that names the module, and the module's signed response to it. Every other errand that speaks
// to the provider begins with it. Each contact is used for one request; one may be made ahead, since a challenge is good for a minute.

import { ERRORS, FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { HOST_LIMITS } from '../limits.ts';
import type { Contacted } from '../provider.ts';
import { type RelayParts, type Send, unaborted } from './parts.ts';

/** Certifies the same keys again; the certificate. */
export type Certify = () => Promise<{ readonly certificate: Uint8Array<ArrayBuffer> }>;

/** One contact of the module of this id, for one thing. */
export type Contact = <T>(moduleId: string, signal: AbortSignal, send: Send<T>) => Promise<T>;

/** Refusals of a contact that was made ahead and was kept too long, or is of keys that are gone: one made now may do. */
const MADE_ANEW: ReadonlySet<FareboxErrorCode> = new Set([
  'challenge/expired',
  'challenge/unknown',
  'challenge/replayed',
  'challenge/malformed',
]);

/** Contacts of this page. */
export type Contacts = {
  readonly contact: Contact;
  /** Whether a contact that was made ahead is here, or on its way, and young enough. */
  isPrepared(): boolean;
  /** Makes a contact of the module of this id ahead. Throws FareboxError. */
  prepare(moduleId: string): Promise<void>;
  /** Does one thing with the contact that was made ahead. Null where there is none that can be used: nothing was done then. */
  usePrepared<T>(signal: AbortSignal, send: Send<T>): Promise<{ readonly value: T } | null>;
  /** Lets go of what was made ahead: it may say what is not true any more. */
  forget(): void;
};

type Answered = Omit<Contacted, 'signal'>;
type Prepared = { readonly sinceMs: number; readonly answered: Promise<Answered> };

/** Makes contacts. `certify` is called once where the certificate is no longer good: the keys are the same, so the response still holds. */
export function makeContacts(
  { module, provider, wallClockMs }: Pick<RelayParts, 'module' | 'provider' | 'wallClockMs'>,
  certify: Certify,
): Contacts {
  let prepared: Prepared | null = null;

  const answer = async (moduleId: string, signal: AbortSignal): Promise<Answered> => {
    const challenge = await provider.challenge(moduleId, signal);
    const { response, certificate } = await module.call('answerChallenge', challenge);
    return { response: Uint8Array.from(response), certificate: Uint8Array.from(certificate) };
  };

  const sendWith = async <T>(contact: Contacted, send: Send<T>): Promise<T> => {
    try {
      return await send(contact);
    } catch (thrown) {
      // Another agency's, ended, or a provider that has begun anew.
      if (!(thrown instanceof FareboxError) || ERRORS[thrown.code].did !== 'certified') throw thrown;
      return send({ ...contact, certificate: (await certify()).certificate });
    }
  };

  /** A clock that was set back tells nothing of an age. */
  const isYoung = ({ sinceMs }: Prepared): boolean => {
    const ageMs = wallClockMs() - sinceMs;
    return ageMs >= 0 && ageMs < HOST_LIMITS.preparedContactMs;
  };

  return {
    contact: async (moduleId, signal, send) => sendWith({ ...(await answer(moduleId, signal)), signal }, send),
    isPrepared: () => prepared !== null && isYoung(prepared),
    async prepare(moduleId) {
      const own = { sinceMs: wallClockMs(), answered: answer(moduleId, unaborted()) };
      prepared = own;
      own.answered.catch(() => {
        if (prepared === own) prepared = null;
      });
      await own.answered;
    },
    async usePrepared(signal, send) {
      const taken = prepared;
      prepared = null;
      if (taken === null || !isYoung(taken)) return null;
      try {
        const answered = await taken.answered;
        signal.throwIfAborted();
        return { value: await sendWith({ ...answered, signal }, send) };
      } catch (thrown) {
        const isAnew = thrown instanceof FareboxError && MADE_ANEW.has(thrown.code);
        // What kept it from being made may be over by now, and is told by the one that is made in its place.
        const isUnmade = !signal.aborted && (await isRejected(taken.answered));
        if (isAnew || isUnmade) return null;
        throw thrown;
      }
    },
    forget() {
      prepared = null;
    },
  };
}

function isRejected(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    () => true,
  );
}
