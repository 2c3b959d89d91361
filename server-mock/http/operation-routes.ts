// POST routes of the interface: each decodes, checks what needs no lock, then has one transaction, and gives the same
// answer to the same idempotency key for good.

import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeProgrammeId } from '../../src/protocol/ids.ts';
import { checkEnrolment, enrol } from '../agency/enrolment.ts';
import { issueChallenge, proveModule } from '../licences/challenges.ts';
import { beginSession } from '../licences/sessions.ts';
import type { Provider } from '../provider.ts';
import { acceptReceipt, checkReceipt } from '../receipts/receipts.ts';
import type { ServerEnvironment } from './environment.ts';
import { answerOnce, type Work } from './idempotency.ts';
import { answersWith, jsonBody } from './openapi.ts';
import {
  challengeAnswer,
  challengeBody,
  enrolmentAnswer,
  enrolmentBody,
  idempotencyHeaders,
  receiptAnswer,
  receiptBody,
  sessionAnswer,
  sessionBody,
} from './schemas.ts';

const enrolmentRoute = createRoute({
  method: 'post',
  path: '/enrolments',
  summary: 'Certifies a new module',
  request: { headers: idempotencyHeaders, body: jsonBody(enrolmentBody) },
  responses: answersWith(enrolmentAnswer),
});

const challengeRoute = createRoute({
  method: 'post',
  path: '/challenges',
  summary: 'P1: a challenge to sign, good for one minute',
  request: { headers: idempotencyHeaders, body: jsonBody(challengeBody) },
  responses: answersWith(challengeAnswer),
});

const sessionRoute = createRoute({
  method: 'post',
  path: '/sessions',
  summary: 'P1 and P2: verifies the module and grants frames within its credit',
  request: { headers: idempotencyHeaders, body: jsonBody(sessionBody) },
  responses: answersWith(sessionAnswer),
});

const receiptRoute = createRoute({
  method: 'post',
  path: '/receipts',
  summary: 'P4: verifies, stores and charges a receipt',
  request: { headers: idempotencyHeaders, body: jsonBody(receiptBody) },
  responses: answersWith(receiptAnswer),
});

/** Adds the routes to the interface. */
export function addOperationRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  const once = async <Prepared>(
    route: string,
    callerKey: string,
    body: unknown,
    work: Work<Prepared>,
  ): Promise<unknown> =>
    JSON.parse(await answerOnce(provider.database, { route, callerKey, body, time: provider.clock() }, work));

  api.openapi(enrolmentRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('enrolments', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => checkEnrolment(provider, fromBase64Url(body.request)),
      effect: async (tx, request) => ({ certificate: toBase64Url(await enrol(provider, tx, request)) }),
    });
    return c.json(enrolmentAnswer.parse(answer), 200);
  });

  api.openapi(challengeRoute, async (c) => {
    const answer = await once('challenges', c.req.valid('header')['idempotency-key'], c.req.valid('json'), {
      prepare: async () => toBase64Url(provider.certificateBytes),
      effect: async (tx, providerCertificate) => ({
        challenge: toBase64Url(await issueChallenge(provider, tx)),
        providerCertificate,
      }),
    });
    return c.json(challengeAnswer.parse(answer), 200);
  });

  api.openapi(sessionRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('sessions', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => proveModule(provider, fromBase64Url(body.response), fromBase64Url(body.certificate)),
      effect: async (tx, proven) => {
        const wanted = { programme: decodeProgrammeId(body.programme), from: body.from, mode: body.mode };
        return {
          grant: toBase64Url(await beginSession(provider, tx, proven, wanted)),
          providerCertificate: toBase64Url(provider.certificateBytes),
        };
      },
    });
    return c.json(sessionAnswer.parse(answer), 200);
  });

  api.openapi(receiptRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('receipts', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => checkReceipt(provider, fromBase64Url(body.receiptFile)),
      effect: async (tx, checked) => ({ acknowledgement: toBase64Url(await acceptReceipt(provider, tx, checked)) }),
    });
    return c.json(receiptAnswer.parse(answer), 200);
  });
}
