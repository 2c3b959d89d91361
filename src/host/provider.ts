// The provider's HTTP interface, docs/protocol.md §11, as typed calls. It carries signed objects as bytes and cannot read
// what they seal. Requests are repeated where that is safe; a content file is one attempt, since the player plans its own.

import { toBase64Url, toHex } from '../protocol/bytes.ts';
import { FareboxError } from '../protocol/errors.ts';
import type { ContentHash, ProgrammeId } from '../protocol/ids.ts';
import { LIMITS } from '../protocol/limits.ts';
import type { OutputMode } from '../protocol/output-modes.ts';
import type { ChosenSequence } from '../protocol/sequence/names.ts';
import {
  type AnswerDecoder,
  type CatalogueEntry,
  decodeAcknowledgementAnswer,
  decodeAgencyKey,
  decodeCatalogue,
  decodeChallengeAnswer,
  decodeClaimAnswer,
  decodeEnrolment,
  decodeGrantAnswer,
  decodeKeptAnswer,
  decodePapersAnswer,
  decodeProgrammeAnswer,
  decodeStandingAnswer,
  type ProgrammeAnswer,
} from './answers.ts';
import {
  type HttpSurroundings,
  type JsonRequest,
  networkError,
  readBounded,
  requestFile,
  requestJson,
  watchTrickle,
} from './http.ts';
import { HOST_LIMITS } from './limits.ts';
import { pauseFor } from './pause.ts';

/** Bytes of a signed or sealed object. */
type ObjectBytes = Uint8Array<ArrayBuffer>;

/** One attempt at a content file. */
export type ContentOptions = {
  readonly signal: AbortSignal;
  /** Asks past every cache: what a cache gave was no good. */
  readonly fresh?: boolean;
  /** What a picture waits for goes before what is only kept ahead. */
  readonly urgent?: boolean;
  /** What the request says about itself, CTA-5004; a query that no cache looks at. */
  readonly cmcd?: string;
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
  /** The newest update of a live programme, or the one of that number; one attempt, not checked. Errors: `live/not-live`, `network/*`. */
  liveUpdate(programmeId: string, number: number | 'newest', signal: AbortSignal): Promise<ArrayBuffer>;
  enrol(request: ObjectBytes, signal: AbortSignal): Promise<{ readonly certificate: ObjectBytes }>;
  /** `module`: id of the module that is going to answer, 32 hex digits. */
  challenge(
    module: string,
    signal: AbortSignal,
  ): Promise<{ readonly challenge: ObjectBytes; readonly providerCertificate: ObjectBytes }>;
  beginSession(
    order: Contacted & {
      readonly programme: ProgrammeId;
      /** First frame to be covered. */
      readonly from: number;
      readonly mode: OutputMode;
      /** Under which the content of the session is asked for, 32 hex digits. */
      readonly deliveryId?: string;
      /** For watching with no line: whole or not at all. */
      readonly offline?: boolean;
      /** The documents' own function in place of the programme's; weak, and only where a person chose it. */
      readonly sequence?: ChosenSequence;
    },
  ): Promise<{
    readonly grant: ObjectBytes;
    /** Where the programme promises something. */
    readonly contract?: ObjectBytes;
    readonly providerCertificate: ObjectBytes;
  }>;
  sendReceipt(
    order: Contacted & { readonly receiptFile: ObjectBytes },
  ): Promise<{ readonly acknowledgement: ObjectBytes }>;
  /** The signed answer to a claim. */
  sendClaim(
    order: Contacted & { readonly claim: ObjectBytes; readonly receiptFile: ObjectBytes },
  ): Promise<{ readonly verdict: ObjectBytes }>;
  /** Where the provider says that the module stands, signed; answers a module of any standing. */
  standing(order: Contacted): Promise<{ readonly standing: ObjectBytes; readonly providerCertificate: ObjectBytes }>;
  /** Acknowledged receipt files of these sessions, those that the provider has; at most 50. */
  papers(
    order: Contacted & { readonly sessions: readonly string[] },
  ): Promise<{ readonly receiptFiles: readonly ObjectBytes[] }>;
  /** Leaves a sealed backup with the provider, in place of the one before. `locator`: 32 hex digits. */
  keepBackup(order: Contacted & { readonly locator: string; readonly backup: ObjectBytes }): Promise<null>;
  /** The sealed backup under this locator, 32 hex digits. Errors: `backup/unknown`. */
  backup(locator: string, signal: AbortSignal): Promise<ArrayBuffer>;
  /** What the requests that are loaded when they are needed (key-requests.ts) are made with. */
  readonly posts: ProviderPosts;
};

type Bounds = Pick<JsonRequest, 'timeoutMs' | 'answerSizeBytes'>;

/** A POST request to the provider. `path` begins behind `/api/v1`. Each throws as the provider's calls do. */
export type ProviderPosts = {
  /** One that is not a contact; each call is a request of its own. */
  post<T>(path: string, body: object, decode: AnswerDecoder<T>, options: Bounds & { signal: AbortSignal }): Promise<T>;
  /** One contact with what it is for: named by all that is in it, so that the same bytes under the same name are one effect. */
  contact<T>(path: string, contacted: Contacted, more: object, decode: AnswerDecoder<T>, bounds?: Bounds): Promise<T>;
};

