// P1 as far as it needs no lock (docs/protocol.md §5): is this a certified module, and did it sign this answer? Every
// route that a module comes to begins with it, in the protocol's order; contact.ts does the rest in its transaction. Some
// routes take a sign-in message (§24) in its place, which the key unit reads.

import { fromBase64Url } from '../../src/protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { verifyChallengeResponse } from '../../src/protocol/challenge.ts';
import { isSignIn } from '../../src/protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeModuleId, type ModuleId } from '../../src/protocol/ids.ts';
import { isUntrusted } from '../agency/untrusted.ts';
import type { Queries } from '../db/open.ts';
import type { SignedIn } from '../key-unit/sign-in.ts';
import type { Provider } from '../provider.ts';
import type { Asked, Known, Place, Shown } from './judge.ts';

/** What a module brings to every route it comes to, in base64url: its signed answer to a challenge and its certificate, as COSE bytes. */
export type Contact = { readonly response: string; readonly certificate: string };

/** A module that proved to hold its certified key, or keys that were agreed with it; and where it says that its record stands. */
export type ProvenModule = {
  readonly module: ModuleId;
  readonly certificate: VerifiedCertificate;
  /** COSE bytes of the certificate, as they came. */
  readonly certificateBytes: Uint8Array;
  readonly response: Shown;
  readonly proof: SignedProof | KeyProof;
};

/** P1: a signature, which is evidence. */
export type SignedProof = {
  readonly kind: 'signed';
  /** 32 bytes. */
  readonly challenge: Uint8Array;
  /** COSE bytes of the response, as they came. */
  readonly bytes: Uint8Array;
};

/** Fig. 2: a sign-in message (docs/protocol.md §24). Nothing of it is believed before `believe` has answered, in the transaction of what it allows. */
export type KeyProof = {
  readonly kind: 'sign-in';
  /**
   * Locks the module's row until the transaction ends, checks everything that a sign-in has to be but its place, and raises the module's place to
   * the one that is shown where that is behind the last: who does not take it throws, which takes that back.
   * @throws FareboxError `certificate/untrusted`, `keys/retired`, `keys/refused`.
   */
  readonly believe: (tx: Queries) => Promise<BelievedSignIn>;
};

/** What the key unit knows of a module whose tags fit. */
export type BelievedSignIn = {
  /** What the ticket expected. */
  readonly asked: Asked;
  /** Where the module stands; `receipted` for the counter that it shows. */
  readonly known: Known & { readonly epochTime: number; readonly receipted: Place | null };
  readonly signedIn: SignedIn;
};

/** What a route takes that others refuse. */
export type Leniency = {
  /** A certificate that has run out: for telling a module where it stands. */
  readonly expired?: boolean;
  /** A module on the untrusted list: for receipts, since what was shown is owed (docs/protocol.md §3). */
  readonly untrusted?: boolean;
  /** A sign-in message in place of a signed response, and who reads it; P1 alone where it is left out. */
  readonly signIn?: ReadSignIn;
};

/** Reads a sign-in message as far as it needs no database. @throws FareboxError `challenge/malformed`, `challenge/expired`, `certificate/*`. */
export type ReadSignIn = (
  given: { readonly messageBytes: Uint8Array; readonly certificateBytes: Uint8Array },
  taken: { readonly untrusted: boolean },
) => Promise<ProvenModule>;

/**
 * Certificate, untrusted list, signature, type, audience, device and epoch, in this order; of a sign-in message what `ReadSignIn` says.
 * @throws FareboxError `certificate/*`, `challenge/malformed`; `challenge/expired` for a sign-in.
 */
export async function proveModule(provider: Provider, contact: Contact, taken: Leniency = {}): Promise<ProvenModule> {
  const bytes = fromBase64Url(contact.response);
  const certificateBytes = fromBase64Url(contact.certificate);
  const untrusted = taken.untrusted === true;
  if (taken.signIn !== undefined && isSignIn(bytes))
    return taken.signIn({ messageBytes: bytes, certificateBytes }, { untrusted });
  const certificate = await certificateOf(provider, certificateBytes, taken.expired === true);
  if (!untrusted && (await isUntrusted(provider.database.queries, certificate.subject))) {
    throw new FareboxError('certificate/untrusted');
  }
  const response = await verifyChallengeResponse({
    bytes,
    module: certificate,
    provider: provider.id,
    suite: provider.suite,
  });
  const module = decodeModuleId(certificate.subject, 'certificate/malformed');
  const { challenge } = response;
  return { module, certificate, certificateBytes, response, proof: { kind: 'signed', challenge, bytes } };
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
