// Receipts as their signatures have it, not as the row says: a receipt lies in the database in the clear. Called before one goes into a snapshot,
// and by a recovery that looks at what is left.

import { verifyAcknowledgement } from '../../protocol/acknowledgement.ts';
import { toHex } from '../../protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { CLAIMS } from '../../protocol/claims.ts';
import { peekCose } from '../../protocol/cose.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { ModuleId } from '../../protocol/ids.ts';
import { verifyReceipt } from '../../protocol/receipt.ts';
import type { SnapshotReceipt, SnapshotSession } from '../../protocol/snapshot.ts';
import type { Surroundings } from '../core.ts';
import type { ReceiptRow } from '../store/rows.ts';
import { ifHolds } from './if-holds.ts';

/** What verifying needs of the surroundings. */
export type Verifying = Pick<Surroundings, 'agencyKey' | 'suite'>;

/**
 * Believes a receipt that this module has signed. An answer of the provider's that does not hold is left out: it gives the same one again.
 * Rejects with `store/altered`, or what the signature says.
 */
export type ReceiptVerifier = (row: ReceiptRow, session: SnapshotSession | null) => Promise<SnapshotReceipt>;

/** Makes a verifier. One certificate stands beside many receipts, and is verified once. */
export function makeReceiptVerifier({ suite, agencyKey }: Verifying, module: ModuleId): ReceiptVerifier {
  const certificates = new Map<string, VerifiedCertificate>();
  const certificateOf = async (bytes: Uint8Array, role: 'module' | 'provider') => {
    const name = `${role} ${toHex(bytes)}`;
    const now = issuedTimeOf(bytes);
    const known = certificates.get(name) ?? (await verifyCertificate({ bytes, agencyKey, role, now, suite }));
    certificates.set(name, known);
    return known;
  };
  return async (row, session) => {
    const certificate = await certificateOf(row.certificate, 'module');
    const receipt = await verifyReceipt({ bytes: row.receipt, module: certificate, suite });
    if (receipt.module !== module || receipt.session !== row.session) {
      throw new FareboxError('store/altered', { row: 'receipt' });
    }
    const kept = snapshotReceipt(row);
    const bytes = row.acknowledgement;
    // Without the session there is nothing to hold the provider's answer against.
    if (bytes === null || session === null) return { ...kept, acknowledgement: null };
    const answered = await ifHolds(async () => {
      const provider = await certificateOf(session.providerCertificate, 'provider');
      return verifyAcknowledgement({ bytes, provider, receipt, suite });
    });
    return answered === null ? { ...kept, acknowledgement: null } : kept;
  };
}

/** True where this agency has certified this module: of another one's papers nobody here can say whether they hold. */
export async function isOfAgency({ suite, agencyKey }: Verifying, certificate: Uint8Array): Promise<boolean> {
  const now = issuedTimeOf(certificate);
  return (
    (await ifHolds(() => verifyCertificate({ bytes: certificate, agencyKey, role: 'module', now, suite }))) !== null
  );
}

/** The moment at which a certificate says it was issued, ms: whether it is altered is asked here, not whether it holds by a clock that may be wrong. */
function issuedTimeOf(certificate: Uint8Array): number {
  try {
    const seconds = peekCose(certificate).claims.get(CLAIMS.iat);
    return typeof seconds === 'number' ? 1000 * seconds : 0;
  } catch {
    // What is no certificate at all is refused by whoever verifies it.
    return 0;
  }
}

/** A receipt row as a snapshot has it. */
export function snapshotReceipt(row: ReceiptRow): SnapshotReceipt {
  const { session, closedTime, receipt, certificate, acknowledgement } = row;
  return { session, closedTime, receipt, certificate, acknowledgement };
}
