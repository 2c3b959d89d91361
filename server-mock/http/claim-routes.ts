// The POST route for claims (docs/protocol.md §17): decodes, checks what needs no lock, then has one transaction, and gives the
// same answer to the same idempotency key for good.

import type { OpenAPIHono } from '@hono/zod-openapi';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { answerClaim, checkClaim } from '../claims/claims.ts';
import { proveModule } from '../contacts/prove.ts';
import { signInsOf } from '../key-unit/sign-in.ts';
import type { Provider } from '../provider.ts';
import { checkReceipt } from '../receipts/receipts.ts';
import type { ServerEnvironment } from './environment.ts';
import { operationRoute } from './openapi.ts';
import { makeOperations } from './operations.ts';
import { claimAnswer, claimBody } from './schemas.ts';

const claimRoute = operationRoute(
  '/claims',
  'Judges a claim by receipt, contract and the record of delivery, and pays what is due as credit',
  claimBody,
  claimAnswer,
);

/** Adds the route to the interface. */
export function addClaimRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  const once = makeOperations(provider);
  const signIn = signInsOf(provider);

  api.openapi(claimRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('claims', c.req.valid('header')['idempotency-key'], body, {
      prepare: async () => {
        const proven = await proveModule(provider, body, { signIn });
        const receipt = await checkReceipt(provider, fromBase64Url(body.receiptFile));
        // What this process has given out and not written down yet belongs to the record as well.
        await provider.deliveries.flush();
        return { proven, checked: await checkClaim(provider, proven, fromBase64Url(body.claim), receipt) };
      },
      effect: async (tx, { proven, checked }) => ({
        verdict: toBase64Url(await answerClaim(provider, tx, proven, checked)),
      }),
    });
    return c.json(claimAnswer.parse(answer), 200);
  });
}
