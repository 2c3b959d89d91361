// The key unit's port over a running server's admin interface, both halves: the routes, and the adapter through which the command line asks
// them. No key in the clear crosses it in either direction: there is nothing in the port that could carry one.

import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import { FareboxError } from '../../src/protocol/errors.ts';
import {
  applicationKeySchema,
  type KeyRegistry,
  keyPolicySchema,
  keySetSchema,
  keyWireSchemas,
  newApplicationSchema,
} from '../key-unit/registry.ts';
import { adminCall, decodeAnswer } from './admin-call.ts';
import type { AdminAddress } from './admin-file.ts';

const {
  sets,
  newSet,
  newUnits,
  added,
  apps,
  rule,
  agreements,
  retirement,
  retired,
  cards,
  removed,
  commands,
  answers,
} = keyWireSchemas;

/** Adds the routes; whoever asks has shown the token already. Errors: `request/malformed`, and the registry's. */
export function addKeyRoutes(app: Hono, keys: KeyRegistry): void {
  app.get('/admin/v1/key-sets', async (c) => c.json({ sets: await keys.sets() }));
  app.post('/admin/v1/key-sets', async (c) => {
    const { name, openSize } = await bodyOf(c, newSet);
    return c.json(await keys.addSet(name, openSize), 201);
  });
  app.post('/admin/v1/key-sets/:set/units', async (c) =>
    c.json({ added: await keys.addUnits(c.req.param('set'), (await bodyOf(c, newUnits)).units) }),
  );
  app.get('/admin/v1/application-keys', async (c) => c.json({ apps: await keys.apps(null) }));
  app.get('/admin/v1/key-sets/:set/apps', async (c) => c.json({ apps: await keys.apps(c.req.param('set')) }));
  app.post('/admin/v1/key-sets/:set/apps', async (c) =>
    c.json(await keys.addApp(c.req.param('set'), await bodyOf(c, newApplicationSchema)), 201),
  );
  app.post('/admin/v1/key-sets/:set/retirements', async (c) => {
    const { reference, version, index, unit } = await bodyOf(c, retirement);
    return c.json({ retired: await keys.retire(c.req.param('set'), reference, version, { index, unit }) });
  });
  app.put('/admin/v1/key-sets/:set/policy', async (c) => {
    await keys.setPolicy(c.req.param('set'), await bodyOf(c, keyPolicySchema));
    return c.json({});
  });
  app.put('/admin/v1/key-sets/:set/rule', async (c) => {
    const { rule: named, unit } = await bodyOf(c, rule);
    await keys.setRule(c.req.param('set'), named, unit);
    return c.json({});
  });
  app.get('/admin/v1/key-agreements', async (c) => c.json({ agreements: await keys.agreements(null) }));
  app.get('/admin/v1/key-sets/:set/agreements', async (c) =>
    c.json({ agreements: await keys.agreements(c.req.param('set')) }),
  );
  app.post('/admin/v1/key-sets/:set/renewals', async (c) => c.json({ apps: await keys.renew(c.req.param('set')) }));
  app.get('/admin/v1/cards', async (c) => c.json({ cards: await keys.cards() }));
  app.delete('/admin/v1/cards/:module', async (c) => c.json({ removed: await keys.removeCard(c.req.param('module')) }));
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
    addSet: async (name, openSize = null) =>
      decodeAnswer(keySetSchema, await call('POST', '/key-sets', { name, openSize })),
    addUnits: async (set, units) => decodeAnswer(added, await call('POST', at(set, 'units'), { units })).added,
    apps: async (set) =>
      decodeAnswer(apps, await call('GET', set === null ? '/application-keys' : at(set, 'apps'))).apps,
    addApp: async (set, application) =>
      decodeAnswer(applicationKeySchema, await call('POST', at(set, 'apps'), application)),
    setPolicy: async (set, policy) => {
      await call('PUT', at(set, 'policy'), policy);
    },
    setRule: async (set, named, unit) => {
      await call('PUT', at(set, 'rule'), { rule: named, unit });
    },
    agreements: async (set) =>
      decodeAnswer(agreements, await call('GET', set === null ? '/key-agreements' : at(set, 'agreements'))).agreements,
    retire: async (set, reference, version, { index = null, unit = null } = {}) =>
      decodeAnswer(retired, await call('POST', at(set, 'retirements'), { reference, version, index, unit })).retired,
    renew: async (set) => decodeAnswer(apps, await call('POST', at(set, 'renewals'))).apps,
    cards: async () => decodeAnswer(cards, await call('GET', '/cards')).cards,
    removeCard: async (module) =>
      decodeAnswer(removed, await call('DELETE', `/cards/${encodeURIComponent(module)}`)).removed,
    customize: async (set, listed) =>
      decodeAnswer(answers, await call('POST', at(set, 'exports'), { commands: listed })).answers,
  } satisfies KeyRegistry);
}
