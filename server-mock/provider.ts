// The provider as its parties share it: database, keys, content, certificate, clock and randomness, opened once by
// server.ts, cli.ts or a test and handed to every party. It holds nothing that changes while it runs.

import { randomBytes } from 'node:crypto';
import { type VerifiedCertificate, verifyCertificate } from '../src/protocol/certificate.ts';
import type { RandomBytes } from '../src/protocol/ids.ts';
import { decodeProviderId, type ProviderId } from '../src/protocol/ids.ts';
import type { CryptoSuite } from '../src/protocol/suite/suite.ts';
import { webCryptoSuite } from '../src/protocol/suite/webcrypto.ts';
import { ensureProviderCertificate } from './agency/provider-certificate.ts';
import { type DeliveryRecord, openDeliveryRecord } from './claims/delivery-record.ts';
import type { ProviderConfig } from './config.ts';
import { type ContentStore, openContentStore } from './content/store.ts';
import { type Database, openDatabase } from './db/open.ts';
import { openKeys, type ProviderKeys } from './keys.ts';

/** What every party of the provider works with. */
export type Provider = {
  readonly config: ProviderConfig;
  readonly database: Database;
  readonly keys: ProviderKeys;
  readonly content: ContentStore;
  /** What was given out to whom, as far as requests say for which session (docs/protocol.md §17). */
  readonly deliveries: DeliveryRecord;
  readonly suite: CryptoSuite;
  readonly id: ProviderId;
  /** COSE bytes of the agency's certificate for this provider. */
  readonly certificateBytes: Uint8Array;
  readonly certificate: VerifiedCertificate;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly random: RandomBytes;
};

/** What a test or a simulator may put in place of the machine's own. */
export type ProviderSources = Partial<Pick<Provider, 'clock' | 'random' | 'suite'>>;

/** Random bytes of the operating system. */
export const systemRandom: RandomBytes = (lengthBytes) => new Uint8Array(randomBytes(lengthBytes));

/**
 * Opens everything, making on the way what a first start lacks.
 * @throws FareboxError `server/locked`, `server/no-permission`, `store/newer-version`.
 */
export async function openProvider(config: ProviderConfig, sources: ProviderSources = {}): Promise<Provider> {
  const clock = sources.clock ?? Date.now;
  const random = sources.random ?? systemRandom;
  const suite = sources.suite ?? webCryptoSuite;
  const database = await openDatabase(config);
  try {
    const keys = await openKeys(config.dataDir);
    const content = await openContentStore(config.dataDir);
    const certificateBytes = await ensureProviderCertificate(database, keys, clock());
    const certificate = await verifyCertificate({
      bytes: certificateBytes,
      agencyKey: keys.agency.publicKey,
      role: 'provider',
      now: clock(),
      suite,
    });
    const id = decodeProviderId(certificate.subject);
    const deliveries = openDeliveryRecord(database);
    const own = { id, certificateBytes, certificate };
    return Object.freeze({ config, database, keys, content, deliveries, suite, ...own, clock, random });
  } catch (cause) {
    await database.close();
    throw cause;
  }
}
