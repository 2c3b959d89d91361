// Every check that makes a receipt valid, by name, with a value to show (docs/protocol.md §9): on the receipt's screen, in
// `farebox receipts verify`, and by the provider before it charges. Needs the agency's public key and nothing else. Never
// throws on bad input: what fails is reported, and what could not be looked at for that reason is `absent`.

import { type Acknowledgement, verifyAcknowledgement } from './acknowledgement.ts';
import { amount, formatAmount } from './amount.ts';
import { type CertificateRole, type VerifiedCertificate, verifyCertificate } from './certificate.ts';
import { CLAIMS } from './claims.ts';
import { type VerifiedContract, verifyContract, verifyContractAcceptance } from './contract.ts';
import { misfitOfContract } from './contract-fit.ts';
import { peekCose } from './cose.ts';
import { errorWords } from './error-words.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { type VerifiedGrant, verifyGrant } from './grant.ts';
import { LIMITS } from './limits.ts';
import { type VerifiedProgramme, verifyProgramme } from './programme.ts';
import { countFrames } from './ranges.ts';
import { type VerifiedReceipt, verifyReceipt } from './receipt.ts';
import { decodeReceiptFile, type ReceiptFile } from './receipt-file.ts';
import {
  describeTime,
  type Judgement,
  judgeAmount,
  judgeBinding,
  judgeCertificateTime,
  judgeCount,
  judgeDelivery,
  judgeRecord,
  judgeTimes,
  judgeWithinGrant,
} from './receipt-judgements.ts';
import type { CryptoSuite } from './suite/suite.ts';

export { describeReceiptFile } from './receipt-description.ts';

/** The checks of every receipt, in the order in which they are made and shown. */
export const RECEIPT_CHECKS = [
  'encoding',
  'certificate',
  'certificate-time',
  'signature',
  'provider-certificate',
  'programme',
  'grant',
  'binding',
  'within-grant',
  'count',
  'times',
  'amount',
  'record',
  'acknowledgement',
] as const;

/** The checks that a session with a contract has beside them, before its acknowledgement (docs/protocol.md §17). */
export const CONTRACT_CHECKS = ['contract', 'delivery'] as const;

/** Name of a check. */
export type ReceiptCheckName = (typeof RECEIPT_CHECKS)[number] | (typeof CONTRACT_CHECKS)[number];

/** One check: what was looked at, as text, and how it came out. `code` where it failed. */
export type ReceiptCheck = Readonly<{
  name: ReceiptCheckName;
  verdict: 'ok' | 'failed' | 'absent';
  value: string;
  code: FareboxErrorCode | null;
}>;

/** The outcome. `valid`: all is `ok`, save that an acknowledgement may be absent. What was believed on the way is beside it, else null. */
export type ReceiptReport = Readonly<{
  valid: boolean;
  checks: readonly ReceiptCheck[];
  receipt: VerifiedReceipt | null;
  module: VerifiedCertificate | null;
  provider: VerifiedCertificate | null;
  programme: VerifiedProgramme | null;
  grant: VerifiedGrant | null;
  contract: VerifiedContract | null;
  acknowledgement: Acknowledgement | null;
}>;

/** Collects checks; each step gives what it believed, or null where it failed or had nothing to go on. */
class Checklist {
  readonly checks: ReceiptCheck[] = [];

  async believe<T>(name: ReceiptCheckName, step: () => Promise<T>, show: (believed: T) => string): Promise<T | null> {
    try {
      const believed = await step();
      this.checks.push({ name, verdict: 'ok', value: show(believed), code: null });
      return believed;
    } catch (cause) {
      if (!(cause instanceof FareboxError)) throw cause;
      this.checks.push({ name, verdict: 'failed', value: errorWords(cause.code), code: cause.code });
      return null;
    }
  }

  judge(name: ReceiptCheckName, judgement: Judgement | null): void {
    if (judgement === null) this.checks.push({ name, verdict: 'absent', value: '', code: null });
    else {
      const { value, failure } = judgement;
      this.checks.push({ name, verdict: failure === null ? 'ok' : 'failed', value, code: failure });
    }
  }
}

