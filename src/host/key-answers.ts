// Reads the provider's answers on keys, docs/protocol.md §11, §23, §24: hostile input, as in answers.ts, whose rules hold here. What is signed or
// sealed stays bytes; only the module judges it. Loaded when it is needed, by key-requests.ts.

import { type FareboxErrorCode, isErrorCode } from '../protocol/errors.ts';
import { isKeyReference } from '../protocol/key-unit/references.ts';
import { LIMITS } from '../protocol/limits.ts';
import { type AnswerDecoder, bytes, count, list, membersOf, wrong } from './answers.ts';
import { HOST_LIMITS } from './limits.ts';

type ObjectBytes = Uint8Array<ArrayBuffer>;
type Members = ReadonlyMap<string, unknown>;

/** A key that an agreement names. `pin`: a PIN chooses it, so it comes with one. */
export type NamedKey = { readonly reference: string; readonly version: number; readonly pin: boolean };

/** EXPORTKEY's answer to one request, as it goes into the module. */
export type ExportedBytes = {
  readonly sealedKey: ObjectBytes;
  readonly slot: string;
  readonly signature: ObjectBytes;
  readonly certificate: ObjectBytes;
};

/** What the provider expects of a module that comes by fig. 2, and the token of it. */
export type TokenAnswer = {
  readonly ticket: ObjectBytes;
  /** 32 bytes. */
  readonly token: ObjectBytes;
  /** The highest counter that the provider has met of the module. */
  readonly counter: number;
  /** Number of its newest agreement. */
  readonly agreement: number;
  /** Drawn by the provider under the rule `server`; null under the others. */
  readonly index: number | null;
};

/** What the provider shows of a card that it keeps: the last four digits, and until when it is good (`2027-08`). */
export type KeptCard = { readonly last4: string; readonly expiry: string };

function reference(members: Members, member: string): string {
  const value = members.get(member);
  if (!isKeyReference(value)) throw wrong(member);
  return value;
}

function version(members: Members): number {
  const value = count(members, 'version');
  if (value < 1 || value > LIMITS.keyVersions) throw wrong('version');
  return value;
}

function fitting(members: Members, member: string, form: RegExp): string {
  const value = members.get(member);
  if (typeof value !== 'string' || !form.test(value)) throw wrong(member);
  return value;
}

/** `POST /keys/transport`. */
export const decodeTransportAnswer: AnswerDecoder<{
  readonly transportKey: ObjectBytes;
  readonly providerCertificate: ObjectBytes;
}> = (answer) => {
  const members = membersOf(answer);
  return { transportKey: bytes(members, 'transportKey'), providerCertificate: bytes(members, 'providerCertificate') };
};

const decodeNamedKey: AnswerDecoder<NamedKey> = (answer) => {
  const members = membersOf(answer);
  const pin = members.get('pin');
  if (typeof pin !== 'boolean') throw wrong('pin');
  return { reference: reference(members, 'reference'), version: version(members), pin };
};

/** `POST /keys/agreement`: with every key that the agreement names, one of each name. */
export const decodeAgreementAnswer: AnswerDecoder<{
  readonly agreement: ObjectBytes;
  readonly providerCertificate: ObjectBytes;
  readonly keys: readonly NamedKey[];
}> = (answer) => {
  const members = membersOf(answer);
  // Its series sets, and the master key.
  const keys = list(members, 'keys', LIMITS.seriesSets + 1, decodeNamedKey);
  if (new Set(keys.map((key) => key.reference)).size !== keys.length) throw wrong('keys');
  return {
    agreement: bytes(members, 'agreement'),
    providerCertificate: bytes(members, 'providerCertificate'),
    keys,
  };
};

/** `POST /keys/acceptance`: the number that holds now. */
export const decodeAcceptanceAnswer: AnswerDecoder<{ readonly number: number }> = (answer) => ({
  number: count(membersOf(answer), 'number'),
});

/** `POST /keys/token`. */
export const decodeTokenAnswer: AnswerDecoder<TokenAnswer> = (answer) => {
  const members = membersOf(answer);
  const [ticket, token] = [bytes(members, 'ticket'), bytes(members, 'token')];
  if (ticket.byteLength > LIMITS.signInSizeBytes) throw wrong('ticket');
  if (token.byteLength !== HOST_LIMITS.tokenLengthBytes) throw wrong('token');
  const index = (members.get('index') ?? null) === null ? null : count(members, 'index');
  return { ticket, token, counter: count(members, 'counter'), agreement: count(members, 'agreement'), index };
};

const decodeExported: AnswerDecoder<ExportedBytes | { readonly error: FareboxErrorCode }> = (answer) => {
  const members = membersOf(answer);
  const error = members.get('error');
  if (error !== undefined) {
    if (!isErrorCode(error)) throw wrong('error');
    return { error };
  }
  const slot = members.get('slot');
  if (typeof slot !== 'string' || slot.length > HOST_LIMITS.keySlotLength) throw wrong('slot');
  return {
    slot,
    sealedKey: bytes(members, 'sealedKey'),
    signature: bytes(members, 'signature'),
    certificate: bytes(members, 'certificate'),
  };
};

/** `POST /keys/export` for `asked` keys: as many answers, in the order asked. */
export const decodeExportAnswer =
  (asked: number): AnswerDecoder<{ readonly answers: readonly (ExportedBytes | { error: FareboxErrorCode })[] }> =>
  (answer) => {
    const answers = list(membersOf(answer), 'answers', asked, decodeExported);
    if (answers.length !== asked) throw wrong('answers');
    return { answers };
  };

/** `POST /keys/pin`: the reference of the set that fits, which is the application. */
export const decodePinAnswer: AnswerDecoder<{ readonly application: string }> = (answer) => ({
  application: reference(membersOf(answer), 'application'),
});

/** `POST /confidential`. */
export const decodeCardAnswer: AnswerDecoder<{ readonly card: KeptCard }> = (answer) => {
  const members = membersOf(membersOf(answer).get('card'));
  return {
    card: {
      last4: fitting(members, 'last4', /^\d{4}$/),
      expiry: fitting(members, 'expiry', /^\d{4}-(0[1-9]|1[0-2])$/),
    },
  };
};
