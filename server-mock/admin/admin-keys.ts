// The key unit's port over a running server's admin interface, both halves: the routes, and the adapter through which the command line asks
// them. No key in the clear crosses it in either direction: there is nothing in the port that could carry one.

import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { FareboxError } from '../../src/protocol/errors.ts';
import {
  applicationKeySchema,
  type KeyRegistry,
  keySetSchema,
  keyWireSchemas,
  newApplicationSchema,
} from '../key-unit/registry.ts';
import { adminCall, decodeAnswer } from './admin-call.ts';
import type { AdminAddress } from './admin-file.ts';

const { sets, newSet, newUnits, added, apps, retirement, retired, commands, answers } = keyWireSchemas;

/** Adds the routes; whoever asks has shown the token already. Errors: `request/malformed`, and the registry's. */
export function addKeyRoutes(app: Hono, keys: KeyRegistry): void {
  app.get('/admin/v1/key-sets', async (c) => c.json({ sets: await keys.sets() }));
  app.post('/admin/v1/key-sets', async (c) => c.json(await keys.addSet((await bodyOf(c, newSet)).name), 201));
  app.post('/admin/v1/key-sets/:set/units', async (c) =>
    c.json({ added: await keys.addUnits(c.req.param('set'), (await bodyOf(c, newUnits)).units) }),
  );
  app.get('/admin/v1/application-keys', async (c) => c.json({ apps: await keys.apps(null) }));
  app.get('/admin/v1/key-sets/:set/apps', async (c) => c.json({ apps: await keys.apps(c.req.param('set')) }));
  app.post('/admin/v1/key-sets/:set/apps', async (c) =>
    c.json(await keys.addApp(c.req.param('set'), await bodyOf(c, newApplicationSchema)), 201),
  );
  app.post('/admin/v1/key-sets/:set/retirements', async (c) => {
    const { reference, version } = await bodyOf(c, retirement);
    return c.json({ retired: await keys.retire(c.req.param('set'), reference, version) });
  });
  app.post('/admin/v1/key-sets/:set/exports', async (c) =>
    c.json({ answers: await keys.customize(c.req.param('set'), (await bodyOf(c, commands)).commands) }),
  );
}

async function bodyOf<Schema extends z.ZodType>(c: Context, schema: Schema): Promise<z.infer<Schema>> {
  const parsed = schema.safeParse(await c.req.json().catch(() => undefined));
  if (!parsed.success) throw new FareboxError('request/malformed');
  return parsed.data;
}

/** Key unit of the server at this address. Every method throws the code the server refused with, or `network/unreachable`. */
export function adminKeys(address: AdminAddress): KeyRegistry {
  const call = adminCall(address);
  const at = (set: string, what: string): string => `/key-sets/${encodeURIComponent(set)}/${what}`;
  return Object.freeze({
    sets: async () => decodeAnswer(sets, await call('GET', '/key-sets')).sets,
    addSet: async (name) => decodeAnswer(keySetSchema, await call('POST', '/key-sets', { name })),
    addUnits: async (set, units) => decodeAnswer(added, await call('POST', at(set, 'units'), { units })).added,
    apps: async (set) =>
      decodeAnswer(apps, await call('GET', set === null ? '/application-keys' : at(set, 'apps'))).apps,
    addApp: async (set, application) =>
      decodeAnswer(applicationKeySchema, await call('POST', at(set, 'apps'), application)),
    retire: async (set, reference, version) =>
      decodeAnswer(retired, await call('POST', at(set, 'retirements'), { reference, version })).retired,
    customize: async (set, listed) =>
      decodeAnswer(answers, await call('POST', at(set, 'exports'), { commands: listed })).answers,
  } satisfies KeyRegistry);
}
