// One call of a running server's admin interface, for the adapters of the ports that the command line uses.

import type { z } from 'zod';
import { FareboxError, isErrorCode } from '../../src/protocol/errors.ts';
import { errorEnvelopeSchema } from '../http/errors.ts';
import type { AdminAddress } from './admin-file.ts';

/** Calls a path below `/admin/v1`. Throws the code the server refused with, or `network/unreachable`. */
export type AdminCall = (method: string, path: string, body?: unknown) => Promise<unknown>;

/** Makes the call of one address. */
export function adminCall(address: AdminAddress): AdminCall {
  return async (method, path, body) => {
    const response = await fetch(`${address.url}/admin/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${address.token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new FareboxError('network/unreachable', undefined, { cause });
    });
    const answer: unknown = await response.json();
    if (response.ok) return answer;
    const refused = errorEnvelopeSchema.safeParse(answer);
    const code = refused.success ? refused.data.error.code : undefined;
    throw new FareboxError(isErrorCode(code) ? code : 'network/bad-status', { status: response.status });
  };
}

/** What the server answered, as its schema has it. @throws FareboxError `network/wrong-content`. */
export function decodeAnswer<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw new FareboxError('network/wrong-content');
  return parsed.data;
}
