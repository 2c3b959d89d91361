// GET routes of live programmes: each update under its number, for good, and the newest one. Both may be kept by any cache on the way: the
// first for ever, the other for a second, so that one cache answers for any number of terminals. A refusal is never kept.

import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeProgrammeId, hashObject } from '../../src/protocol/ids.ts';
import { findUpdate, newestUpdate } from '../live/read-live.ts';
import type { Provider } from '../provider.ts';
import type { ServerEnvironment } from './environment.ts';
import { bytesOrRefusal } from './openapi.ts';
import { liveUpdateParameters, programmeParameters } from './schemas.ts';

const responses = bytesOrRefusal('COSE bytes of the update');

const newestRoute = createRoute({
  method: 'get',
  path: '/programmes/{id}/live',
  summary: 'The newest update of a live programme',
  request: { params: programmeParameters },
  responses,
});

const updateRoute = createRoute({
  method: 'get',
  path: '/programmes/{id}/live/{number}',
  summary: 'One update of a live programme',
  request: { params: liveUpdateParameters },
  responses,
});

/** Adds the routes to the interface. */
export function addLiveRoutes(api: OpenAPIHono<ServerEnvironment>, { database }: Pick<Provider, 'database'>): void {
  api.openapi(newestRoute, async (c) => {
    const id = decodeProgrammeId(c.req.valid('param').id, 'live/not-live');
    return answer(c, await newestUpdate(database.queries, id), 'public, max-age=1');
  });
  api.openapi(updateRoute, async (c) => {
    const { id, number } = c.req.valid('param');
    const found = await findUpdate(database.queries, decodeProgrammeId(id, 'live/not-live'), Number(number));
    return answer(c, found, 'public, max-age=31536000, immutable');
  });
}

function answer(c: Context<ServerEnvironment>, bytes: Uint8Array | null, cacheControl: string): Response {
  if (bytes === null) throw new FareboxError('live/not-live');
  c.header('Cache-Control', cacheControl);
  c.header('ETag', `"${hashObject(bytes)}"`);
  return c.body(Uint8Array.from(bytes), 200, { 'Content-Type': 'application/octet-stream' });
}
