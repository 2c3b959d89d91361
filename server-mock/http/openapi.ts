// Parts of route descriptions that all routes share: answers, errors, bodies, and what is said when an input does not
// fit its schema.

import { createRoute, type Hook, type z } from '@hono/zod-openapi';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ServerEnvironment } from './environment.ts';
import { errorEnvelopeSchema } from './errors.ts';
import { idempotencyHeaders } from './schemas.ts';

/** Description of a JSON body that must be there. */
function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

const refused = {
  description: 'Refused or failed; nothing was changed',
  content: { 'application/json': { schema: errorEnvelopeSchema } },
} as const;

const refusals = {
  400: refused,
  402: refused,
  403: refused,
  404: refused,
  409: refused,
  413: refused,
  422: refused,
  429: refused,
  500: refused,
  503: refused,
} as const;

/** Descriptions of a route's answers: 200 with this JSON, and every refusal by status; which code means what is in docs/errors.md. */
export function answersWith<Schema extends z.ZodType>(schema: Schema) {
  return { 200: { description: 'Done', content: { 'application/json': { schema } } }, ...refusals };
}

/** The same for a route that answers with a file's bytes. */
export function bytesOrRefusal(description: string) {
  const schema = { type: 'string', format: 'binary' } as const;
  return { 200: { description, content: { 'application/octet-stream': { schema } } }, ...refusals };
}

/** A POST route: a body under a key that the caller chose, and one answer to it for good. */
export function operationRoute<Path extends string, Body extends z.ZodType, Answer extends z.ZodType>(
  path: Path,
  summary: string,
  body: Body,
  answer: Answer,
) {
  const request = { headers: idempotencyHeaders, body: jsonBody(body) };
  return createRoute({ method: 'post', path, summary, request, responses: answersWith(answer) });
}

/** Turns a schema's verdict into a code: a missing or odd idempotency key has its own. */
export const refuseMisfit: Hook<unknown, ServerEnvironment, string, unknown> = (result) => {
  if (result.success) return;
  throw new FareboxError(result.target === 'header' ? 'request/key-missing' : 'request/malformed');
};
