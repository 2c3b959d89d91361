// The modules' port over a running server's admin interface: how the command line looks after modules while the server has
// the database.

import type { ModuleRegistry } from '../modules/registry.ts';
import {
  moduleDetailsFromJson,
  moduleDetailsSchema,
  moduleSummariesFromJson,
  moduleSummariesSchema,
} from '../modules/schemas.ts';
import { adminCall, decodeAnswer } from './admin-call.ts';
import type { AdminAddress } from './admin-file.ts';

/** Modules of the server at this address. Every method throws the code the server refused with, or `network/unreachable`. */
export function adminModules(address: AdminAddress): ModuleRegistry {
  const call = adminCall(address);
  return Object.freeze({
    list: async () => moduleSummariesFromJson(decodeAnswer(moduleSummariesSchema, await call('GET', '/modules'))),
    find: async (id) => moduleDetailsFromJson(decodeAnswer(moduleDetailsSchema, await call('GET', `/modules/${id}`))),
    distrust: async (id) => {
      await call('PUT', `/untrusted/${id}`);
    },
    trust: async (id) => {
      await call('DELETE', `/untrusted/${id}`);
    },
  } satisfies ModuleRegistry);
}
