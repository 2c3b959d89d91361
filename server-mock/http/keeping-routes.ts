// Routes for keeping a module (docs/protocol.md §14, §15): its standing, its papers, and its backups. Like all POST routes
// they decode, check what needs no lock, and have one transaction; they are told the same again for the same key.

import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeSessionId } from '../../src/protocol/ids.ts';
import { decodeBackup, findBackup, keepBackup } from '../backups/backups.ts';
import { proveModule } from '../contacts/prove.ts';
import type { Provider } from '../provider.ts';
import { givePapers, tellStanding } from '../standings/standings.ts';
import type { ServerEnvironment } from './environment.ts';
import { answersWith, bytesOrRefusal, jsonBody } from './openapi.ts';
import { makeOperations } from './operations.ts';
import {
  backupAnswer,
  backupBody,
  backupParameters,
  idempotencyHeaders,
  papersAnswer,
  papersBody,
  standingAnswer,
  standingBody,
} from './schemas.ts';

const standingRoute = createRoute({
  method: 'post',
  path: '/standings',
  summary: 'Where a module stands, signed; answered whatever its standing is',
  request: { headers: idempotencyHeaders, body: jsonBody(standingBody) },
  responses: answersWith(standingAnswer),
});

const papersRoute = createRoute({
  method: 'post',
  path: '/papers',
  summary: 'Receipt files of a module’s own sessions, acknowledged, in the order asked',
  request: { headers: idempotencyHeaders, body: jsonBody(papersBody) },
  responses: answersWith(papersAnswer),
});

const backupRoute = createRoute({
  method: 'post',
  path: '/backups',
  summary: 'Keeps a sealed backup in place of the module’s earlier one under the same locator',
  request: { headers: idempotencyHeaders, body: jsonBody(backupBody) },
  responses: answersWith(backupAnswer),
});

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

  api.openapi(standingRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('standings', c.req.valid('header')['idempotency-key'], body, {
      prepare: () =>
        proveModule(provider, fromBase64Url(body.response), fromBase64Url(body.certificate), { expired: true }),
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
      prepare: () => proveModule(provider, fromBase64Url(body.response), fromBase64Url(body.certificate)),
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
        proven: await proveModule(provider, fromBase64Url(body.response), fromBase64Url(body.certificate)),
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
