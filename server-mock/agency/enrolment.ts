// Takes new modules up: checks that a request is signed by the key it names, certifies it and gives it its starting
// credit, once. The enrolment route calls it. It never certifies a second sealing key for one module.

import { eq } from 'drizzle-orm';
import { equalBytes } from '../../src/protocol/bytes.ts';
import { issueCertificate } from '../../src/protocol/certificate.ts';
import { type EnrolmentRequest, verifyEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { Queries } from '../db/open.ts';
import { modules } from '../db/schema.ts';
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
 * Enrols a module or finds it enrolled; its certificate is renewed when half its life is over.
 * @returns COSE bytes of the module's certificate.
 * @throws FareboxError `enrolment/other-key` where the module is known with another sealing key, `certificate/untrusted`.
 */
export async function enrol(provider: Provider, tx: Queries, request: EnrolmentRequest): Promise<Uint8Array> {
  const now = provider.clock();
  if (await isUntrusted(tx, request.module)) throw new FareboxError('certificate/untrusted');
  const [known] = await tx.select().from(modules).where(eq(modules.id, request.module)).for('update');
  if (known === undefined) return enrolNew(provider, tx, request, now);
  if (!equalBytes(known.sealingKey, request.sealingKey)) throw new FareboxError('enrolment/other-key');
  if (known.certificateExpires - now > SERVER_LIMITS.moduleCertificateLifeMs / 2) return known.certificate;
  const renewed = await certify(provider, request, now);
  await tx.update(modules).set(renewed).where(eq(modules.id, request.module));
  return renewed.certificate;
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
      lastCounter: 0n,
      lastHead: new Uint8Array(HEAD_BYTES),
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
    issuedAt: now,
    expires: certificateExpires,
  });
  return { certificate, certificateExpires };
}
