// P1 as far as it needs no lock (docs/protocol.md §5): is this a certified module, and did it sign this answer? Every
// route that a module comes to begins with it, in the protocol's order; contact.ts does the rest in its transaction.

import { fromBase64Url } from '../../src/protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { type ChallengeResponse, verifyChallengeResponse } from '../../src/protocol/challenge.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeModuleId, type ModuleId } from '../../src/protocol/ids.ts';
import { isUntrusted } from '../agency/untrusted.ts';
import type { Provider } from '../provider.ts';

/** What a module brings to every route it comes to, in base64url: its signed answer to a challenge and its certificate, as COSE bytes. */
export type Contact = { readonly response: string; readonly certificate: string };

/** A module that proved to hold its certified key, and what it answered. */
export type ProvenModule = {
  readonly module: ModuleId;
  readonly certificate: VerifiedCertificate;
  /** COSE bytes of the certificate, as they came. */
  readonly certificateBytes: Uint8Array;
  readonly response: ChallengeResponse;
  /** COSE bytes of the response, as they came. */
  readonly responseBytes: Uint8Array;
};

/** What a route takes that others refuse. */
export type Leniency = {
  /** A certificate that has run out: for telling a module where it stands. */
  readonly expired?: boolean;
  /** A module on the untrusted list: for receipts, since what was shown is owed (docs/protocol.md §3). */
  readonly untrusted?: boolean;
};

/**
 * Certificate, untrusted list, signature, type, audience, device and epoch, in this order.
 * @throws FareboxError `certificate/*`, `challenge/malformed`.
 */
export async function proveModule(provider: Provider, contact: Contact, taken: Leniency = {}): Promise<ProvenModule> {
  const responseBytes = fromBase64Url(contact.response);
  const certificateBytes = fromBase64Url(contact.certificate);
  const certificate = await certificateOf(provider, certificateBytes, taken.expired === true);
  if (taken.untrusted !== true && (await isUntrusted(provider.database.queries, certificate.subject))) {
    throw new FareboxError('certificate/untrusted');
  }
  const response = await verifyChallengeResponse({
    bytes: responseBytes,
    module: certificate,
    provider: provider.id,
    suite: provider.suite,
  });
  const module = decodeModuleId(certificate.subject, 'certificate/malformed');
  return { module, certificate, certificateBytes, response, responseBytes };
}

async function certificateOf(
  provider: Provider,
  bytes: Uint8Array,
  takesExpired: boolean,
): Promise<VerifiedCertificate> {
  const certified = {
    bytes,
    agencyKey: provider.keys.agency.publicKey,
    role: 'module',
    suite: provider.suite,
  } as const;
  try {
    return await verifyCertificate({ ...certified, now: provider.clock() });
  } catch (cause) {
    const expired = cause instanceof FareboxError && cause.code === 'certificate/expired';
    if (!takesExpired || !expired || typeof cause.detail?.expires !== 'number') throw cause;
    // Everything else about it held by now; as of its last moment it holds altogether.
    return verifyCertificate({ ...certified, now: cause.detail.expires - 1 });
  }
}
