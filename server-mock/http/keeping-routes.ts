// Routes for keeping a module (docs/protocol.md §14, §15): its standing, its papers, and its backups. Like all POST routes
// they decode, check what needs no lock, and have one transaction; they are told the same again for the same key.

import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeSessionId } from '../../src/protocol/ids.ts';
import { decodeBackup, findBackup, keepBackup } from '../backups/backups.ts';
import { proveModule } from '../contacts/prove.ts';
import { signInsOf } from '../key-unit/sign-in.ts';
import type { Provider } from '../provider.ts';
import { givePapers, tellStanding } from '../standings/standings.ts';
import type { ServerEnvironment } from './environment.ts';
import { bytesOrRefusal, operationRoute } from './openapi.ts';
import { makeOperations } from './operations.ts';
import {
  backupAnswer,
  backupBody,
  backupParameters,
  papersAnswer,
  papersBody,
  standingAnswer,
  standingBody,
} from './schemas.ts';

const standingRoute = operationRoute(
  '/standings',
  'Where a module stands, signed; answered whatever its standing is',
  standingBody,
  standingAnswer,
);

const papersRoute = operationRoute(
  '/papers',
  'Receipt files of a module’s own sessions, acknowledged, in the order asked',
  papersBody,
  papersAnswer,
);

const backupRoute = operationRoute(
  '/backups',
  'Keeps a sealed backup in place of the module’s earlier one under the same locator',
  backupBody,
  backupAnswer,
);

const backupFileRoute = createRoute({
  method: 'get',
  path: '/backups/{locator}',
  summary: 'The newest sealed backup under a locator',
  request: { params: backupParameters },
  responses: bytesOrRefusal('The sealed file'),
});

/** Adds the routes to the interface. */
export function addKeepingRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  const once = makeOperations(provider);
  const signIn = signInsOf(provider);

  api.openapi(standingRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('standings', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => proveModule(provider, body, { expired: true }),
      effect: async (tx, proven) => ({
        standing: toBase64Url(await tellStanding(provider, tx, proven)),
        providerCertificate: toBase64Url(provider.certificateBytes),
      }),
    });
    return c.json(standingAnswer.parse(answer), 200);
  });

  api.openapi(papersRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('papers', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => proveModule(provider, body, { signIn }),
      effect: async (tx, proven) => {
        const asked = body.sessions.map((session) => decodeSessionId(session));
        return { receiptFiles: (await givePapers(provider, tx, proven, asked)).map(toBase64Url) };
      },
    });
    return c.json(papersAnswer.parse(answer), 200);
  });

  api.openapi(backupRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('backups', c.req.valid('header')['idempotency-key'], body, {
      prepare: async () => ({
        proven: await proveModule(provider, body, { signIn }),
        backup: decodeBackup(body.backup),
      }),
      effect: async (tx, { proven, backup }) => {
        await keepBackup(provider, tx, proven, { locator: body.locator, backup });
        return {};
      },
    });
    return c.json(backupAnswer.parse(answer), 200);
  });

  api.openapi(backupFileRoute, async (c) => {
    const backup = await findBackup(provider.database.queries, c.req.valid('param').locator);
    c.header('Content-Length', String(backup.length));
    c.header('Content-Type', 'application/octet-stream');
    return c.body(Uint8Array.from(backup), 200);
  });
}
