// Bounds the requests under way in the process, so that memory stays flat whatever comes in. Content has a bound below
// the whole, which keeps room for receipts. A content answer counts until its last byte is taken or given up.

import type { MiddlewareHandler } from 'hono';
import { FareboxError } from '../../src/protocol/errors.ts';

/** Counts of one process. */
export type InFlight = {
  /** Middleware for a class of routes. @throws FareboxError `server/overloaded`. */
  readonly bound: (kind: 'api' | 'content') => MiddlewareHandler;
  /** Requests under way now. */
  readonly total: () => number;
};

/** Makes the counts. Content may take `content` of `total` places. */
export function makeInFlight(limits: { readonly total: number; readonly content: number }): InFlight {
  const underWay = { api: 0, content: 0 };
  const total = (): number => underWay.api + underWay.content;

  const bound =
    (kind: 'api' | 'content'): MiddlewareHandler =>
    async (c, next) => {
      if (total() >= limits.total || (kind === 'content' && underWay.content >= limits.content)) {
        throw new FareboxError('server/overloaded');
      }
      underWay[kind] += 1;
      let open = true;
      const release = (): void => {
        if (open) underWay[kind] -= 1;
        open = false;
      };
      try {
        await next();
      } catch (cause) {
        release();
        throw cause;
      }
      const body = c.res.body;
      if (kind === 'api' || body === null || !c.res.ok) {
        release();
        return;
      }
      c.res = new Response(releaseAtEnd(body, release), c.res);
    };

  return Object.freeze({ bound, total });
}

function releaseAtEnd(body: ReadableStream<Uint8Array>, release: () => void): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        const { done, value } = await reader.read();
        if (done) {
          release();
          controller.close();
        } else {
          controller.enqueue(value);
        }
      } catch (cause) {
        release();
        controller.error(cause);
      }
    },
    cancel: async (reason) => {
      release();
      await reader.cancel(reason);
    },
  });
}
