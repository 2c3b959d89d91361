// POST routes for enrolling, watching and paying: each decodes, checks what needs no lock, then has one transaction, and
// gives the same answer to the same idempotency key for good. keeping-routes.ts has the others.

import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeModuleId, decodeProgrammeId } from '../../src/protocol/ids.ts';
import { checkEnrolment, enrol } from '../agency/enrolment.ts';
import { issueChallenge } from '../contacts/challenges.ts';
import { proveModule } from '../contacts/prove.ts';
import { beginSession } from '../licences/sessions.ts';
import type { Provider } from '../provider.ts';
import { acceptReceipt, checkReceipt } from '../receipts/receipts.ts';
import type { ServerEnvironment } from './environment.ts';
import { answersWith, jsonBody } from './openapi.ts';
import { makeOperations } from './operations.ts';
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
  summary: 'Certifies a new module, renews a certificate, or begins a new epoch of a module',
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
  summary: 'P4: verifies the module that brings a receipt, then verifies, stores and charges it',
  request: { headers: idempotencyHeaders, body: jsonBody(receiptBody) },
  responses: answersWith(receiptAnswer),
});

/** Adds the routes to the interface. */
export function addOperationRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  const once = makeOperations(provider);

  api.openapi(enrolmentRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('enrolments', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => checkEnrolment(provider, fromBase64Url(body.request)),
      effect: async (tx, request) => ({ certificate: toBase64Url(await enrol(provider, tx, request)) }),
    });
    return c.json(enrolmentAnswer.parse(answer), 200);
  });

  api.openapi(challengeRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('challenges', c.req.valid('header')['idempotency-key'], body, {
      prepare: async () => (body.module === undefined ? null : decodeModuleId(body.module)),
      effect: async (tx, module) => ({
        challenge: toBase64Url(await issueChallenge(provider, tx, module)),
        providerCertificate: toBase64Url(provider.certificateBytes),
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
      prepare: async () => {
        const response = fromBase64Url(body.response);
        // Put on the list after its session began, a module still pays what it has shown (docs/protocol.md §3).
        const proven = await proveModule(provider, response, fromBase64Url(body.certificate), { untrusted: true });
        return { proven, checked: await checkReceipt(provider, fromBase64Url(body.receiptFile)) };
      },
      effect: async (tx, { proven, checked }) => ({
        acknowledgement: toBase64Url(await acceptReceipt(provider, tx, proven, checked)),
      }),
    });
    return c.json(receiptAnswer.parse(answer), 200);
  });
}
