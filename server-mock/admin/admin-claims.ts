// The claims' port over a running server's admin interface: how the command line looks after claims while the server has the
// database.

import { type ClaimRegistry, claimDetailsSchema, claimSummariesSchema } from '../claims/registry.ts';
import { adminCall, decodeAnswer } from './admin-call.ts';
import type { AdminAddress } from './admin-file.ts';

/** Claims of the server at this address. Every method throws the code the server refused with, or `network/unreachable`. */
export function adminClaims(address: AdminAddress): ClaimRegistry {
  const call = adminCall(address);
  return Object.freeze({
    list: async () => decodeAnswer(claimSummariesSchema, await call('GET', '/claims')).claims,
    find: async (session) => decodeAnswer(claimDetailsSchema, await call('GET', `/claims/${session}`)),
  } satisfies ClaimRegistry);
}
