// Reads the provider's JSON answers, docs/protocol.md §11. Hostile input: every member is checked by hand, anything else is
// `network/wrong-content`. Signed objects stay bytes here; only the module judges them.

import { fromBase64Url } from '../protocol/bytes.ts';
import { FareboxError, type FareboxErrorCode, isErrorCode } from '../protocol/errors.ts';
import { type ContentHash, decodeContentHash, decodeProgrammeId, type ProgrammeId } from '../protocol/id-forms.ts';
import { isLabel } from '../protocol/label.ts';
import { isTitle } from '../protocol/language.ts';
import { LIMITS } from '../protocol/limits.ts';
import { OUTPUT_MODES, type OutputMode } from '../protocol/output-modes.ts';
import { HOST_LIMITS } from './limits.ts';

/** A programme in the catalogue. */
export type CatalogueEntry = {
  readonly id: ProgrammeId;
  readonly title: string;
  readonly durationMs: number;
  readonly frameCount: number;
  readonly currency: string;
  /** Ten-thousandths of the currency's unit for each frame. */
  readonly priceMinor: number;
  readonly frameDurationMs: number;
  readonly poster: ContentHash;
  readonly rungs: readonly string[];
  /** Ways out of the module that it may be asked for in; those that this version knows. */
  readonly modes: readonly OutputMode[];
  /** How far a live programme is; null for one that is whole. */
  readonly live: CatalogueLive | null;
  /** For how long it may be kept and watched with no line, ms; null where it may not. */
  readonly offlineMs: number | null;
};

/** A live programme in the catalogue. */
export type CatalogueLive = {
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly windowFrames: number;
  /** Frames that are out. */
  readonly edge: number;
  readonly ended: boolean;
};

/** A programme's signed description and where its manifest is. */
export type ProgrammeAnswer = {
  readonly programme: Uint8Array<ArrayBuffer>;
  readonly manifest: ContentHash;
  readonly providerCertificate: Uint8Array<ArrayBuffer>;
};

/** Decodes one kind of answer. Throws `network/wrong-content`. */
export type AnswerDecoder<T> = (answer: unknown) => T;

/** What an answer is refused with in which this member is not as it has to be. */
export function wrong(member: string): FareboxError {
  return new FareboxError('network/wrong-content', { member });
}

/** The members of an object. Throws `network/wrong-content` for anything else. */
export function membersOf(answer: unknown): ReadonlyMap<string, unknown> {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw wrong('answer');
  return new Map(Object.entries(answer));
}

function text(members: ReadonlyMap<string, unknown>, member: string, maxLength: number): string {
  const value = members.get(member);
  if (typeof value !== 'string' || value.length > maxLength) throw wrong(member);
  return value;
}

/** A whole number from 0. */
export function count(members: ReadonlyMap<string, unknown>, member: string): number {
  const value = members.get(member);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(member);
  return value;
}

/** Bytes in base64url. */
export function bytes(members: ReadonlyMap<string, unknown>, member: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(fromBase64Url(text(members, member, HOST_LIMITS.answerSizeBytes)));
  } catch {
    throw wrong(member);
  }
}

/** A list of at most `max`. */
export function list<T>(
  members: ReadonlyMap<string, unknown>,
  member: string,
  max: number,
  decode: AnswerDecoder<T>,
): T[] {
  const value = members.get(member);
  if (!Array.isArray(value) || value.length > max) throw wrong(member);
  return value.map((item) => decode(item));
}

function decodeRung(rung: unknown): string {
  if (!isLabel(rung)) throw wrong('rungs');
  return rung;
}

/** What would write over its neighbours on a screen is none. */
function decodeTitle(title: unknown): string {
  if (!isTitle(title, 0, LIMITS.titleLength)) throw wrong('title');
  return title;
}

function decodeCurrency(currency: unknown): string {
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) throw wrong('currency');
  return currency;
}

function decodeModes(members: ReadonlyMap<string, unknown>): readonly OutputMode[] {
  const names = list(members, 'modes', LIMITS.parts, (name) => name);
  return OUTPUT_MODES.filter((mode) => names.includes(mode));
}

function decodeLive(answer: unknown): CatalogueLive | null {
  if (answer === null || answer === undefined) return null;
  const members = membersOf(answer);
  const ended = members.get('ended');
  if (typeof ended !== 'boolean') throw wrong('ended');
  const [startTime, windowFrames] = [count(members, 'startTime'), count(members, 'windowFrames')];
  return { startTime, windowFrames, edge: count(members, 'edge'), ended };
}

