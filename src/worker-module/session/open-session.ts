// P2, s55–s57: takes a grant in. Every check of docs/protocol.md §6, the person's allowance, then one durable change: the `opened` entry and
// the session's row with its tree, sealed; with it, where the host says which frame comes first, that frame's reservation. Called by session-rooms.ts. The session key and the granted nodes exist in the clear here and nowhere later.

import { verifyCertificate } from '../../protocol/certificate.ts';
import { makeContractAcceptance, type VerifiedContract } from '../../protocol/contract.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { openGrant, type VerifiedGrant, verifyGrant } from '../../protocol/grant.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { type VerifiedProgramme, verifyManifest, verifyProgramme } from '../../protocol/programme.ts';
import { coversFrame } from '../../protocol/ranges.ts';
import { type SequenceState, sessionSequence } from '../../protocol/sequence/sequence.ts';
import type { Signer } from '../../protocol/suite/signer.ts';
import type { Core } from '../core.ts';
import { type EnrolledIdentity, expectEnrolled, openIdentityKeys } from '../keys/identity.ts';
import type { CommitDraft } from '../record/draft.ts';
import type { SealedBytes } from '../store/rows.ts';
import { deriveSecretsKeyBytes } from '../store/sealing.ts';
import { approveSession } from './approve-session.ts';
import { endSession, reserveFrame } from './frame-life.ts';
import { rungOf } from './open-parts.ts';
import { sealSecretsKey, sealTerms } from './session-codec.ts';
import { lowRungsOf, type SessionContract, verifyOffered } from './session-contract.ts';
import type { LoadedSession, SecretsKey, SessionTerms } from './session-state.ts';
import { termsOf } from './session-terms.ts';
import {
  type FreshSpending,
  judgeReservation,
  noteReserved,
  readFreshSpending,
  readSpending,
  reservedBy,
  type SpendingState,
} from './spending.ts';

/** The signed objects of a session, as the host carries them. */
export type SessionObjects = {
  readonly programme: Uint8Array;
  readonly manifest: Uint8Array;
  readonly grant: Uint8Array;
  readonly providerCertificate: Uint8Array;
  /** Of a session with a contract (docs/protocol.md §17); else null. */
  readonly contract: Uint8Array | null;
};

/** The frame that is to be delivered first, and its picture's label. */
export type FirstFrame = { readonly frame: number; readonly rung: string };

/** How a session is to be opened. `ahead`: nobody has pressed play, so nobody is asked (docs/protocol.md §5). */
export type OpeningWish = { readonly first: FirstFrame | null; readonly ahead: boolean };

/** A first frame that was reserved with its session: the leaf (32 bytes) may be used, since it is durable. */
export type FirstReserved = FirstFrame & { readonly leaf: Uint8Array };

/** A session that is open, durably. */
export type CommittedSession = {
  readonly loaded: LoadedSession;
  readonly manifest: Manifest;
  readonly first: FirstReserved | null;
};

type Verified = {
  readonly identity: EnrolledIdentity;
  readonly grant: VerifiedGrant;
  readonly programme: VerifiedProgramme;
  readonly manifest: Manifest;
  readonly contract: VerifiedContract | null;
};
/** A session whose keys are open, before it is stored. */
type ReadySession = {
  readonly terms: SessionTerms;
  readonly sealedTerms: SealedBytes;
  readonly sequence: SequenceState;
  readonly secretsKey: SecretsKey;
  readonly previewKey: Uint8Array | null;
};

/**
 * Checks a grant, asks the person where it goes beyond the allowance, and makes its session; durable on return. Whoever is refused may try
 * the same grant again: nothing was opened. Of one that is opened ahead nobody is asked: where that had to be, it is ended with its opening.
 * @param wish `first` is reserved in the same change where the grant covers it: its delivery then waits for no commit of its own
 * @throws FareboxError `enrolment/needed` (also while an epoch is pending), `certificate/*`, `programme/*`, `grant/*`, `contract/*`, `session/exists`,
 * `store/at-risk`, `consent/*`, `frame/unknown-part` for a first frame that the programme has not.
 */
