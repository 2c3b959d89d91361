// The catalogue's port over a running server's admin interface: how the command line publishes, lists and removes while
// the server has the database. It sends the clear seed over loopback only, to the process that wraps it.

import { FareboxError, isErrorCode } from '../../src/protocol/errors.ts';
import type { ProgrammeRegistry } from '../catalogue/registry.ts';
import { publishedToJson, summariesFromJson, summariesSchema } from '../catalogue/schemas.ts';
import { errorEnvelopeSchema } from '../http/errors.ts';
import type { AdminAddress } from './admin-file.ts';

/** Registry of the server at this address. Every method throws the code the server refused with, or `network/unreachable`. */
export function adminRegistry(address: AdminAddress): ProgrammeRegistry {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
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

  return Object.freeze({
    add: async (programme) => {
      await call('POST', '/programmes', publishedToJson(programme));
    },
    list: async () => {
      const parsed = summariesSchema.safeParse(await call('GET', '/programmes'));
      if (!parsed.success) throw new FareboxError('network/wrong-content');
      return summariesFromJson(parsed.data);
    },
    remove: async (id) => {
      await call('DELETE', `/programmes/${id}`);
    },
    removeUnlisted: async (hashes) => {
      await call('POST', '/unlisted-files/removal', { hashes });
    },
  } satisfies ProgrammeRegistry);
}
