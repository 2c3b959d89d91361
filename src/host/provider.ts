// The provider's HTTP interface, docs/protocol.md §11, as typed calls. It carries signed objects as bytes and cannot read
// what they seal. Requests are repeated where that is safe; a content file is one attempt, since the player plans its own.

import { toBase64Url } from '../protocol/bytes.ts';
import { FareboxError } from '../protocol/errors.ts';
import type { ContentHash, ProgrammeId } from '../protocol/ids.ts';
import {
  type AnswerDecoder,
  type CatalogueEntry,
  decodeAcknowledgementAnswer,
  decodeAgencyKey,
  decodeCatalogue,
  decodeChallengeAnswer,
  decodeEnrolment,
  decodeGrantAnswer,
  decodeProgrammeAnswer,
  type ProgrammeAnswer,
} from './answers.ts';
import { type HttpSurroundings, networkError, readBounded, requestJson } from './http.ts';
import { HOST_LIMITS } from './limits.ts';

/** Bytes of a signed or sealed object. */
type ObjectBytes = Uint8Array<ArrayBuffer>;

/** One attempt at a content file. */
export type ContentOptions = {
  readonly signal: AbortSignal;
  /** Asks past every cache: what a cache gave was no good. */
  readonly fresh?: boolean;
  /** What a picture waits for goes before what is only kept ahead. */
  readonly urgent?: boolean;
};

/** The provider. Every call throws FareboxError: the provider's own code, or `network/*`; an abort throws its reason. */
export type Provider = {
  catalogue(signal: AbortSignal): Promise<readonly CatalogueEntry[]>;
  /** The agency's Ed25519 public key, 32 bytes: what receipts are checked with on the screen. */
  agencyKey(signal: AbortSignal): Promise<ObjectBytes>;
  programme(programmeId: string, signal: AbortSignal): Promise<ProgrammeAnswer>;
  /** Where a content file is, for an image. */
  contentUrl(hash: ContentHash): string;
  /** A content file by its SHA-256 in hex; one attempt, not checked. */
  content(hash: string, options: ContentOptions): Promise<ArrayBuffer>;
  enrol(request: ObjectBytes, signal: AbortSignal): Promise<{ readonly certificate: ObjectBytes }>;
  challenge(
    signal: AbortSignal,
  ): Promise<{ readonly challenge: ObjectBytes; readonly providerCertificate: ObjectBytes }>;
  beginSession(
    order: SessionOrder,
  ): Promise<{ readonly grant: ObjectBytes; readonly providerCertificate: ObjectBytes }>;
  /** `idempotencyKey`: the same for the same receipt for good, so that sending it again is one receipt. */
  sendReceipt(
    receiptFile: ObjectBytes,
    idempotencyKey: string,
    signal: AbortSignal,
  ): Promise<{ readonly acknowledgement: ObjectBytes }>;
};

/** What a session is asked with. */
export type SessionOrder = {
  readonly response: ObjectBytes;
  readonly certificate: ObjectBytes;
  readonly programme: ProgrammeId;
  /** First frame to be covered. */
  readonly from: number;
  readonly signal: AbortSignal;
};

const browserSurroundings: HttpSurroundings = {
  fetch: (input, init) => fetch(input, init),
  pause: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, delayMs);
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    }),
  chance: () => Math.random(),
};

/** `origin`: the provider's, without a path. */
export function createProvider(origin: string, surroundings: HttpSurroundings = browserSurroundings): Provider {
  const get = <T>(path: string, signal: AbortSignal, decode: AnswerDecoder<T>) =>
    requestJson({ url: `${origin}/api/v1${path}`, signal }, decode, surroundings);
  const post = <T>(path: string, body: object, signal: AbortSignal, decode: AnswerDecoder<T>, idempotencyKey: string) =>
    requestJson({ url: `${origin}/api/v1${path}`, post: { body, idempotencyKey }, signal }, decode, surroundings);
  const contentUrl = (hash: string) => `${origin}/content/${hash}`;

  return {
    contentUrl,
    catalogue: (signal) => get('/catalogue', signal, decodeCatalogue),
    agencyKey: (signal) => get('/agency', signal, decodeAgencyKey),
    programme: (programmeId, signal) =>
      get(`/programmes/${encodeURIComponent(programmeId)}`, signal, decodeProgrammeAnswer),
    enrol: (request, signal) =>
      post('/enrolments', { request: toBase64Url(request) }, signal, decodeEnrolment, crypto.randomUUID()),
    challenge: (signal) => post('/challenges', {}, signal, decodeChallengeAnswer, crypto.randomUUID()),
    beginSession: ({ response, certificate, programme, from, signal }) => {
      const body = {
        response: toBase64Url(response),
        certificate: toBase64Url(certificate),
        programme,
        from,
        mode: 'display',
      };
      return post('/sessions', body, signal, decodeGrantAnswer, crypto.randomUUID());
    },
    sendReceipt: (receiptFile, idempotencyKey, signal) => {
      const body = { receiptFile: toBase64Url(receiptFile) };
      return post('/receipts', body, signal, decodeAcknowledgementAnswer, idempotencyKey);
    },
    async content(hash, { signal, fresh = false, urgent = false }) {
      try {
        const response = await surroundings.fetch(contentUrl(hash), {
          signal: AbortSignal.any([signal, AbortSignal.timeout(HOST_LIMITS.contentTimeoutMs)]),
          credentials: 'omit',
          redirect: 'error',
          cache: fresh ? 'reload' : 'default',
          priority: urgent ? 'high' : 'auto',
        });
        if (!response.ok) throw new FareboxError('network/bad-status', { status: response.status });
        return await readBounded(response, HOST_LIMITS.contentSizeBytes);
      } catch (thrown) {
        throw networkError(thrown, signal);
      }
    },
  };
}