/** Moment at which a signed object says it was made, ms; its signature is checked later. A receipt may be old, so its parts are judged by their own time. */
function issuedTimeOf(bytes: Uint8Array, code: FareboxErrorCode): number {
  try {
    const seconds = peekCose(bytes).claims.get(CLAIMS.iat);
    if (typeof seconds === 'number') return 1000 * seconds;
  } catch (cause) {
    throw new FareboxError(code, undefined, { cause });
  }
  throw new FareboxError(code, { claim: 'iat' });
}

/** Checks a receipt file against an agency's public key (32 bytes). */
export async function checkReceiptFile(given: {
  file: Uint8Array;
  agencyKey: Uint8Array;
  suite: CryptoSuite;
}): Promise<ReceiptReport> {
  const { agencyKey, suite } = given;
  const list = new Checklist();
  const file = await list.believe(
    'encoding',
    async () => decodeReceiptFile(given.file),
    ({ contracted }) => `Farebox receipt file, version ${contracted === null ? 1 : 2}, ${given.file.length} bytes`,
  );
  const module = await certificateIn(list, 'certificate', 'module', file?.certificate, { agencyKey, suite });
  const receipt = await receiptIn(list, file, module, suite);
  const provider = await certificateIn(list, 'provider-certificate', 'provider', file?.providerCertificate, {
    agencyKey,
    suite,
  });
  const programme =
    file === null || provider === null
      ? skip(list, 'programme')
      : await list.believe(
          'programme',
          () => verifyProgramme({ bytes: file.programme, certificate: provider, suite }),
          describeProgramme,
        );
  const grant = await grantIn(list, file, { module, provider, programme, suite });
  list.judge(
    'binding',
    receipt && module && grant && programme && judgeBinding(receipt, { certificate: module, grant, programme }),
  );
  list.judge('within-grant', receipt && grant && judgeWithinGrant(receipt, grant));
  list.judge('count', receipt && judgeCount(receipt));
  list.judge('times', receipt && judgeTimes(receipt));
  list.judge('amount', receipt && grant && judgeAmount(receipt, grant));
  list.judge('record', receipt && judgeRecord(receipt));
  const contract = await contractIn(list, file, { module, provider, programme, receipt, grant, suite });
  const acknowledgement = await acknowledgementIn(list, file, { provider, receipt, suite });
  const valid = list.checks.every(
    ({ name, verdict }) => verdict === 'ok' || (verdict === 'absent' && name === 'acknowledgement'),
  );
  return { valid, checks: list.checks, receipt, module, provider, programme, grant, contract, acknowledgement };
}

function skip(list: Checklist, name: ReceiptCheckName): null {
  list.judge(name, null);
  return null;
}

async function certificateIn(
  list: Checklist,
  name: 'certificate' | 'provider-certificate',
  role: CertificateRole,
  bytes: Uint8Array | undefined,
  trust: { readonly agencyKey: Uint8Array; readonly suite: CryptoSuite },
): Promise<VerifiedCertificate | null> {
  if (bytes === undefined) return skip(list, name);
  const step = async () =>
    verifyCertificate({ bytes, role, now: issuedTimeOf(bytes, 'certificate/malformed'), ...trust });
  return list.believe(name, step, ({ subject, agency }) => `${role} ${subject}, certified by agency ${agency}`);
}

async function receiptIn(
  list: Checklist,
  file: ReceiptFile | null,
  module: VerifiedCertificate | null,
  suite: CryptoSuite,
): Promise<VerifiedReceipt | null> {
  if (file === null || module === null) {
    skip(list, 'certificate-time');
    return skip(list, 'signature');
  }
  // The certificate's time is judged by the receipt's, so the signature is looked at first and listed second.
  const signature = new Checklist();
  const step = () => verifyReceipt({ bytes: file.receipt, module, suite });
  const receipt = await signature.believe(
    'signature',
    step,
    ({ receiptHash }) => `Ed25519 over receipt ${receiptHash}`,
  );
  list.judge('certificate-time', receipt && judgeCertificateTime(module, receipt));
  list.checks.push(...signature.checks);
  return receipt;
}

