// Takes new modules up, renews their certificates and begins their epochs (docs/protocol.md §3, §14). The enrolment route
// calls it. It gives a module its starting credit once, never certifies a second sealing key for it, and never a second
// device for one epoch.

import { eq } from 'drizzle-orm';
import { equalBytes } from '../../src/protocol/bytes.ts';
import { issueCertificate } from '../../src/protocol/certificate.ts';
import { type EnrolmentRequest, verifyEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { sameLife } from '../../src/protocol/life.ts';
import type { Queries } from '../db/open.ts';
import { modules, pastEpochs } from '../db/schema.ts';
import { giveStartingCredit } from '../ledger/ledger.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { isUntrusted } from './untrusted.ts';

/** Bytes of a head before the first entry (docs/protocol.md §8). */
const HEAD_BYTES = 32;

/** Checks a request without touching the database. @throws FareboxError `enrolment/malformed`. */
export function checkEnrolment(provider: Provider, request: Uint8Array): Promise<EnrolmentRequest> {
  return verifyEnrolmentRequest({ bytes: request, suite: provider.suite });
}

/**
 * Enrols a module, begins a higher epoch of it, or finds it enrolled; its certificate is renewed when half its life is over.
 * @returns COSE bytes of the module's certificate.
 * @throws FareboxError `certificate/untrusted`; `enrolment/other-key` where the module is known with another sealing key; `module/superseded` where a
 * higher epoch has begun, or another device has this one; `enrolment/epoch-leap` where the epoch is too far ahead.
 */
export async function enrol(provider: Provider, tx: Queries, request: EnrolmentRequest): Promise<Uint8Array> {
  const now = provider.clock();
  if (await isUntrusted(tx, request.module)) throw new FareboxError('certificate/untrusted');
  const [known] = await tx.select().from(modules).where(eq(modules.id, request.module)).for('update');
  if (known === undefined) return enrolNew(provider, tx, request, now);
  if (!equalBytes(known.sealingKey, request.sealingKey)) throw new FareboxError('enrolment/other-key');
  if (request.epoch > known.epoch + SERVER_LIMITS.epochLeap) throw new FareboxError('enrolment/epoch-leap');
  if (request.epoch > known.epoch) return beginEpoch(provider, tx, known, request, now);
  // Whoever kept an old request can send it at any time, so refusing it is no evidence of a copy: it leaves no alarm.
  if (!sameLife(request, known)) throw new FareboxError('module/superseded', { epoch: known.epoch });
  if (known.certificateExpires - now > SERVER_LIMITS.moduleCertificateLifeMs / 2) return known.certificate;
  const renewed = await certify(provider, request, now);
  await tx.update(modules).set(renewed).where(eq(modules.id, request.module));
  return renewed.certificate;
}

/** From here on every older epoch is over; what was met in the present one is kept beside it. */
async function beginEpoch(
  provider: Provider,
  tx: Queries,
  known: typeof modules.$inferSelect,
  request: EnrolmentRequest,
  now: number,
): Promise<Uint8Array> {
  const { epoch, device, epochTime: beganTime, lastCounter, lastHead } = known;
  await tx
    .insert(pastEpochs)
    .values({ moduleId: request.module, epoch, device, beganTime, endedTime: now, lastCounter, lastHead });
  const certified = await certify(provider, request, now);
  await tx
    .update(modules)
    .set({ ...certified, ...newEpoch(request, now) })
    .where(eq(modules.id, request.module));
  return certified.certificate;
}

/** An epoch in which the module was not met yet. */
function newEpoch({ epoch, device }: EnrolmentRequest, now: number) {
  const met = { lastCounter: 0n, lastHead: new Uint8Array(HEAD_BYTES), lastContact: null };
  return { epoch, device, epochTime: now, ...met };
}

async function enrolNew(provider: Provider, tx: Queries, request: EnrolmentRequest, now: number): Promise<Uint8Array> {
  const certified = await certify(provider, request, now);
  const inserted = await tx
    .insert(modules)
    .values({
      id: request.module,
      publicKey: request.publicKey,
      sealingKey: request.sealingKey,
      ...certified,
      enrolledTime: now,
      ...newEpoch(request, now),
    })
    .onConflictDoNothing()
    .returning({ id: modules.id });
  // Two first requests of one module at once: the other one has enrolled it by now.
  if (inserted.length === 0) return enrol(provider, tx, request);
  const { currency, startingCreditMinor } = provider.config;
  await giveStartingCredit(tx, request.module, currency, startingCreditMinor, now);
  return certified.certificate;
}

async function certify(
  provider: Provider,
  request: EnrolmentRequest,
  now: number,
): Promise<{ certificate: Uint8Array; certificateExpires: number }> {
  const certificateExpires = now + SERVER_LIMITS.moduleCertificateLifeMs;
  const certificate = await issueCertificate({
    signer: provider.keys.agency,
    role: 'module',
    subjectKey: request.publicKey,
    sealingKey: request.sealingKey,
    device: request.device,
    epoch: request.epoch,
    issuedAt: now,
    expires: certificateExpires,
  });
  return { certificate, certificateExpires };
}
