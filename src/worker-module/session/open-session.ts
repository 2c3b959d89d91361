// P2, s55–s57: takes a grant in. Every check of docs/protocol.md §6, then one durable change: the `opened` entry and the session's row
// with its tree, sealed. Called by session-rooms.ts. The session key and the granted nodes exist in the clear here and nowhere later.

import { verifyCertificate } from '../../protocol/certificate.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { openGrant, verifyGrant } from '../../protocol/grant.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { verifyManifest, verifyProgramme } from '../../protocol/programme.ts';
import { sequenceFunction } from '../../protocol/sequence/sequence.ts';
import type { Core } from '../core.ts';
import { expectEnrolled } from '../keys/identity.ts';
import { deriveSecretsKey } from '../store/sealing.ts';
import { sealTerms } from './session-codec.ts';
import type { LoadedSession, SessionTerms } from './session-state.ts';

/** The signed objects of a session, as the host carries them. */
export type SessionObjects = {
  readonly programme: Uint8Array;
  readonly manifest: Uint8Array;
  readonly grant: Uint8Array;
  readonly providerCertificate: Uint8Array;
};

/** Checks a grant and makes its session; durable on return. @throws FareboxError `enrolment/needed`, `certificate/*`, `programme/*`, `grant/*`, `session/exists`. */
export async function commitSession(
  core: Core,
  objects: SessionObjects,
): Promise<{ readonly loaded: LoadedSession; readonly manifest: Manifest }> {
  const { agencyKey, suite, random } = core;
  const now = core.clock.now();
  const identity = await expectEnrolled(core);
  const provider = await verifyCertificate({
    bytes: objects.providerCertificate,
    agencyKey,
    role: 'provider',
    now,
    suite,
  });
  const programme = await verifyProgramme({ bytes: objects.programme, certificate: provider, suite });
  const manifest = verifyManifest({ bytes: objects.manifest, programme });
  const grant = await verifyGrant({
    bytes: objects.grant,
    provider,
    programme,
    module: identity.moduleId,
    now,
    suite,
  });
  const keyPair = { privateKey: identity.openingKey, publicKey: identity.openingPublicKey };
  const { sessionKey, nodes } = await openGrant(grant, keyPair);
  const terms: SessionTerms = {
    provider: grant.provider,
    programme: grant.programme,
    programmeHash: grant.programmeHash,
    manifestHash: programme.manifest,
    grantHash: grant.grantHash,
    title: programme.title,
    currency: grant.currency,
    priceMinor: grant.priceMinor,
    creditMinor: grant.creditMinor,
    expires: grant.expires,
    frameCount: programme.frameCount,
    frameDurationMs: programme.frameDurationMs,
    granted: grant.ranges,
    replay: grant.replay,
    sequence: grant.sequence,
  };
  const secretsKey = await deriveSecretsKey(sessionKey);
  sessionKey.fill(0);
  const sequence = sequenceFunction(terms.sequence).restore(nodes, terms.granted);
  for (const node of nodes) node.secret.fill(0);
  const { session } = grant;
  const sealedTerms = await sealTerms(session, terms, core.recordKey, random);
  const firstFrame = terms.granted[0]?.[0] ?? 0;

  const loaded = await core.committer.commit({
    sessions: [session],
    apply: (draft): LoadedSession => {
      if (draft.hasSession(session)) throw new FareboxError('session/exists', { session });
      const { programme: id, grantHash } = terms;
      const openedCounter = draft.append({ kind: 'opened', session, programme: id, grantHash });
      const opened: LoadedSession = {
        session,
        terms,
        sealedTerms,
        openedTime: draft.time,
        openedCounter,
        programme: objects.programme,
        grant: objects.grant,
        providerCertificate: objects.providerCertificate,
        state: 'open',
        progress: {
          decrypted: [],
          late: [],
          failures: new Map(),
          reservations: new Map(),
          count: 0,
          lastCounter: openedCounter,
          positionMs: firstFrame * terms.frameDurationMs,
        },
        secrets: { sequence, pending: new Map() },
        secretsKey,
      };
      draft.addSession(opened);
      return opened;
    },
  });
  return { loaded, manifest };
}