export async function commitSession(
  core: Core,
  objects: SessionObjects,
  { first, ahead }: OpeningWish,
): Promise<CommittedSession> {
  // Side by side: reading the sums costs the first picture no time of its own.
  const [verified, spending] = await Promise.all([verifyObjects(core, objects), readSpending(core)]);
  const { grant, manifest } = verified;
  if (first !== null) rungOf(manifest, first.frame, [first.rung]);
  const reserving = first !== null && coversFrame(grant.ranges, first.frame) ? first : null;
  const reservedMinor = reservedBy({ granted: grant.ranges, priceMinor: grant.priceMinor });
  let approved = !ahead && judgeReservation(reservedMinor, spending, spending) === 'ask';
  if (approved) await askPerson(core, verified, reservedMinor, spending);
  const ready = await openKeys(core, verified, objects);
  for (;;) {
    const opened = await openWithin(core, objects, verified, ready, { approved, ahead, first: reserving });
    if ('loaded' in opened) {
      core.noteChanged('operations');
      core.noteChanged('status');
      return { ...opened, manifest };
    }
    // Something was opened meanwhile, here or in another tab. The person is asked once at most, so this ends.
    await askPerson(core, verified, reservedMinor, opened.spending);
    approved = true;
  }
}

/** Opens by sums that nobody can change before the commit; answers with them where the person has to be asked first. @throws FareboxError `store/at-risk`. */
async function openWithin(
  core: Core,
  objects: SessionObjects,
  { grant }: Verified,
  ready: ReadySession,
  how: OpeningWish & { readonly approved: boolean },
): Promise<Omit<CommittedSession, 'manifest'> | { readonly spending: SpendingState }> {
  const reservedMinor = reservedBy({ granted: grant.ranges, priceMinor: grant.priceMinor });
  let fresh: FreshSpending | null = null;
  return core.committer.commit({
    sessions: [grant.session],
    prepare: async () => {
      fresh = await readFreshSpending(core);
    },
    apply: (draft) => {
      if (fresh === null) throw new FareboxError('module/internal');
      expectOpenable(draft, grant);
      const rules = { settings: draft.meta('settings'), backup: draft.meta('backup') };
      const spending = { ...fresh.now(), ...rules };
      if (how.ahead && !isWithin(reservedMinor, spending, rules)) {
        addSession(draft, objects, grant, ready);
        endSession(draft, grant.session);
        return { loaded: draft.session(grant.session), first: null };
      }
      if (judgeReservation(reservedMinor, spending, rules) === 'ask' && !how.approved) return { spending };
      noteReserved(core, reservedMinor);
      addSession(draft, objects, grant, ready);
      const first = how.first === null ? null : reserveFirst(core, draft, grant, how.first);
      return { loaded: draft.session(grant.session), first };
    },
  });
}

/** Whether a session may be opened ahead and stay so. A grant that is here is taken in all the same: without a receipt its money stays set aside. */
function isWithin(...asked: Parameters<typeof judgeReservation>): boolean {
  try {
    return judgeReservation(...asked) === 'within';
  } catch (error) {
    if (error instanceof FareboxError && error.code === 'store/at-risk') return false;
    throw error;
  }
}

/** @throws FareboxError `consent/*`, `session/exists`, `grant/expired`. */
async function askPerson(
  core: Core,
  { grant, programme }: Verified,
  reservedMinor: bigint,
  spending: SpendingState,
): Promise<void> {
  // Nobody is asked for what cannot be opened anyway.
  const { session, expires } = grant;
  if ((await core.store.session(session)) !== null) throw new FareboxError('session/exists', { session });
  await approveSession(core, { grant, programme, reservedMinor, spending });
  if (core.clock.now() >= expires) throw new FareboxError('grant/expired', { expires });
}

async function verifyObjects(core: Core, objects: SessionObjects): Promise<Verified> {
  const { agencyKey, suite } = core;
  const now = core.clock.now();
  const bytes = objects.providerCertificate;
  // Beside reading who this module is; what is wrong with it is said after what is wrong with that.
  const certified = verifyCertificate({ bytes, agencyKey, role: 'provider', now, suite });
  certified.catch(() => undefined);
  const identity = await expectEnrolled(core);
  if (identity.pending !== null) throw new FareboxError('enrolment/needed', { epoch: identity.pending.epoch });
  const provider = await certified;
  const programme = await verifyProgramme({ bytes: objects.programme, certificate: provider, suite });
  const manifest = verifyManifest({ bytes: objects.manifest, programme });
  const module = identity.moduleId;
  const grant = await verifyGrant({ bytes: objects.grant, provider, programme, module, now, suite });
  const contract = await verifyOffered({ contract: objects.contract, provider, grant, programme, suite });
  return { identity, grant, programme, manifest, contract };
}

