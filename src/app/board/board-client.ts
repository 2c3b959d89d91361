// The drawer's requests to the provider (docs/protocol.md §22). Each is one attempt: stroke-queue.ts says when to ask again. The token goes
// in a header and nowhere else.

import { decodeErrorCode } from '../../host/answers.ts';
import { networkError, readBounded } from '../../host/http.ts';
import { fromBase64Url, toBase64Url } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';

/** A board as the provider describes it to its drawer. */
export type BoardAnswer = {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** The longest that one stroke may take. */
  readonly longestMs: number;
  /** Strokes that the board may have. */
  readonly room: number;
  /** Number of the next stroke. */
  readonly strokes: number;
  readonly ended: boolean;
};

/** A stroke to send: how long ago it began, and its bytes. */
export type SentStroke = { readonly agoMs: number; readonly stroke: Uint8Array };

/** The provider, to one board's drawer. Every call throws FareboxError: the provider's code, or `network/*`; an abort throws its reason. */
export type BoardClient = {
  view(signal: AbortSignal): Promise<BoardAnswer>;
  /** Some strokes from that number on; fewer than there are where they are many. */
  strokes(from: number, signal: AbortSignal): Promise<readonly Uint8Array[]>;
  /** Number of the next stroke. */
  draw(number: number, strokes: readonly SentStroke[], signal: AbortSignal): Promise<number>;
  end(signal: AbortSignal): Promise<number>;
};

/** Longer than any answer of a provider that is well. */
const TIMEOUT_MS = 15_000;
/** 128 strokes of 8 KiB as base64url in JSON. */
const ANSWER_SIZE_BYTES = 2 * 1024 * 1024;

/** Makes the client of a board's drawer. */
export function createBoardClient(board: string, token: string, request: typeof fetch): BoardClient {
  async function ask(path: string, signal: AbortSignal, body?: object): Promise<ReadonlyMap<string, unknown>> {
    try {
      const response = await request(`/api/v1/boards/${encodeURIComponent(board)}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'Farebox-Drawer': token },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        credentials: 'omit',
        redirect: 'error',
        cache: 'no-store',
      });
      const answer = parse(await readBounded(response, ANSWER_SIZE_BYTES));
      if (response.ok) return membersOf(answer);
      const code = decodeErrorCode(answer);
      throw code === null
        ? new FareboxError('network/bad-status', { status: response.status })
        : new FareboxError(code);
    } catch (thrown) {
      throw networkError(thrown, signal);
    }
  }

  return {
    async view(signal) {
      const answer = await ask('', signal);
      const [title, ended] = [answer.get('title'), answer.get('ended')];
      if (typeof title !== 'string' || title.length > LIMITS.titleLength || typeof ended !== 'boolean')
        throw wrong('title');
      return {
        ...{ title, ended, strokes: count(answer, 'strokes'), room: count(answer, 'room') },
        ...{ width: least1(answer, 'width'), height: least1(answer, 'height'), longestMs: least1(answer, 'longestMs') },
      };
    },
    async strokes(from, signal) {
      const listed = (await ask(`/strokes?from=${from}`, signal)).get('strokes');
      if (!Array.isArray(listed)) throw wrong('strokes');
      return listed.map((text: unknown) => {
        if (typeof text !== 'string' || text.length > 2 * LIMITS.strokeSizeBytes) throw wrong('strokes');
        return fromBase64Url(text);
      });
    },
    async draw(number, strokes, signal) {
      const listed = strokes.map(({ agoMs, stroke }) => ({ agoMs, stroke: toBase64Url(stroke) }));
      return count(await ask('/strokes', signal, { number, strokes: listed }), 'strokes');
    },
    end: async (signal) => count(await ask('/end', signal, {}), 'strokes'),
  };
}

function parse(body: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new FareboxError('network/wrong-content', {}, { cause });
  }
}

function membersOf(answer: unknown): ReadonlyMap<string, unknown> {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw wrong('answer');
  return new Map(Object.entries(answer));
}

function count(members: ReadonlyMap<string, unknown>, member: string): number {
  const value = members.get(member);
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(member);
  return value;
}

function least1(members: ReadonlyMap<string, unknown>, member: string): number {
  const value = count(members, member);
  if (value < 1) throw wrong(member);
  return value;
}

function wrong(member: string): FareboxError {
  return new FareboxError('network/wrong-content', { member });
}
