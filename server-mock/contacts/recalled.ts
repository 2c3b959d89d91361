// Certificates of modules that this process has verified, by the hash of their bytes: who signs in with keys (docs/protocol.md §24) comes often,
// and its certificate is the same bytes each time. Its time is looked at each time; the untrusted list is not in here.

import { type VerifiedCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { type ContentHash, hashObject } from '../../src/protocol/ids.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';

/** A certificate that is good now, and its name. */
export type RecalledCertificate = { readonly certificate: VerifiedCertificate; readonly certificateHash: ContentHash };

const remembered = new WeakMap<Provider, Map<ContentHash, VerifiedCertificate>>();

/** Believes a module's certificate, by its signature the first time. @throws FareboxError `certificate/*`. */
export async function recallCertificate(provider: Provider, bytes: Uint8Array): Promise<RecalledCertificate> {
  const known = remembered.get(provider) ?? new Map<ContentHash, VerifiedCertificate>();
  remembered.set(provider, known);
  const certificateHash = hashObject(bytes);
  const now = provider.clock();
  const recalled = known.get(certificateHash);
  if (recalled !== undefined) {
    if (now >= recalled.expires) throw new FareboxError('certificate/expired', { expires: recalled.expires });
    return { certificate: recalled, certificateHash };
  }
  const agencyKey = provider.keys.agency.publicKey;
  const certificate = await verifyCertificate({ bytes, agencyKey, role: 'module', now, suite: provider.suite });
  const [oldest] = known.keys();
  if (oldest !== undefined && known.size >= SERVER_LIMITS.certificatesRemembered) known.delete(oldest);
  known.set(certificateHash, certificate);
  return { certificate, certificateHash };
}