/** What every request of a contact begins with: the module's response to a challenge, and who it is. */
export type Contacted = {
  readonly response: ObjectBytes;
  readonly certificate: ObjectBytes;
  readonly signal: AbortSignal;
};

const browserSurroundings: HttpSurroundings = {
  fetch: (input, init) => fetch(input, init),
  pause: pauseFor,
  chance: () => Math.random(),
};

/** Names a request by all of its body, so that the same request is the same name for good and a changed one never is. */
async function nameOf(path: string, body: object): Promise<string> {
  const said = new TextEncoder().encode(JSON.stringify(body));
  return `${path.slice(1)}-${toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', said)))}`;
}

/** `origin`: the provider's, without a path. */
export function createProvider(origin: string, surroundings: HttpSurroundings = browserSurroundings): Provider {
  const get = <T>(path: string, signal: AbortSignal, decode: AnswerDecoder<T>) =>
    requestJson({ url: `${origin}/api/v1${path}`, signal }, decode, surroundings);
  const post = <T>(
    path: string,
    body: object,
    decode: AnswerDecoder<T>,
    options: Bounds & { readonly signal: AbortSignal },
    idempotencyKey: string = crypto.randomUUID(),
  ) =>
    requestJson({ url: `${origin}/api/v1${path}`, post: { body, idempotencyKey }, ...options }, decode, surroundings);
  const contact: ProviderPosts['contact'] = async (path, { response, certificate, signal }, more, decode, bounds) => {
    const body = { response: toBase64Url(response), certificate: toBase64Url(certificate), ...more };
    return post(path, body, decode, { signal, ...bounds }, await nameOf(path, body));
  };
  const contentUrl = (hash: string) => `${origin}/content/${hash}`;

  return {
    posts: { post, contact },
    contentUrl,
    catalogue: (signal) => get('/catalogue', signal, decodeCatalogue),
    agencyKey: (signal) => get('/agency', signal, decodeAgencyKey),
    programme: (programmeId, signal) =>
      get(`/programmes/${encodeURIComponent(programmeId)}`, signal, decodeProgrammeAnswer),
    liveUpdate: (programmeId, number, signal) =>
      requestFile(
        {
          url: `${origin}/api/v1/programmes/${encodeURIComponent(programmeId)}/live${number === 'newest' ? '' : `/${number}`}`,
          maxSizeBytes: LIMITS.liveUpdateSizeBytes,
          timeoutMs: HOST_LIMITS.liveTimeoutMs,
          signal,
        },
        surroundings,
      ),
    enrol: (request, signal) => post('/enrolments', { request: toBase64Url(request) }, decodeEnrolment, { signal }),
    challenge: (module, signal) => post('/challenges', { module }, decodeChallengeAnswer, { signal }),
    beginSession: (order) =>
      contact(
        '/sessions',
        order,
        {
          ...{ programme: order.programme, from: order.from, mode: order.mode },
          ...(order.deliveryId === undefined ? {} : { deliveryId: order.deliveryId }),
          ...(order.offline === true ? { offline: true } : {}),
          ...(order.sequence === undefined ? {} : { sequence: order.sequence }),
        },
        decodeGrantAnswer,
      ),
    sendReceipt: (order) =>
      contact('/receipts', order, { receiptFile: toBase64Url(order.receiptFile) }, decodeAcknowledgementAnswer),
    sendClaim: (order) =>
      contact(
        '/claims',
        order,
        { claim: toBase64Url(order.claim), receiptFile: toBase64Url(order.receiptFile) },
        decodeClaimAnswer,
      ),
    standing: (order) => contact('/standings', order, {}, decodeStandingAnswer),
    papers: (order) =>
      contact('/papers', order, { sessions: order.sessions }, decodePapersAnswer, {
        answerSizeBytes: HOST_LIMITS.papersAnswerSizeBytes,
      }),
    keepBackup: (order) =>
      contact('/backups', order, { locator: order.locator, backup: toBase64Url(order.backup) }, decodeKeptAnswer, {
        timeoutMs: HOST_LIMITS.backupTimeoutMs,
      }),
    backup: (locator, signal) =>
      requestFile(
        {
          url: `${origin}/api/v1/backups/${encodeURIComponent(locator)}`,
          maxSizeBytes: LIMITS.backupSizeBytes,
          timeoutMs: HOST_LIMITS.backupTimeoutMs,
          signal,
        },
        surroundings,
      ),
    async content(hash, { signal, fresh = false, urgent = false, cmcd }) {
      const watch = watchTrickle();
      try {
        const response = await surroundings.fetch(
          cmcd === undefined ? contentUrl(hash) : `${contentUrl(hash)}?CMCD=${encodeURIComponent(cmcd)}`,
          {
            signal: AbortSignal.any([signal, watch.signal, AbortSignal.timeout(HOST_LIMITS.contentTimeoutMs)]),
            credentials: 'omit',
            redirect: 'error',
            cache: fresh ? 'reload' : 'default',
            priority: urgent ? 'high' : 'auto',
          },
        );
        if (!response.ok) throw new FareboxError('network/bad-status', { status: response.status });
        return await readBounded(response, HOST_LIMITS.contentSizeBytes, watch);
      } catch (thrown) {
        throw networkError(thrown, signal);
      } finally {
        watch.end();
      }
    },
  };
}
