// A receipt file opened up for people: every object in it by claim names, bytes as hex. For the raw view on the receipt's
// screen and `farebox receipts verify --json`. It shows and believes nothing.

import { toHex } from './bytes.ts';
import type { CborKey, CborValue } from './cbor.ts';
import { claimName } from './claims.ts';
import { peekCose, renamed } from './cose.ts';
import { type ContractPapers, decodeReceiptFile, type ReceiptFile } from './receipt-file.ts';

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

function toJson(value: CborValue): Json {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Map) return membersToJson(value, String);
  return Array.isArray(value) ? value.map((item: CborValue) => toJson(item)) : null;
}

function membersToJson(members: ReadonlyMap<CborKey, CborValue>, nameOf: (member: CborKey) => string): Json {
  return Object.fromEntries([...members].map(([member, value]) => [nameOf(member), toJson(value)]));
}

function describeCose(bytes: Uint8Array): Json {
  const { typ, kid, claims } = peekCose(bytes);
  return { typ, kid, claims: membersToJson(claims, claimName), sizeBytes: bytes.length };
}

function describeContracted({ contract, acceptance, claim, claimAnswer }: ContractPapers): Record<string, Json> {
  return {
    contract: describeCose(contract),
    acceptance: describeCose(acceptance),
    claim: claim && describeCose(claim),
    claimAnswer: claimAnswer && describeCose(claimAnswer),
  };
}

/** Claims by name of one signed object, which is not believed by it; bytes as hex. Errors: `cbor/*`, `cose/malformed`. */
export function describeClaims(bytes: Uint8Array): Json {
  return describeCose(bytes);
}

/** JSON of a receipt file: for each signed object its kind, signer, claims by name, and size. Errors: `receipt/malformed`. */
export function describeReceiptFile(bytes: Uint8Array): Json {
  const file: ReceiptFile = decodeReceiptFile(bytes);
  try {
    return {
      receipt: describeCose(file.receipt),
      certificate: describeCose(file.certificate),
      grant: describeCose(file.grant),
      programme: describeCose(file.programme),
      providerCertificate: describeCose(file.providerCertificate),
      acknowledgement: file.acknowledgement === null ? null : describeCose(file.acknowledgement),
      ...(file.contracted === null ? {} : describeContracted(file.contracted)),
    };
  } catch (cause) {
    throw renamed(cause, { malformed: 'receipt/malformed', signature: 'receipt/malformed' });
  }
}
