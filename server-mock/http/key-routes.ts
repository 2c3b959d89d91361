// Routes by which a module gets its keys and agrees on their use (docs/protocol.md §23, §24): the transport key of its set, EXPORTKEY, agreement
// and acceptance. P1 alone opens them. Like all POST routes they decode,
// check what needs no lock, and have one transaction; they are told the same again for the same key.

import type { OpenAPIHono } from '@hono/zod-openapi';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { proveModule } from '../contacts/prove.ts';
import { accept, agree } from '../key-unit/agreements.ts';
import { giveKeys, giveTransportKey } from '../key-unit/give-keys.ts';
import { keyWrapOf } from '../key-unit/wrap.ts';
import type { Provider } from '../provider.ts';
import type { ServerEnvironment } from './environment.ts';
import { operationRoute } from './openapi.ts';
import { makeOperations } from './operations.ts';
import {
  acceptanceAnswer,
  acceptanceBody,
  agreementAnswer,
  agreementBody,
  keyExportAnswer,
  keyExportBody,
  transportKeyAnswer,
  transportKeyBody,
} from './schemas.ts';

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

const agreementRoute = operationRoute(
  '/keys/agreement',
  'The agreement on derived keys that is wanted with the module that asks, the next number where the newest one is over',
  agreementBody,
  agreementAnswer,
);

const acceptanceRoute = operationRoute(
  '/keys/acceptance',
  'A module accepts the newest agreement; it is in force from then on',
  acceptanceBody,
  acceptanceAnswer,
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

  api.openapi(agreementRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('keys/agreement', c.req.valid('header')['idempotency-key'], body, {
      prepare: async () => ({ proven: await proveModule(provider, body), wrap: await openWrap() }),
      effect: async (tx, { proven, wrap }) => {
        const { agreement, keys } = await agree(provider, wrap, tx, proven);
        const providerCertificate = toBase64Url(provider.certificateBytes);
        return { agreement: toBase64Url(agreement), providerCertificate, keys: [...keys] };
      },
    });
    return c.json(agreementAnswer.parse(answer), 200);
  });

  api.openapi(acceptanceRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('keys/acceptance', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => proveModule(provider, body),
      effect: async (tx, proven) => ({ number: await accept(provider, tx, proven, fromBase64Url(body.acceptance)) }),
    });
    return c.json(acceptanceAnswer.parse(answer), 200);
  });
}