async function grantIn(
  list: Checklist,
  file: ReceiptFile | null,
  believed: {
    readonly module: VerifiedCertificate | null;
    readonly provider: VerifiedCertificate | null;
    readonly programme: VerifiedProgramme | null;
    readonly suite: CryptoSuite;
  },
): Promise<VerifiedGrant | null> {
  const { module, provider, programme, suite } = believed;
  if (file === null || module === null || provider === null || programme === null) return skip(list, 'grant');
  const bytes = file.grant;
  const step = async () => {
    const now = issuedTimeOf(bytes, 'grant/malformed');
    const grant = await verifyGrant({ bytes, provider, module: module.subject, programme, now, suite });
    requireCertifiedAt(provider, grant.issuedAt);
    return grant;
  };
  return list.believe(
    'grant',
    step,
    ({ ranges, expires }) => `${countFrames(ranges)} frames until ${describeTime(expires)}`,
  );
}

/** A provider's certificate is judged by when it granted, as a module does: a key that leaked later makes no old grants. */
function requireCertifiedAt({ issuedAt, expires }: VerifiedCertificate, timeMs: number): void {
  if (timeMs >= expires) throw new FareboxError('certificate/expired', { expires });
  if (issuedAt > timeMs + LIMITS.clockToleranceMs) throw new FareboxError('certificate/not-yet-valid', { issuedAt });
}

/** The contract, where anything of the session speaks of one, and what the module saw of the delivery. */
async function contractIn(
  list: Checklist,
  file: ReceiptFile | null,
  believed: {
    readonly module: VerifiedCertificate | null;
    readonly provider: VerifiedCertificate | null;
    readonly programme: VerifiedProgramme | null;
    readonly receipt: VerifiedReceipt | null;
    readonly grant: VerifiedGrant | null;
    readonly suite: CryptoSuite;
  },
): Promise<VerifiedContract | null> {
  const { module, provider, programme, receipt, grant, suite } = believed;
  const papers = file?.contracted ?? null;
  if (papers === null && !receipt?.delivery && !grant?.contractHash) return null;
  if (module === null || provider === null || programme === null || receipt === null || grant === null) {
    skip(list, 'contract');
    return skip(list, 'delivery');
  }
  const step = async () => {
    if (papers === null) throw new FareboxError('receipt/contract');
    const contract = await verifyContract({ bytes: papers.contract, provider, suite });
    await verifyContractAcceptance({ bytes: papers.acceptance, module, contract, suite });
    const misfit = misfitOfContract(contract, grant, programme.contract);
    if (misfit !== null || receipt.delivery?.contractHash !== contract.contractHash)
      throw new FareboxError('receipt/contract');
    return contract;
  };
  const contract = await list.believe(
    'contract',
    step,
    ({ contractHash }) => `contract ${contractHash}, both signed it`,
  );
  list.judge('delivery', contract && judgeDelivery(receipt, grant, contract.terms));
  return contract;
}

async function acknowledgementIn(
  list: Checklist,
  file: ReceiptFile | null,
  believed: {
    readonly provider: VerifiedCertificate | null;
    readonly receipt: VerifiedReceipt | null;
    readonly suite: CryptoSuite;
  },
): Promise<Acknowledgement | null> {
  const { provider, receipt, suite } = believed;
  const bytes = file?.acknowledgement;
  if (bytes === undefined || bytes === null || provider === null || receipt === null)
    return skip(list, 'acknowledgement');
  const step = () => verifyAcknowledgement({ bytes, provider, receipt, suite });
  const show = ({ sequenceNumber, amountMinor }: Acknowledgement) =>
    `number ${sequenceNumber}, charged ${formatAmount(amount(receipt.currency, amountMinor))}`;
  return list.believe('acknowledgement', step, show);
}

function describeProgramme({ title, currency, priceMinor }: VerifiedProgramme): string {
  return `“${title}”, ${formatAmount(amount(currency, priceMinor))} a frame`;
}
