// The live publisher's port over a running server's admin interface: how the command line publishes live while the server has the
// database. It is given the seed as it is wrapped, and opens it with the storage key of the folder.

import type { ProgrammeId } from '../../src/protocol/ids.ts';
import type { LiveNews, LiveRegistry } from '../live/registry.ts';
import { liveNewsToJson, storedLiveFromJson, storedLiveSchema } from '../live/schemas.ts';
import { adminCall, decodeAnswer } from './admin-call.ts';
import type { AdminAddress } from './admin-file.ts';

/** Live programmes of the server at this address. Every method throws the code the server refused with, or `network/unreachable`. */
export function adminLive(address: AdminAddress): LiveRegistry {
  const call = adminCall(address);
  return Object.freeze({
    find: async (id: ProgrammeId) =>
      storedLiveFromJson(decodeAnswer(storedLiveSchema, await call('GET', `/live/${id}`))),
    reserve: async (id: ProgrammeId, from: number, to: number) => {
      await call('POST', `/live/${id}/reservations`, { from, to });
    },
    publish: async (id: ProgrammeId, news: LiveNews) => {
      await call('POST', `/live/${id}/updates`, liveNewsToJson(news));
    },
  } satisfies LiveRegistry);
}
