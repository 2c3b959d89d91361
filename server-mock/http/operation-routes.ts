// POST routes for enrolling, watching and paying: each decodes, checks what needs no lock, then has one transaction, and
// gives the same answer to the same idempotency key for good. keeping-routes.ts has the others.

import type { OpenAPIHono } from '@hono/zod-openapi';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeModuleId, decodeProgrammeId } from '../../src/protocol/ids.ts';
import { checkEnrolment, enrol } from '../agency/enrolment.ts';
import { issueChallenge } from '../contacts/challenges.ts';
import { proveModule } from '../contacts/prove.ts';
import { signInsOf } from '../key-unit/sign-in.ts';
import { beginSession } from '../licences/sessions.ts';
import type { Provider } from '../provider.ts';
import { acceptReceipt, checkReceipt } from '../receipts/receipts.ts';
import type { ServerEnvironment } from './environment.ts';
import { operationRoute } from './openapi.ts';
import { makeOperations } from './operations.ts';
import {
  challengeAnswer,
  challengeBody,
  enrolmentAnswer,
  enrolmentBody,
  receiptAnswer,
  receiptBody,
  sessionAnswer,
  sessionBody,
} from './schemas.ts';

const enrolmentRoute = operationRoute(
  '/enrolments',
  'Certifies a new module, renews a certificate, or begins a new epoch of a module',
  enrolmentBody,
  enrolmentAnswer,
);

const challengeRoute = operationRoute(
  '/challenges',
  'P1: a challenge to sign, good for one minute',
  challengeBody,
  challengeAnswer,
);

const sessionRoute = operationRoute(
  '/sessions',
  'P1 and P2: verifies the module and grants frames within its credit',
  sessionBody,
  sessionAnswer,
);

const receiptRoute = operationRoute(
  '/receipts',
  'P4: verifies the module that brings a receipt, then verifies, stores and charges it',
  receiptBody,
  receiptAnswer,
);

/** Adds the routes to the interface. */
export function addOperationRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  const once = makeOperations(provider);
  const signIn = signInsOf(provider);

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
      prepare: () => proveModule(provider, body, { signIn }),
      effect: async (tx, proven) => {
        const { from, mode, deliveryId = null, offline = false, sequence = null } = body;
        const wanted = { programme: decodeProgrammeId(body.programme), from, mode, deliveryId, offline, sequence };
        const { grant, contract } = await beginSession(provider, tx, proven, wanted);
        return {
          grant: toBase64Url(grant),
          ...(contract === null ? {} : { contract: toBase64Url(contract) }),
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
        // Put on the list after its session began, a module still pays what it has shown (docs/protocol.md §3).
        const proven = await proveModule(provider, body, { untrusted: true, signIn });
        return { proven, checked: await checkReceipt(provider, fromBase64Url(body.receiptFile)) };
      },
      effect: async (tx, { proven, checked }) => ({
        acknowledgement: toBase64Url(await acceptReceipt(provider, tx, proven, checked)),
      }),
    });
    return c.json(receiptAnswer.parse(answer), 200);
  });
}
