// Reads a receipt file as anyone may who has the agency's key, and compares it with what the module told while it played.
import type { Page } from '@playwright/test';
import { z } from 'zod';
import { fromBase64Url } from '../../src/protocol/bytes.ts';
import { checkReceiptFile, type ReceiptReport } from '../../src/protocol/receipt-checks.ts';
import { webCryptoSuite } from '../../src/protocol/suite/webcrypto.ts';
import { heard } from './module-events.ts';

const agencySchema = z.object({ agencyKey: z.string() });

/** The agency's public key as the provider at `origin` publishes it, base64url. */
export async function agencyKeyOf(origin: string): Promise<string> {
  return agencySchema.parse(await (await fetch(`${origin}/api/v1/agency`)).json()).agencyKey;
}

/** Every check on a receipt file, with the agency's key of the provider at `origin`. */
export async function checkFile(file: Uint8Array, origin: string): Promise<ReceiptReport> {
  return checkReceiptFile({ file, agencyKey: fromBase64Url(await agencyKeyOf(origin)), suite: webCryptoSuite });
}

/** Frames that the module said in this document that it has shown and counted, ascending; each can be there only once. */
export async function countedFrames(page: Page): Promise<number[]> {
  const events = await heard(page, 'frame');
  return events
    .filter(({ outcome }) => outcome === 'decrypted')
    .map(({ frame }) => frame)
    .sort((a, b) => a - b);
}