async function openKeys(core: Core, verified: Verified, objects: SessionObjects): Promise<ReadySession> {
  const { identity, grant, programme } = verified;
  const { random, keys } = core;
  const { openingKey, signer } = await openIdentityKeys(core, identity);
  const { sessionKey, nodes, previewKey } = await openGrant(grant, {
    privateKey: openingKey,
    publicKey: identity.openingPublicKey,
  });
  const terms = termsOf(grant, programme, await acceptContract(core, signer, verified, objects));
  const { session } = grant;
  const secretsKeyBytes = await deriveSecretsKeyBytes(sessionKey);
  sessionKey.fill(0);
  const sequence = sessionSequence(terms.sequence).restore(nodes, terms.granted);
  for (const node of nodes) node.secret.fill(0);
  const [secretsKey, sealedTerms] = await Promise.all([
    sealSecretsKey(session, secretsKeyBytes, keys.wrappingKey, random),
    sealTerms(session, terms, keys.recordKey, random),
  ]);
  return { terms, sealedTerms, sequence, secretsKey, previewKey };
}

/** The module's word on the contract, signed before anything plays; durable with the session. */
async function acceptContract(
  core: Core,
  signer: Signer,
  { contract, manifest, grant }: Verified,
  objects: SessionObjects,
): Promise<SessionContract | null> {
  if (contract === null || objects.contract === null) return null;
  const { contractHash, deliveryId, terms } = contract;
  const { provider, session } = grant;
  const issuedAt = core.clock.now();
  const acceptance = await makeContractAcceptance({
    signer,
    acceptance: { provider, session, contractHash, issuedAt },
  });
  const lowRungs = lowRungsOf(manifest, terms.leastRung);
  return { contractHash, contract: objects.contract, acceptance, promised: terms, deliveryId, lowRungs };
}

/** What may have changed while the grant was checked, here or in another tab. */
function expectOpenable(draft: CommitDraft, { session }: VerifiedGrant): void {
  if (draft.hasSession(session)) throw new FareboxError('session/exists', { session });
  const pending = draft.meta('identity')?.pending ?? null;
  if (pending !== null) throw new FareboxError('enrolment/needed', { epoch: pending.epoch });
}

function addSession(
  draft: CommitDraft,
  objects: SessionObjects,
  { session }: VerifiedGrant,
  { terms, sealedTerms, sequence, secretsKey, previewKey }: ReadySession,
): void {
  const { programme, grantHash } = terms;
  const openedCounter = draft.append({ kind: 'opened', session, programme, grantHash });
  const firstFrame = terms.granted[0]?.[0] ?? 0;
  const opened: LoadedSession = {
    ...{ session, terms, sealedTerms, openedCounter, secretsKey },
    openedTime: draft.time,
    programme: objects.programme,
    grant: objects.grant,
    providerCertificate: objects.providerCertificate,
    state: 'open',
    progress: {
      decrypted: [],
      late: [],
      low: [],
      stalls: new Map(),
      claim: null,
      claimAnswer: null,
      claimOutcome: null,
      contradiction: null,
      failures: new Map(),
      reservations: new Map(),
      count: 0,
      rungs: new Map(),
      firstTime: 0,
      lastTime: 0,
      lastCounter: openedCounter,
      mark: terms.offline ? draft.time : 0,
      positionMs: firstFrame * terms.frameDurationMs,
    },
    secrets: { sequence, pending: new Map(), previewKey },
  };
  draft.addSession(opened);
}

/** Like any reservation, but that it shares the transaction of the session: the key is made when that is durable (docs/protocol.md §8). */
function reserveFirst(core: Core, draft: CommitDraft, { session }: VerifiedGrant, first: FirstFrame): FirstReserved {
  const reservation = reserveFrame(draft, { session, frame: first.frame, tab: core.tabId }, first.rung);
  if (reservation.kind !== 'reserved') throw new FareboxError('module/internal', { frame: first.frame });
  return { ...first, leaf: reservation.leaf };
}
