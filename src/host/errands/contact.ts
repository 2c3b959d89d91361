// P1, docs/protocol.md §5: a challenge that names the module, and the module's signed response to it. Every other errand that speaks
// to the provider begins with it. Each contact is used for one request.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { Contacted } from '../provider.ts';
import type { RelayParts, Send } from './parts.ts';

/** Refusals of P1 that a new certificate for the same keys puts right. */
const CERTIFIED_AGAIN: ReadonlySet<FareboxErrorCode> = new Set([
  'certificate/expired',
  'certificate/foreign',
  'enrolment/needed',
]);

/** Certifies the same keys again; the certificate. */
export type Certify = () => Promise<{ readonly certificate: Uint8Array<ArrayBuffer> }>;

/** One contact of the module of this id, for one thing. */
export type Contact = <T>(moduleId: string, signal: AbortSignal, send: Send<T>) => Promise<T>;

/** Makes contacts. `certify` is called once where the certificate is no longer good: the keys are the same, so the response still holds. */
export function makeContact({ module, provider }: Pick<RelayParts, 'module' | 'provider'>, certify: Certify): Contact {
  return async (moduleId, signal, send) => {
    const challenge = await provider.challenge(moduleId, signal);
    const answer = await module.call('answerChallenge', challenge);
    const contact: Contacted = {
      response: Uint8Array.from(answer.response),
      certificate: Uint8Array.from(answer.certificate),
      signal,
    };
    try {
      return await send(contact);
    } catch (thrown) {
      // Another agency's, ended, or a provider that has begun anew.
      if (!(thrown instanceof FareboxError) || !CERTIFIED_AGAIN.has(thrown.code)) throw thrown;
      return send({ ...contact, certificate: (await certify()).certificate });
    }
  };
}
