// The contact that every errand begins with which speaks to the provider. P1, docs/protocol.md §5: a challenge that names the module, and the module's
// signed response to it; or, where there is an agreement on keys, fig. 2 of §24 (sign-in.ts), with P1 wherever that is refused. Each contact is used
// for one request; one may be made ahead, since a challenge and a ticket are good for a minute.

import { ERRORS, FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { HOST_LIMITS } from '../limits.ts';
import type { Contacted } from '../provider.ts';
import { agreedProvider } from './key-note.ts';
import { type RelayParts, type Send, unaborted } from './parts.ts';
import type { SignIn } from './sign-in.ts';

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
  /** By the module's keys where they hold, else by P1: for a session, a receipt, a claim, papers, a backup. */
  readonly contact: Contact;
  /** By P1 alone: for whatever gives keys, and for a standing. */
  readonly signed: Contact;
  /** Gets what a contact by keys needs, where the module has an agreement: no press waits for it. */
  warm(): Promise<unknown>;
  /** Whether a contact that was made ahead is here, or on its way, and young enough. */
  isPrepared(): boolean;
  /** Makes a contact of the module of this id ahead. Throws FareboxError. */
  prepare(moduleId: string): Promise<void>;
  /** Does one thing with the contact that was made ahead. Null where there is none that can be used: nothing was done then. */
  usePrepared<T>(signal: AbortSignal, send: Send<T>): Promise<{ readonly value: T } | null>;
  /** Lets go of what was made ahead: it may say what is not true any more. */
  forget(): void;
};

/** What the module answered, and whether by its keys. */
export type Answered = Omit<Contacted, 'signal'> & { readonly isByKeys: boolean };
type Prepared = {
  readonly sinceMs: number;
  readonly moduleId: string;
  readonly answered: Promise<Answered>;
  /** By keys, and a later contact was made since: the provider takes no place before the last one that it met. */
  isOvertaken: boolean;
};

/**
 * Makes contacts. `certify` is called once where the certificate is no longer good: the keys are the same, so the response still holds. `onKeysOver`
 * is called where what was agreed on keys is over.
 */
export function makeContacts(
  parts: Pick<RelayParts, 'module' | 'provider' | 'notes' | 'wallClockMs'>,
  certify: Certify,
  onKeysOver: () => void,
): Contacts {
  const { module, provider, wallClockMs } = parts;
  let prepared: Prepared | null = null;
  let signIn: SignIn | null = null;

  /** A chunk that does not come is no reason to fail: P1 needs none. */
  const warm = async (): Promise<SignIn | null> => {
    if (signIn === null && agreedProvider(parts) !== undefined) {
      const loaded = await import('./sign-in.ts').catch(() => null);
      signIn ??= loaded?.makeSignIn(parts, onKeysOver) ?? null;
    }
    return signIn;
  };

  const answerChallenge = async (moduleId: string, signal: AbortSignal): Promise<Answered> => {
    const challenge = await provider.challenge(moduleId, signal);
    const { response, certificate } = await module.call('answerChallenge', challenge);
    return { response: Uint8Array.from(response), certificate: Uint8Array.from(certificate), isByKeys: false };
  };
  const answer = async (ready: SignIn | null, moduleId: string, signal: AbortSignal): Promise<Answered> =>
    (await ready?.answer(moduleId, signal)) ?? (await answerChallenge(moduleId, signal));

  const sendSigned = async <T>(contact: Contacted, send: Send<T>): Promise<T> => {
    try {
      return await send(contact);
    } catch (thrown) {
      // Another agency's, ended, or a provider that has begun anew.
      if (!(thrown instanceof FareboxError) || ERRORS[thrown.code].did !== 'certified') throw thrown;
      return send({ ...contact, certificate: (await certify()).certificate });
    }
  };
  const sendWith = async <T>(
    moduleId: string,
    { isByKeys, ...answered }: Answered,
    signal: AbortSignal,
    send: Send<T>,
  ): Promise<T> => {
    if (!isByKeys || signIn === null) return sendSigned({ ...answered, signal }, send);
    try {
      return await send({ ...answered, signal });
    } catch (thrown) {
      if (!signIn.isRefused(thrown)) throw thrown;
      return sendWith(moduleId, await answerChallenge(moduleId, signal), signal, send);
    }
  };
  const overtake = (): void => {
    if (prepared !== null) prepared.isOvertaken = true;
  };
  /** What was made ahead by P1 is good beside later contacts, what was made by keys is not. */
  const isBehind = async ({ isOvertaken, answered }: Prepared) => isOvertaken && (await answered).isByKeys;

  /** A clock that was set back tells nothing of an age. */
  const isYoung = ({ sinceMs }: Prepared): boolean => {
    const ageMs = wallClockMs() - sinceMs;
    return ageMs >= 0 && ageMs < HOST_LIMITS.preparedContactMs;
  };

  return {
    warm,
    async contact(moduleId, signal, send) {
      overtake();
      return sendWith(moduleId, await answer(signIn, moduleId, signal), signal, send);
    },
    async signed(moduleId, signal, send) {
      overtake();
      return sendWith(moduleId, await answerChallenge(moduleId, signal), signal, send);
    },
    // One that was overtaken may still be good, if it is by P1; another one made ahead costs nobody anything.
    isPrepared: () => prepared !== null && isYoung(prepared) && !(prepared.isOvertaken && signIn !== null),
    async prepare(moduleId) {
      const answered = warm().then((ready) => answer(ready, moduleId, unaborted()));
      const own = { sinceMs: wallClockMs(), moduleId, answered, isOvertaken: false };
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
        if (await isBehind(taken)) return null;
        const answered = await taken.answered;
        signal.throwIfAborted();
        return { value: await sendWith(taken.moduleId, answered, signal, send) };
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
