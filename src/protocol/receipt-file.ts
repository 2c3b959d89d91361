// Receipt files (`.farebox`, docs/protocol.md §9): a receipt with everything that proves it, so that anyone who holds the
// agency's public key can check it without a network. A plain container: nothing in it is believed by reading it.

import type { Bytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { renamed } from './cose.ts';
import { FareboxError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { type MembersReader, readMembers } from './members.ts';

const TYPE = 'farebox/receipt-file';
const VERSION = 1;
const CODE = 'receipt/malformed';

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
}>;

/** The file's bytes. */
export function encodeReceiptFile(file: ReceiptFile): Bytes {
  const members = new Map<string, CborValue>([
    ['type', TYPE],
    ['version', VERSION],
    ['receipt', file.receipt],
    ['certificate', file.certificate],
    ['grant', file.grant],
    ['programme', file.programme],
    ['providerCertificate', file.providerCertificate],
  ]);
  if (file.acknowledgement !== null) members.set('acknowledgement', file.acknowledgement);
  return encodeCbor(members);
}

/** Takes a file apart; believes nothing. Errors: `receipt/malformed`. */
export function decodeReceiptFile(bytes: Uint8Array): ReceiptFile {
  const members = readMembers(readContainer(bytes), CODE);
  if (members.text('type', TYPE.length) !== TYPE) throw new FareboxError(CODE, { member: 'type' });
  members.integer('version', VERSION, VERSION);
  const signed = (name: string) => members.bytes(name, 1, LIMITS.receiptFileSizeBytes);
  const file = {
    receipt: signed('receipt'),
    certificate: signed('certificate'),
    grant: signed('grant'),
    programme: signed('programme'),
    providerCertificate: signed('providerCertificate'),
    acknowledgement: acknowledgementIn(members),
  };
  members.end();
  return file;
}

function acknowledgementIn(members: MembersReader): Uint8Array | null {
  return members.has('acknowledgement') ? members.bytes('acknowledgement', 1, LIMITS.receiptFileSizeBytes) : null;
}

function readContainer(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { sizeBytes: LIMITS.receiptFileSizeBytes });
  } catch (cause) {
    throw renamed(cause, { malformed: CODE, signature: CODE });
  }
}
