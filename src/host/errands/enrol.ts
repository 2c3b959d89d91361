// Enrolment, docs/protocol.md §3 and §14: a certificate where there is none, a new one where half of its life is over or a new epoch is
// pending. The request is kept by the module, the same bytes until it is answered, so all of it can be cut and done again.

import { FareboxError } from '../../protocol/errors.ts';
import type { ModuleStatus } from '../../worker-module/commands.ts';
import type { Certify } from './contact.ts';
import { isRefusedCopy, type RelayParts, unaborted } from './parts.ts';

/** The errand, and the single step that a contact may need. */
export type Enrolment = {
  /** Gets the module the certificate that it needs. Returns its id. `known`: what the module has just said of itself; left out, it is asked. */
  ensureEnrolled(signal: AbortSignal, known?: ModuleStatus): Promise<string>;
  certify: Certify;
};

/**
 * Makes the errand. `learnStanding`: has the provider say where this module stands, where the agency says that its epoch is over.
 * `onEpoch`: a new epoch of the module of this id has begun.
 */
export function makeEnrolment(
  { module, provider, wallClockMs }: Pick<RelayParts, 'module' | 'provider' | 'wallClockMs'>,
  learnStanding: (moduleId: string) => Promise<void>,
  onEpoch: (moduleId: string) => void,
): Enrolment {
  /** The agency certifies the same keys again whenever it is asked. */
  const certify = async () => {
    const { request } = await module.call('enrolmentRequest', {});
    const { certificate } = await provider.enrol(Uint8Array.from(request), unaborted());
    const { moduleId } = await module.call('acceptCertificate', { certificate });
    return { moduleId, certificate };
  };

  /** The epoch that was asked for is taken: the module learns which is the newest, and asks for the one after it. */
  const beginEpoch = async (moduleId: string | null): Promise<string> => {
    try {
      return (await certify()).moduleId;
    } catch (thrown) {
      if (moduleId === null || !isRefusedCopy(thrown)) throw thrown;
      await learnStanding(moduleId);
      return (await certify()).moduleId;
    }
  };

  const enrol = async (known?: ModuleStatus): Promise<string> => {
    const { moduleId, certificate, epochPending } = known ?? (await module.call('status', {}));
    if (epochPending) {
      const id = await beginEpoch(moduleId);
      onEpoch(id);
      return id;
    }
    if (moduleId === null || certificate === null) return (await certify()).moduleId;
    // Fetched when it is needed: reading a certificate takes the CBOR decoder, which the first screen does without.
    const { isPastHalfLife } = await import('../certificate-life.ts');
    if (isPastHalfLife(certificate, wallClockMs())) {
      // The one it has may still hold: where it does not, P1 says so and the contact asks again, with the error for the person.
      await certify().catch((thrown: unknown) => {
        if (!(thrown instanceof FareboxError)) throw thrown;
      });
    }
    return moduleId;
  };
  let enrolling: Promise<string> | null = null;

  return {
    certify,
    // One errand for all who ask at once: the agency is asked for one certificate, and who gives up stops nobody else.
    async ensureEnrolled(signal, known) {
      enrolling ??= enrol(known).finally(() => {
        enrolling = null;
      });
      const moduleId = await enrolling;
      signal.throwIfAborted();
      return moduleId;
    },
  };
}
