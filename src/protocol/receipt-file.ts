// Receipt files (`.farebox`, docs/protocol.md §9): a receipt with everything that proves it, so that anyone who holds the
// agency's public key can check it without a network. A plain container: nothing in it is believed by reading it.

import type { Bytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { renamed } from './cose.ts';
import { FareboxError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { type MembersReader, readMembers } from './members.ts';

const TYPE = 'farebox/receipt-file';
/** Written: 1 for a session without a contract, which an older reader takes, and 2 for one with. */
const VERSIONS = { plain: 1, contracted: 2 } as const;
const CODE = 'receipt/malformed';

/** What a session with a contract has beside the rest (docs/protocol.md §17), each as its exact bytes. */
export type ContractPapers = Readonly<{
  contract: Uint8Array;
  /** The module's word that it takes it. */
  acceptance: Uint8Array;
  /** Null until something was claimed. */
  claim: Uint8Array | null;
  /** Null until the provider has answered; an answer that contradicts itself is kept as well. */
  claimAnswer: Uint8Array | null;
}>;

/** Signed objects, each as its exact bytes. */
export type ReceiptFile = Readonly<{
  receipt: Uint8Array;
  /** The module's. */
  certificate: Uint8Array;
  grant: Uint8Array;
  programme: Uint8Array;
  providerCertificate: Uint8Array;
  /** Null until the provider has accepted the receipt. */
  acknowledgement: Uint8Array | null;
  /** Null for a session without a contract. */
  contracted: ContractPapers | null;
}>;

/** The file's bytes. */
export function encodeReceiptFile(file: ReceiptFile): Bytes {
  const members = new Map<string, CborValue>([
    ['type', TYPE],
    ['version', file.contracted === null ? VERSIONS.plain : VERSIONS.contracted],
    ['receipt', file.receipt],
    ['certificate', file.certificate],
    ['grant', file.grant],
    ['programme', file.programme],
    ['providerCertificate', file.providerCertificate],
  ]);
  if (file.acknowledgement !== null) members.set('acknowledgement', file.acknowledgement);
  if (file.contracted !== null) addContracted(members, file.contracted);
  return encodeCbor(members);
}

function addContracted(
  members: Map<string, CborValue>,
  { contract, acceptance, claim, claimAnswer }: ContractPapers,
): void {
  members.set('contract', contract).set('acceptance', acceptance);
  if (claim !== null) members.set('claim', claim);
  if (claimAnswer !== null) members.set('claimAnswer', claimAnswer);
}

/** Takes a file apart; believes nothing. Errors: `receipt/malformed`. */
export function decodeReceiptFile(bytes: Uint8Array): ReceiptFile {
  const members = readMembers(readContainer(bytes), CODE);
  if (members.text('type', TYPE.length) !== TYPE) throw new FareboxError(CODE, { member: 'type' });
  const version = members.integer('version', VERSIONS.plain, VERSIONS.contracted);
  const signed = (name: string) => members.bytes(name, 1, LIMITS.receiptFileSizeBytes);
  const file = {
    receipt: signed('receipt'),
    certificate: signed('certificate'),
    grant: signed('grant'),
    programme: signed('programme'),
    providerCertificate: signed('providerCertificate'),
    acknowledgement: optionalIn(members, 'acknowledgement'),
    contracted: version === VERSIONS.plain ? null : contractedIn(members),
  };
  members.end();
  return file;
}

function contractedIn(members: MembersReader): ContractPapers {
  const papers = {
    contract: members.bytes('contract', 1, LIMITS.receiptFileSizeBytes),
    acceptance: members.bytes('acceptance', 1, LIMITS.receiptFileSizeBytes),
    claim: optionalIn(members, 'claim'),
    claimAnswer: optionalIn(members, 'claimAnswer'),
  };
  // Nobody answers what was not claimed.
  if (papers.claim === null && papers.claimAnswer !== null) throw new FareboxError(CODE, { member: 'claimAnswer' });
  return papers;
}

function optionalIn(members: MembersReader, name: string): Uint8Array | null {
  return members.has(name) ? members.bytes(name, 1, LIMITS.receiptFileSizeBytes) : null;
}

function readContainer(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { sizeBytes: LIMITS.receiptFileSizeBytes });
  } catch (cause) {
    throw renamed(cause, { malformed: CODE, signature: CODE });
  }
}
