// Fig. 2 in place of P1, docs/protocol.md §24: a token of the provider, and the module's answer under the keys that both derive. Loaded by contact.ts
// where there is an agreement; whatever refuses it, the contact is made by P1 in the same breath.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { makeKeyRequests } from '../key-requests.ts';
import type { Answered } from './contact.ts';
import { agreedProvider, noteKeysDue, noteKeysLost } from './key-note.ts';
import type { RelayParts } from './parts.ts';

/** Fig. 2 as contact.ts uses it. */
export type SignIn = {
  /** A contact of the module of this id by its keys; null where it has to be made by P1. Throws FareboxError where neither would do. */
  answer(moduleId: string, signal: AbortSignal): Promise<Answered | null>;
  /** True where the provider refused such a contact for what it is, and not for what was asked with it: P1 may do. Notes what follows from it. */
  isRefused(thrown: unknown): boolean;
};

/** Codes of a contact by keys that is no good; nothing was done with it. */
const REFUSED = /^(keys|challenge|certificate)\//;

/** Those that say it of one contact alone, of its place in the record or its time: the keys are as good as before. */
const ONE_CONTACT = /^(challenge\/|keys\/contact$)/;

/** No token, a module of a version that knows none, or one whose row of downloaded keys was altered: P1 needs none of them, and tells where more is wrong. */
const NO_ANSWER: ReadonlySet<FareboxErrorCode> = new Set([
  'network/wrong-content',
  'network/bad-status',
  'module/refused',
  'keys/altered',
]);

/** Makes it. `onOver` is called where what was agreed is over, after that was noted. */
export function makeSignIn(parts: Pick<RelayParts, 'module' | 'provider' | 'notes'>, onOver: () => void): SignIn {
  const { module, provider } = parts;
  const requests = makeKeyRequests(provider.posts);
  const isRefused = (thrown: unknown): boolean => {
    if (!(thrown instanceof FareboxError) || !REFUSED.test(thrown.code)) return false;
    if (!ONE_CONTACT.test(thrown.code)) {
      // Agreed, and yet nothing fits: the counts have run apart, or the keys. The same agreement again would not bring them together.
      if (thrown.code === 'keys/refused') noteKeysLost(parts);
      else noteKeysDue(parts);
      onOver();
    }
    return true;
  };
  return {
    isRefused,
    async answer(moduleId, signal) {
      const agreed = agreedProvider(parts);
      if (agreed === undefined) return null;
      try {
        const token = await requests.token(moduleId, signal);
        const { response, certificate } = await module.call('signIn', { provider: agreed, ...token });
        return { response: Uint8Array.from(response), certificate: Uint8Array.from(certificate), isByKeys: true };
      } catch (thrown) {
        const isNoAnswer = thrown instanceof FareboxError && NO_ANSWER.has(thrown.code);
        if (!isNoAnswer && !isRefused(thrown)) throw thrown;
        return null;
      }
    },
  };
}
