// Notes in the record of delivery how a content request went (docs/protocol.md §17), where it names a delivery in its CMCD
// query (CTA-5004 `sid`). Called by the content routes. It changes no answer, and caches go by the path alone.

import type { ContentHash } from '../../src/protocol/ids.ts';
import type { DeliveryRecord } from '../claims/delivery-record.ts';

/** Longest CMCD query that is looked at; usual ones have some 200 characters. */
const CMCD_LENGTH = 1_024;
const SID = /(?:^|,)sid="([0-9a-f]{32})"(?:,|$)/;

/** The delivery that a CMCD query names, as 32 hex digits; null where there is none of that form. */
export function deliveryIdIn(cmcd: string | undefined): string | null {
  if (cmcd === undefined || cmcd.length > CMCD_LENGTH) return null;
  return SID.exec(cmcd)?.[1] ?? null;
}

/** One request that is being answered. */
export type NotedRequest = {
  /** It ended without a body of its own: 304, or nothing there. */
  end(status: number): void;
  /** The body that is given out, watched to its end. */
  watch(status: number, askedBytes: number, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
};

/** Begins to note. `clock` in ms since 1970; durations are measured on a clock that never jumps. */
export function noteRequest(
  record: Pick<DeliveryRecord, 'note'>,
  request: { readonly deliveryId: string; readonly hash: ContentHash },
  clock: () => number,
): NotedRequest {
  const startedTime = clock();
  const startedMs = performance.now();
  let waitedMs = 0;
  const done = (status: number, askedBytes: number, sentBytes: number, brokenOff: boolean): void => {
    const elapsedMs = performance.now() - startedMs;
    const ownMs = Math.max(0, elapsedMs - waitedMs);
    record.note({ ...request, status, askedBytes, sentBytes, startedTime, ownMs, elapsedMs, brokenOff });
  };
  return {
    end: (status) => done(status, 0, 0, false),
    watch: (status, askedBytes, body) => {
      const reader = body.getReader();
      let sentBytes = 0;
      let gaveMs: number | null = null;
      return new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            // From when a piece was given until the next one is asked for, the other side takes its time.
            if (gaveMs !== null) waitedMs += performance.now() - gaveMs;
            try {
              const { done: isOver, value } = await reader.read();
              if (isOver) {
                done(status, askedBytes, sentBytes, false);
                controller.close();
              } else {
                sentBytes += value.length;
                controller.enqueue(value);
              }
            } catch (cause) {
              done(status, askedBytes, sentBytes, false);
              throw cause;
            } finally {
              gaveMs = performance.now();
            }
          },
          async cancel(reason) {
            if (gaveMs !== null) waitedMs += performance.now() - gaveMs;
            done(status, askedBytes, sentBytes, sentBytes < askedBytes);
            await reader.cancel(reason);
          },
        },
        // Nothing is read ahead: what was not asked for was not given out.
        { highWaterMark: 0 },
      );
    },
  };
}
