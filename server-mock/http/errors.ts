// Turns whatever a handler threw into the answer of docs/protocol.md §11: the table's status and
// `{ error: { code, message, retry } }`. Class, stack and detail stay on this side.

import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { ERRORS, FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';

/** The envelope every refused request is answered with. */
export const errorEnvelopeSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    retry: z.enum(['never', 'same-request', 'new-request', 'after-sync']),
  }),
});

const CONTENTFUL = [400, 401, 403, 404, 405, 409, 413, 416, 422, 429, 500, 502, 503, 504, 507] as const;

/** The code of anything thrown. What is not ours is `server/internal`, except what the framework says of a body or a deadline. */
export function codeOf(thrown: unknown): FareboxErrorCode {
  if (thrown instanceof FareboxError) return thrown.code;
  if (thrown instanceof HTTPException) {
    if (thrown.status === 504) return 'server/overloaded';
    if (thrown.status < 500) return 'request/malformed';
  }
  return 'server/internal';
}

/** Answers with a code's envelope. */
export function answerError(c: Context, code: FareboxErrorCode): Response {
  const { httpStatus, message, retry } = ERRORS[code];
  const status: ContentfulStatusCode = CONTENTFUL.find((known) => known === httpStatus) ?? 500;
  c.header('Cache-Control', 'no-store');
  if (status === 503) c.header('Retry-After', '1');
  return c.json({ error: { code, message, retry } }, status);
}
