// One request to the provider, and the same request again where that is safe. A POST keeps its Idempotency-Key over all
// attempts, so a lost answer is settled by asking again. Called by provider.ts.

import { ERRORS, FareboxError } from '../protocol/errors.ts';
import { type AnswerDecoder, decodeErrorCode } from './answers.ts';
import { HOST_LIMITS } from './limits.ts';

/** What requests need of the world, so that tests own it. */
export type HttpSurroundings = {
  readonly fetch: typeof fetch;
  /** Resolves after that long; rejects when aborted. */
  pause(delayMs: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). Spreads the retries of many terminals; nothing secret comes of it. */
  chance(): number;
};

/** A request for JSON. `body` makes it a POST, whose `idempotencyKey` names it for good. */
export type JsonRequest = {
  readonly url: string;
  readonly post?: { readonly body: object; readonly idempotencyKey: string };
  readonly signal: AbortSignal;
  /** Bounds of one attempt, in place of the usual ones. */
  readonly timeoutMs?: number;
  readonly answerSizeBytes?: number;
};

/** A request for a file as it is. */
export type FileRequest = {
  readonly url: string;
  readonly maxSizeBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

type Failure = { readonly error: FareboxError; readonly again: boolean; readonly afterMs: number };

/** Looks after a body on its way: `came` is told of bytes; the signal is aborted, as by a timeout, where too few come. `end` lets go of it. */
export type TrickleWatch = { readonly signal: AbortSignal; came(sizeBytes: number): void; end(): void };

/** Begins to look: each `trickleMs` has to bring `trickleSizeBytes`, or the end. */
export function watchTrickle(): TrickleWatch {
  const slow = new AbortController();
  let cameBytes = 0;
  const timer = setInterval(() => {
    if (cameBytes < HOST_LIMITS.trickleSizeBytes) slow.abort(new DOMException('It trickles.', 'TimeoutError'));
    cameBytes = 0;
  }, HOST_LIMITS.trickleMs);
  return {
    signal: slow.signal,
    came: (sizeBytes) => {
      cameBytes += sizeBytes;
    },
    end: () => clearInterval(timer),
  };
}

/** Reads a body up to a bound, piece by piece where somebody looks after it. Throws `network/wrong-content` beyond it. */
export async function readBounded(
  response: Response,
  maxSizeBytes: number,
  watch: TrickleWatch | null = null,
): Promise<ArrayBuffer> {
  const declaredBytes = declaredSizeBytes(response);
  if (declaredBytes !== null && declaredBytes > maxSizeBytes) {
    await response.body?.cancel();
    throw new FareboxError('network/wrong-content', { maxSizeBytes });
  }
  // The browser holds a body to its declared length, either way.
  return declaredBytes === null || watch !== null ? readStream(response, maxSizeBytes, watch) : response.arrayBuffer();
}

/** The body's length where it was declared and the body is sent as it is; null where it has to be counted. */
function declaredSizeBytes({ headers }: Response): number | null {
  const declared = headers.get('Content-Length');
  return declared !== null && /^\d+$/.test(declared) && !headers.has('Content-Encoding') ? Number(declared) : null;
}

async function readStream(response: Response, maxSizeBytes: number, watch: TrickleWatch | null): Promise<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const reader = response.body?.getReader(); reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    sizeBytes += value.byteLength;
    watch?.came(value.byteLength);
    if (sizeBytes > maxSizeBytes) {
      await reader.cancel();
      throw new FareboxError('network/wrong-content', { maxSizeBytes });
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole.buffer;
}

/** What a rejected fetch or a broken body means: the caller's own abort is thrown on as it is. */
export function networkError(thrown: unknown, signal: AbortSignal): FareboxError {
  if (signal.aborted) throw signal.reason;
  if (thrown instanceof FareboxError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') return new FareboxError('network/timeout');
  const offline = typeof navigator !== 'undefined' && navigator.onLine === false;
  return new FareboxError(offline ? 'network/offline' : 'network/unreachable', {}, { cause: thrown });
}

async function readJson(response: Response, maxSizeBytes: number = HOST_LIMITS.answerSizeBytes): Promise<unknown> {
  const body = await readBounded(response, maxSizeBytes);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new FareboxError('network/wrong-content', { status: response.status }, { cause });
  }
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get('Retry-After') ?? '0');
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, HOST_LIMITS.retryAfterMaxMs) : 0;
}

async function refusal(response: Response): Promise<Failure> {
  const code = decodeErrorCode(await readJson(response).catch(() => null));
  // A code of the table says itself whether asking again can help; without one the status has to.
  const again = code === null ? response.status >= 500 : ERRORS[code].retry === 'same-request';
  const error =
    code === null
      ? new FareboxError('network/bad-status', { status: response.status })
      : new FareboxError(code, { status: response.status });
  return { error, again, afterMs: retryAfterMs(response) };
}

async function attempt<T>(
  url: string,
  init: RequestInit,
  timeoutMs: number,
  signal: AbortSignal,
  read: (response: Response) => Promise<T>,
  surroundings: HttpSurroundings,
): Promise<{ readonly value: T } | Failure> {
  try {
    const response = await surroundings.fetch(url, {
      ...init,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      credentials: 'omit',
      redirect: 'error',
    });
    if (!response.ok) return await refusal(response);
    return { value: await read(response) };
  } catch (thrown) {
    const error = networkError(thrown, signal);
    // Without a line the next attempt would fail too: whoever asked asks again when it is back.
    const again = error.code !== 'network/wrong-content' && error.code !== 'network/offline';
    return { error, again, afterMs: 0 };
  }
}

/** Asks until it is answered or refused. Throws the provider's code, or `network/*`; an abort throws its reason. */
async function ask<T>(
  once: () => Promise<{ readonly value: T } | Failure>,
  signal: AbortSignal,
  surroundings: HttpSurroundings,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    const outcome = await once();
    if ('value' in outcome) return outcome.value;
    if (!outcome.again || attempts >= HOST_LIMITS.requestAttempts) throw outcome.error;
    const backoffMs = Math.min(HOST_LIMITS.retryBaseMs * 2 ** (attempts - 1), HOST_LIMITS.retryMaxMs);
    const jitteredMs = backoffMs * (0.5 + surroundings.chance() / 2);
    await surroundings.pause(Math.max(jitteredMs, outcome.afterMs), signal);
  }
}

/** Asks for JSON until it is answered or refused. Throws the provider's code, or `network/*`; an abort throws its reason. */
export function requestJson<T>(
  { url, post, signal, timeoutMs = HOST_LIMITS.requestTimeoutMs, answerSizeBytes }: JsonRequest,
  decode: AnswerDecoder<T>,
  surroundings: HttpSurroundings,
): Promise<T> {
  const init =
    post === undefined
      ? { method: 'GET', headers: { Accept: 'application/json' } }
      : {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': post.idempotencyKey },
          body: JSON.stringify(post.body),
        };
  const read = async (response: Response) => decode(await readJson(response, answerSizeBytes));
  return ask(() => attempt(url, init, timeoutMs, signal, read, surroundings), signal, surroundings);
}

/** Asks for a file until it is here whole or refused. Throws as `requestJson` does. */
export function requestFile(
  { url, maxSizeBytes, timeoutMs, signal }: FileRequest,
  surroundings: HttpSurroundings,
): Promise<ArrayBuffer> {
  const read = (response: Response) => readBounded(response, maxSizeBytes);
  return ask(() => attempt(url, { method: 'GET' }, timeoutMs, signal, read, surroundings), signal, surroundings);
}
