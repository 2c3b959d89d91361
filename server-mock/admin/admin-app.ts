// The admin interface: the catalogue's and the modules' ports for the command line, on a listener of its own that is bound to loopback.
// It is no part of either public origin; every request must carry the token of <dataDir>/admin.json.

import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { FareboxError } from '../../src/protocol/errors.ts';
import {
  decodeContentHash,
  decodeModuleId,
  decodeProgrammeId,
  decodeSessionId,
  type ModuleId,
  type ProgrammeId,
} from '../../src/protocol/ids.ts';
import type { ProgrammeRegistry } from '../catalogue/registry.ts';
import { publishedFromJson, publishedProgrammeSchema, unlistedSchema } from '../catalogue/schemas.ts';
import type { ClaimRegistry } from '../claims/registry.ts';
import { answerError, codeOf } from '../http/errors.ts';
import type { KeyRegistry } from '../key-unit/registry.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { LiveRegistry } from '../live/registry.ts';
import { liveNewsFromJson, liveNewsSchema, reservationSchema, storedLiveToJson } from '../live/schemas.ts';
import type { ModuleRegistry } from '../modules/registry.ts';
import { moduleDetailsToJson } from '../modules/schemas.ts';
import { addKeyRoutes } from './admin-keys.ts';

/** Builds the interface. Errors: `request/unauthorised`, `request/malformed`, `request/too-large`, and the registries'. */
export function adminApp(
  registry: ProgrammeRegistry,
  modules: ModuleRegistry,
  live: LiveRegistry,
  claims: ClaimRegistry,
  keys: KeyRegistry,
  token: string,
): Hono {
  const app = new Hono();
  app.onError((thrown, c) => answerError(c, codeOf(thrown)));
  app.notFound((c) => answerError(c, 'request/not-found'));
  app.use(async (c, next) => {
    // A page's script cannot leave out Origin on a request that changes something; no browser has business here.
    const offered = c.req.header('Authorization') ?? '';
    if (c.req.header('Origin') !== undefined || !sameText(offered, `Bearer ${token}`)) {
      throw new FareboxError('request/unauthorised');
    }
    await next();
  });
  app.use(bodyLimit({ maxSize: SERVER_LIMITS.adminBodyBytes, onError: (c) => answerError(c, 'request/too-large') }));

  app.get('/admin/v1/programmes', async (c) => c.json({ programmes: await registry.list() }));
  app.post('/admin/v1/programmes', async (c) => {
    const parsed = publishedProgrammeSchema.safeParse(await readJson(c));
    if (!parsed.success) throw new FareboxError('request/malformed');
    await registry.add(publishedFromJson(parsed.data));
    return c.json({}, 201);
  });
  app.delete('/admin/v1/programmes/:id', async (c) => {
    await registry.remove(decodeProgrammeId(c.req.param('id'), 'programme/unknown'));
    return c.json({});
  });
  app.post('/admin/v1/unlisted-files/removal', async (c) => {
    const parsed = unlistedSchema.safeParse(await readJson(c));
    if (!parsed.success) throw new FareboxError('request/malformed');
    await registry.removeUnlisted(parsed.data.hashes.map((hash) => decodeContentHash(hash)));
    return c.json({});
  });
  addModuleRoutes(app, modules);
  addLivePublishing(app, live);
  addClaimRoutes(app, claims);
  addKeyRoutes(app, keys);
  return app;
}

function addClaimRoutes(app: Hono, claims: ClaimRegistry): void {
  app.get('/admin/v1/claims', async (c) => c.json({ claims: await claims.list() }));
  app.get('/admin/v1/claims/:session', async (c) =>
    c.json(await claims.find(decodeSessionId(c.req.param('session'), 'claim/unknown'))),
  );
}

function addModuleRoutes(app: Hono, modules: ModuleRegistry): void {
  const idIn = (c: Context): ModuleId => decodeModuleId(c.req.param('id'), 'module/unknown');
  app.get('/admin/v1/modules', async (c) => c.json({ modules: await modules.list() }));
  app.get('/admin/v1/modules/:id', async (c) => c.json(moduleDetailsToJson(await modules.find(idIn(c)))));
  app.put('/admin/v1/untrusted/:id', async (c) => {
    await modules.distrust(idIn(c));
    return c.json({});
  });
  app.delete('/admin/v1/untrusted/:id', async (c) => {
    await modules.trust(idIn(c));
    return c.json({});
  });
}

function addLivePublishing(app: Hono, live: LiveRegistry): void {
  const idIn = (c: Context): ProgrammeId => decodeProgrammeId(c.req.param('id'), 'programme/unknown');
  app.get('/admin/v1/live/:id', async (c) => c.json(storedLiveToJson(await live.find(idIn(c)))));
  app.post('/admin/v1/live/:id/reservations', async (c) => {
    const parsed = reservationSchema.safeParse(await readJson(c));
    if (!parsed.success) throw new FareboxError('request/malformed');
    await live.reserve(idIn(c), parsed.data.from, parsed.data.to);
    return c.json({});
  });
  app.post('/admin/v1/live/:id/updates', async (c) => {
    const parsed = liveNewsSchema.safeParse(await readJson(c));
    if (!parsed.success) throw new FareboxError('request/malformed');
    await live.publish(idIn(c), liveNewsFromJson(parsed.data));
    return c.json({});
  });
}

/** The body as JSON; what is none is refused like any body that does not fit. */
async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new FareboxError('request/malformed');
    throw cause;
  }
}

/** Compares in the same time for any content and length. */
function sameText(offered: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(offered), digest(expected));
}
