// Puts together what is known of a lost module from several places: one state for each session, the furthest one, and one receipt. Called by
// recovery and restore. Pure. Sessions that were open come out closing: their keys are in no backup (docs/decisions/0008).

import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { SnapshotReceipt, SnapshotSession } from '../../protocol/snapshot.ts';
import type { RestoredThing } from '../commands.ts';
import type { KeptThing } from '../restored.ts';
import { decodeProgressBytes, decodeTermsBytes } from '../session/session-codec.ts';
import type { SessionProgress, SessionTerms } from '../session/session-state.ts';
import type { SessionRowState } from '../store/rows.ts';

/** A thing that is there and does not hold. */
export type Unreadable = Pick<KeptThing, 'session' | 'kind'>;

/** One place where something was found. */
export type Source = {
  readonly place: Exclude<RestoredThing['place'], 'provider'>;
  readonly sessions: readonly SnapshotSession[];
  readonly receipts: readonly SnapshotReceipt[];
  readonly unreadable: readonly Unreadable[];
};

/** A session as it goes on. */
export type GatheredSession = Pick<
  SnapshotSession,
  'session' | 'openedTime' | 'openedCounter' | 'programme' | 'grant' | 'providerCertificate'
> & {
  readonly state: Exclude<SessionRowState, 'open'>;
  readonly terms: SessionTerms;
  readonly progress: SessionProgress;
};

/** What goes into the new store, and what is said of everything that was found. */
export type Gathered = {
  readonly sessions: readonly GatheredSession[];
  readonly receipts: readonly SnapshotReceipt[];
  readonly things: readonly KeptThing[];
};

type Read = { readonly kept: SnapshotSession; readonly terms: SessionTerms; readonly progress: SessionProgress };
type Placed<Value> = { readonly value: Value; readonly place: Source['place'] };

/** Gathers from all sources; where two know the same equally well, the earlier one counts. @throws FareboxError `backup/malformed`. */
export function gather(sources: readonly Source[]): Gathered {
  const sessions = new Map<SessionId, Placed<Read>>();
  const receipts = new Map<SessionId, Placed<SnapshotReceipt>>();
  for (const { place, ...found } of sources) {
    for (const kept of found.sessions) {
      const value = readSession(kept);
      const known = sessions.get(kept.session);
      if (known === undefined || known.value.progress.lastCounter < value.progress.lastCounter) {
        sessions.set(kept.session, { value, place });
      }
    }
    for (const value of found.receipts) {
      const known = receipts.get(value.session);
      const isBetter = known?.value.acknowledgement === null && value.acknowledgement !== null;
      if (known === undefined || isBetter) receipts.set(value.session, { value, place });
    }
  }
  const whole = [...receipts.values()].filter(({ value }) => sessions.has(value.session));
  return {
    sessions: [...sessions.values()].map(({ value }) => goOn(value, receipts.get(value.kept.session)?.value ?? null)),
    receipts: whole.map(({ value }) => value),
    things: [
      ...[...sessions.values()].map((placed) => sessionThing(placed, receipts.get(placed.value.kept.session))),
      ...[...receipts.values()].map((placed) => receiptThing(placed, sessions.get(placed.value.session))),
      ...sources.flatMap(({ unreadable, place }) =>
        unreadable
          .filter(({ kind, session }) => !(kind === 'session' ? sessions : receipts).has(session))
          .map((lost): KeptThing => ({ ...lost, outcome: 'unreachable', place, provider: null })),
      ),
    ],
  };
}

function readSession(kept: SnapshotSession): Read {
  try {
    return { kept, terms: decodeTermsBytes(kept.terms), progress: decodeProgressBytes(kept.progress) };
  } catch (cause) {
    throw new FareboxError('backup/malformed', { session: kept.session }, { cause });
  }
}

/** By the papers that are here, not by the state that was noted: a session is closed where its receipt is, and accepted where the answer is. */
function goOn({ kept, terms, progress }: Read, receipt: SnapshotReceipt | null): GatheredSession {
  const { session, openedTime, openedCounter, programme, grant, providerCertificate } = kept;
  const same = { session, openedTime, openedCounter, programme, grant, providerCertificate, terms };
  if (receipt !== null) {
    const answered = receipt.acknowledgement === null ? 'closed' : 'accepted';
    return { ...same, state: kept.state === 'refused' ? 'refused' : answered, progress };
  }
  // What was reserved and has no outcome was not shown, because nothing was counted (docs/protocol.md §8).
  const failures = new Map(progress.failures);
  for (const frame of progress.reservations.keys()) failures.set(frame, 'frame/interrupted');
  return { ...same, state: 'closing', progress: { ...progress, failures, reservations: new Map() } };
}

function sessionThing({ value, place }: Placed<Read>, receipt: Placed<SnapshotReceipt> | undefined): KeptThing {
  const { kept, terms } = value;
  return { kind: 'session', session: kept.session, place, provider: terms.provider, outcome: outcomeOf(receipt) };
}

/** A receipt without its session cannot be kept; the provider has its papers, if it ever took it. */
function receiptThing(placed: Placed<SnapshotReceipt>, session: Placed<Read> | undefined): KeptThing {
  const { value, place } = placed;
  const outcome = session === undefined ? 'unreachable' : outcomeOf(placed);
  return { kind: 'receipt', session: value.session, place, provider: session?.value.terms.provider ?? null, outcome };
}

/** What the provider has signed needs no second word. */
function outcomeOf(receipt: Placed<SnapshotReceipt> | undefined): KeptThing['outcome'] {
  return receipt === undefined || receipt.value.acknowledgement === null ? 'unreachable' : 'found';
}
