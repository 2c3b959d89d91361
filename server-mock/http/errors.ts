// Turns whatever a handler threw into the answer of docs/protocol.md §11: the table's status and
// `{ error: { code, message, retry } }`. Class, stack and detail stay on this side.

import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { ERROR_WORDS } from '../../src/protocol/error-words.ts';
import { ERRORS, FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';

/** The envelope every refused request is answered with. */
export const errorEnvelopeSchema = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    retry: z.enum(['never', 'same-request', 'new-request', 'after-sync']),
  }),
});

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
  const { httpStatus: status, retry } = ERRORS[code];
  const { message: happened, next } = ERROR_WORDS[code];
  // What Farebox does by itself is not said: it is somebody else's terminal that asked.
  const message = `${happened} ${next}`;
  c.header('Cache-Control', 'no-store');
  if (status === 503) c.header('Retry-After', '1');
  return c.json({ error: { code, message, retry } }, status);
}
