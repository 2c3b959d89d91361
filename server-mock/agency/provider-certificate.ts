// The agency's certificate for this provider, kept in the database and made anew when half its life is over, so that
// objects signed meanwhile stay verifiable under one certificate. provider.ts calls it at each start.

import { eq } from 'drizzle-orm';
import { issueCertificate } from '../../src/protocol/certificate.ts';
import type { Database } from '../db/open.ts';
import { providerCertificates } from '../db/schema.ts';
import type { ProviderKeys } from '../keys.ts';
import { SERVER_LIMITS } from '../limits.ts';

/** COSE bytes of a certificate that holds at `now` (ms) and for a good while after; durable on return. */
export function ensureProviderCertificate(database: Database, keys: ProviderKeys, now: number): Promise<Uint8Array> {
  const providerId = keys.provider.kid;
  return database.transaction(async (tx) => {
    const [kept] = await tx
      .select()
      .from(providerCertificates)
      .where(eq(providerCertificates.providerId, providerId))
      .for('update');
    if (kept !== undefined && kept.expiresTime - now > SERVER_LIMITS.providerCertificateLifeMs / 2) {
      return kept.certificate;
    }
    const expiresTime = now + SERVER_LIMITS.providerCertificateLifeMs;
    const certificate = await issueCertificate({
      signer: keys.agency,
      role: 'provider',
      subjectKey: keys.provider.publicKey,
      issuedAt: now,
      expires: expiresTime,
    });
    await tx
      .insert(providerCertificates)
      .values({ providerId, certificate, expiresTime })
      .onConflictDoUpdate({ target: providerCertificates.providerId, set: { certificate, expiresTime } });
    return certificate;
  });
}
