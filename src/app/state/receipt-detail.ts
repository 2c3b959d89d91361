// One receipt, opened: its file from the module, every check on it, and the raw object in words. The checks are loaded when the first
// receipt is opened, not before. Called by the receipt page; what it shows is what anyone with the agency's key would find.

import type { ClaimReport } from '../../protocol/claim-checks.ts';
import type { ReceiptReport } from '../../protocol/receipt-checks.ts';
import type { SessionSequenceName } from '../../protocol/sequence/names.ts';
import type { TerminalPorts } from './ports.ts';

/** An opened receipt. */
export type ReceiptDetail = {
  readonly session: string;
  readonly file: Uint8Array<ArrayBuffer>;
  readonly report: ReceiptReport;
  /** The claim in the file and its answer, or null where nothing was claimed. */
  readonly claim: ClaimReport | null;
  /** The raw object as indented text. */
  readonly raw: string;
  /** Where the session's frame keys came from; null where the module does not have the session any more. */
  readonly sequence: SessionSequenceName | null;
};

/** Opens the receipt of a closed session. Rejects with the module's and the provider's codes. */
export async function openReceipt(ports: TerminalPorts, session: string, signal: AbortSignal): Promise<ReceiptDetail> {
  const [
    { checkReceiptFile, describeReceiptFile },
    { checkClaimIn },
    { webCryptoSuite },
    { receiptFile },
    agencyKey,
    sessions,
  ] = await Promise.all([
    import('../../protocol/receipt-checks.ts'),
    import('../../protocol/claim-checks.ts'),
    import('../../protocol/suite/webcrypto.ts'),
    ports.module.call('receiptFile', { session }),
    ports.provider.agencyKey(signal),
    ports.module.call('sessions', {}),
  ]);
  const report = await checkReceiptFile({ file: receiptFile, agencyKey, suite: webCryptoSuite });
  const raw = JSON.stringify(describeReceiptFile(receiptFile), null, 2);
  const claim = await checkClaimIn({ file: receiptFile, report, suite: webCryptoSuite });
  const sequence = sessions.find((view) => view.session === session)?.sequence ?? null;
  return { session, file: new Uint8Array(receiptFile), report, claim, raw, sequence };
}
