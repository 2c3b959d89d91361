// Routes by which a module gets its keys (docs/protocol.md §23): the transport key of its set, and EXPORTKEY. Like all POST routes they decode,
// check what needs no lock, and have one transaction; they are told the same again for the same key.

import type { OpenAPIHono } from '@hono/zod-openapi';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { proveModule } from '../contacts/prove.ts';
import { giveKeys, giveTransportKey } from '../key-unit/give-keys.ts';
import { keyWrapOf } from '../key-unit/wrap.ts';
import type { Provider } from '../provider.ts';
import type { ServerEnvironment } from './environment.ts';
import { operationRoute } from './openapi.ts';
import { makeOperations } from './operations.ts';
import { keyExportAnswer, keyExportBody, transportKeyAnswer, transportKeyBody } from './schemas.ts';

const transportRoute = operationRoute(
  '/keys/transport',
  'The transport key of the set that a module is in, sealed to the module',
  transportKeyBody,
  transportKeyAnswer,
);

const exportRoute = operationRoute(
  '/keys/export',
  'EXPORTKEY: application keys for the module that asks, answered in the order asked',
  keyExportBody,
  keyExportAnswer,
);

/** Adds the routes to the interface. */
export function addKeyRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  const once = makeOperations(provider);
  const openWrap = keyWrapOf(provider);

  api.openapi(transportRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('keys/transport', c.req.valid('header')['idempotency-key'], body, {
      prepare: async () => ({ proven: await proveModule(provider, body), wrap: await openWrap() }),
      effect: async (tx, { proven, wrap }) => ({
        transportKey: toBase64Url(await giveTransportKey(provider, wrap, tx, proven)),
        providerCertificate: toBase64Url(provider.certificateBytes),
      }),
    });
    return c.json(transportKeyAnswer.parse(answer), 200);
  });

  api.openapi(exportRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('keys/export', c.req.valid('header')['idempotency-key'], body, {
      prepare: async () => ({ proven: await proveModule(provider, body), wrap: await openWrap() }),
      effect: async (tx, { proven, wrap }) => ({
        answers: [...(await giveKeys(provider, wrap, tx, proven, body.keys))],
      }),
    });
    return c.json(keyExportAnswer.parse(answer), 200);
  });
}
