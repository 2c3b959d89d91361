// The catalogue's port over a running server's admin interface: how the command line publishes, lists and removes while
// the server has the database. It sends the clear seed over loopback only, to the process that wraps it.

import type { ProgrammeRegistry } from '../catalogue/registry.ts';
import { publishedToJson, summariesFromJson, summariesSchema } from '../catalogue/schemas.ts';
import { adminCall, decodeAnswer } from './admin-call.ts';
import type { AdminAddress } from './admin-file.ts';

/** Registry of the server at this address. Every method throws the code the server refused with, or `network/unreachable`. */
export function adminRegistry(address: AdminAddress): ProgrammeRegistry {
  const call = adminCall(address);
  return Object.freeze({
    add: async (programme) => {
      await call('POST', '/programmes', publishedToJson(programme));
    },
    list: async () => summariesFromJson(decodeAnswer(summariesSchema, await call('GET', '/programmes'))),
    remove: async (id) => {
      await call('DELETE', `/programmes/${id}`);
    },
    removeUnlisted: async (hashes) => {
      await call('POST', '/unlisted-files/removal', { hashes });
    },
  } satisfies ProgrammeRegistry);
}
