// A contact of a module (docs/protocol.md §5, §14), in the caller's transaction: spends the challenge, judges where the
// module stands, and raises its counter and head where that is good. Sessions, receipts, papers and backups are given to
// nobody else; standings tell even those who are refused.

import { and, eq } from 'drizzle-orm';
import { equalBytes } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId } from '../../src/protocol/ids.ts';
import { decodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import type { Queries } from '../db/open.ts';
import { modules, receipts } from '../db/schema.ts';
import type { SignedIn } from '../key-unit/sign-in.ts';
import type { Provider } from '../provider.ts';
import { type Alarm, RecordRefusal } from './alarms.ts';
import { spendChallenge } from './challenges.ts';
import { judgeContact, type Place } from './judge.ts';
import type { KeyProof, ProvenModule } from './prove.ts';

/** A module as it is known after a contact; its row is locked until the transaction ends. */
export type MetModule = {
  readonly id: ModuleId;
  /** Its present epoch, that epoch's device (16 bytes), and when it began (ms since 1970). */
  readonly epoch: number;
  readonly device: Uint8Array;
  readonly epochTime: number;
  /** Highest place of a contact in its present epoch, this one included where it was good. */
  readonly last: Proof;
  /** What a sign-in told of keys; null for P1. */
  readonly signedIn: SignedIn | null;
};

/** A place and the signed bytes (COSE) that showed it; null where they are not known any more. */
export type Proof = Place & { readonly evidence: Uint8Array | null };

/** How a contact came out. */
export type Meeting = { readonly known: MetModule; readonly alarm: Alarm | null };

/**
 * Meets a module of any standing by P1; `alarm` is null where it is good. Nothing but the challenge is changed where it is not.
 * @throws FareboxError `challenge/unknown`, `challenge/expired`, `challenge/replayed`, `challenge/malformed`, `enrolment/needed`.
 */
export async function meet(provider: Provider, tx: Queries, proven: ProvenModule): Promise<Meeting> {
  const { module, response, proof } = proven;
  if (proof.kind !== 'signed') throw new FareboxError('server/internal', { expected: 'P1' });
  const asked = await spendChallenge(provider, tx, proof.challenge);
  const [row] = await tx.select().from(modules).where(eq(modules.id, module)).for('update');
  if (row === undefined) throw new FareboxError('enrolment/needed');
  const last: Proof = { counter: row.lastCounter, head: row.lastHead, evidence: row.lastContact };
  const known = { id: module, epoch: row.epoch, device: row.device, epochTime: row.epochTime, last, signedIn: null };
  const receipted = await findReceipted(tx, module, row.epoch, BigInt(response.counter));
  const verdict = judgeContact({ ...known, receipted }, asked, response);
  const now = provider.clock();
  if (verdict.kind !== 'good') {
    const alarm: Alarm = {
      module,
      epoch: response.epoch,
      source: 'contact',
      evidence: proof.bytes,
      certificate: proven.certificateBytes,
      ...verdict,
      expectedEvidence: [last, receipted].find((proof) => isSamePlace(proof, verdict.expected))?.evidence ?? null,
      time: now,
    };
    return { known, alarm };
  }
  if (BigInt(response.counter) <= row.lastCounter) {
    await tx.update(modules).set({ lastContactTime: now }).where(eq(modules.id, module));
    return { known, alarm: null };
  }
  const raised: Proof = { counter: BigInt(response.counter), head: response.head, evidence: proof.bytes };
  await tx
    .update(modules)
    .set({ lastCounter: raised.counter, lastHead: raised.head, lastContact: raised.evidence, lastContactTime: now })
    .where(eq(modules.id, module));
  return { known: { ...known, last: raised }, alarm: null };
}

/**
 * Meets a module by a sign-in (§24), which both sides could have made: it raises no alarm and is no evidence, and is good once, behind the last
 * place that was met.
 * @throws FareboxError what `KeyProof.believe` throws; `keys/contact` where P1 has to say where the module stands; `challenge/replayed`.
 */
async function meetBySignIn(tx: Queries, { module, response }: ProvenModule, proof: KeyProof): Promise<MetModule> {
  const { asked, known, signedIn } = await proof.believe(tx);
  if (judgeContact(known, asked, response).kind !== 'good') throw new FareboxError('keys/contact');
  if (BigInt(response.counter) <= known.last.counter) throw new FareboxError('challenge/replayed');
  const last: Proof = { counter: BigInt(response.counter), head: response.head, evidence: null };
  const { epoch, device, epochTime } = known;
  return { id: module, epoch, device, epochTime, last, signedIn };
}

/**
 * Meets a module and believes it, or refuses it; by P1 with evidence.
 * @throws RecordRefusal `module/superseded`, `record/regress`, `record/fork`; and what `meet` and `meetBySignIn` throw.
 */
export async function contact(provider: Provider, tx: Queries, proven: ProvenModule): Promise<MetModule> {
  const { proof } = proven;
  if (proof.kind === 'sign-in') return meetBySignIn(tx, proven, proof);
  const { known, alarm } = await meet(provider, tx, proven);
  if (alarm !== null) throw new RecordRefusal(alarm);
  return known;
}

/** The place of an accepted receipt of this epoch with this counter. */
async function findReceipted(tx: Queries, module: ModuleId, epoch: number, counter: bigint): Promise<Proof | null> {
  const [found] = await tx
    .select({ counter: receipts.counter, head: receipts.head, file: receipts.receiptFile })
    .from(receipts)
    .where(and(eq(receipts.moduleId, module), eq(receipts.epoch, epoch), eq(receipts.counter, counter)));
  if (found === undefined) return null;
  return { counter, head: found.head, evidence: decodeReceiptFile(found.file).receipt };
}

function isSamePlace(left: Place | null, right: Place | null): boolean {
  return left !== null && right !== null && left.counter === right.counter && equalBytes(left.head, right.head);
}