function decodeEntry(answer: unknown): CatalogueEntry {
  const members = membersOf(answer);
  return {
    id: decodeProgrammeId(members.get('id'), 'network/wrong-content'),
    title: decodeTitle(members.get('title')),
    durationMs: count(members, 'durationMs'),
    frameCount: count(members, 'frameCount'),
    currency: decodeCurrency(members.get('currency')),
    priceMinor: count(members, 'priceMinor'),
    frameDurationMs: count(members, 'frameDurationMs'),
    poster: decodeContentHash(members.get('poster'), 'network/wrong-content'),
    rungs: list(members, 'rungs', LIMITS.parts, decodeRung),
    modes: decodeModes(members),
    live: decodeLive(members.get('live')),
    offlineMs: (members.get('offlineMs') ?? null) === null ? null : count(members, 'offlineMs'),
  };
}

/** `GET /catalogue`. */
export const decodeCatalogue: AnswerDecoder<readonly CatalogueEntry[]> = (answer) =>
  list(membersOf(answer), 'programmes', HOST_LIMITS.catalogueEntries, decodeEntry);

/** `GET /programmes/{id}`. */
export const decodeProgrammeAnswer: AnswerDecoder<ProgrammeAnswer> = (answer) => {
  const members = membersOf(answer);
  return {
    programme: bytes(members, 'programme'),
    manifest: decodeContentHash(members.get('manifest'), 'network/wrong-content'),
    providerCertificate: bytes(members, 'providerCertificate'),
  };
};

/** `GET /agency`: the agency's Ed25519 public key, 32 bytes. */
export const decodeAgencyKey: AnswerDecoder<Uint8Array<ArrayBuffer>> = (answer) => {
  const agencyKey = bytes(membersOf(answer), 'agencyKey');
  if (agencyKey.byteLength !== 32) throw wrong('agencyKey');
  return agencyKey;
};

/** `POST /enrolments`. */
export const decodeEnrolment: AnswerDecoder<{ readonly certificate: Uint8Array<ArrayBuffer> }> = (answer) => ({
  certificate: bytes(membersOf(answer), 'certificate'),
});

/** `POST /challenges`. */
export const decodeChallengeAnswer: AnswerDecoder<{
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly providerCertificate: Uint8Array<ArrayBuffer>;
}> = (answer) => {
  const members = membersOf(answer);
  return { challenge: bytes(members, 'challenge'), providerCertificate: bytes(members, 'providerCertificate') };
};

/** `POST /sessions`. */
export const decodeGrantAnswer: AnswerDecoder<{
  readonly grant: Uint8Array<ArrayBuffer>;
  /** Left out where the programme promises nothing. */
  readonly contract?: Uint8Array<ArrayBuffer>;
  readonly providerCertificate: Uint8Array<ArrayBuffer>;
}> = (answer) => {
  const members = membersOf(answer);
  const contract = members.has('contract') ? { contract: bytes(members, 'contract') } : {};
  return {
    grant: bytes(members, 'grant'),
    ...contract,
    providerCertificate: bytes(members, 'providerCertificate'),
  };
};

/** `POST /receipts`. */
export const decodeAcknowledgementAnswer: AnswerDecoder<{ readonly acknowledgement: Uint8Array<ArrayBuffer> }> = (
  answer,
) => ({ acknowledgement: bytes(membersOf(answer), 'acknowledgement') });

/** `POST /claims`: the provider's signed answer. */
export const decodeClaimAnswer: AnswerDecoder<{ readonly verdict: Uint8Array<ArrayBuffer> }> = (answer) => ({
  verdict: bytes(membersOf(answer), 'verdict'),
});

/** `POST /standings`. */
export const decodeStandingAnswer: AnswerDecoder<{
  readonly standing: Uint8Array<ArrayBuffer>;
  readonly providerCertificate: Uint8Array<ArrayBuffer>;
}> = (answer) => {
  const members = membersOf(answer);
  return { standing: bytes(members, 'standing'), providerCertificate: bytes(members, 'providerCertificate') };
};

/** `POST /papers`: receipt files, at most as many as can be asked for. */
export const decodePapersAnswer: AnswerDecoder<{ readonly receiptFiles: readonly Uint8Array<ArrayBuffer>[] }> = (
  answer,
) => ({
  receiptFiles: list(membersOf(answer), 'receiptFiles', LIMITS.papers, (file) =>
    bytes(new Map([['receiptFiles', file]]), 'receiptFiles'),
  ),
});

/** `POST /backups`: an object, which says nothing. */
export const decodeKeptAnswer: AnswerDecoder<null> = (answer) => {
  membersOf(answer);
  return null;
};

/** The code in an error answer, or null where it is none of ours. */
export function decodeErrorCode(answer: unknown): FareboxErrorCode | null {
  try {
    const code = membersOf(membersOf(answer).get('error')).get('code');
    return isErrorCode(code) ? code : null;
  } catch {
    return null;
  }
}
