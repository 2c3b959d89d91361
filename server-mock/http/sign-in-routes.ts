// Routes of signing in with derived keys (docs/protocol.md §24): a token to answer, the PIN that chooses an application, and the card that is
// confided. The token's keeps nothing; the others have one transaction, and are told the same again for the same key.

import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeModuleId } from '../../src/protocol/ids.ts';
import { proveModule } from '../contacts/prove.ts';
import { giveUpCard, takeCard } from '../key-unit/cards.ts';
import { type PinOutcome, tryPin } from '../key-unit/pin.ts';
import { signInsOf } from '../key-unit/sign-in.ts';
import { giveToken } from '../key-unit/tokens.ts';
import { keyWrapOf } from '../key-unit/wrap.ts';
import type { Provider } from '../provider.ts';
import type { ServerEnvironment } from './environment.ts';
import { operationRoute } from './openapi.ts';
import { makeOperations } from './operations.ts';
import {
  cardAnswer,
  cardBody,
  cardRemovalAnswer,
  cardRemovalBody,
  pinAnswer,
  pinBody,
  tokenAnswer,
  tokenBody,
} from './schemas.ts';

const tokenRoute = operationRoute(
  '/keys/token',
  'Fig. 2: a ticket and its token, good for one minute; nothing is kept of it, so each request has another',
  tokenBody,
  tokenAnswer,
);

const pinRoute = operationRoute(
  '/keys/pin',
  'Fig. 4: the application that a PIN chooses; ten wrong ones in any day, then none is looked at',
  pinBody,
  pinAnswer,
);

const cardRoute = operationRoute(
  '/confidential',
  'Fig. 3: a card, concealed under the keys of the sign-in that it comes with',
  cardBody,
  cardAnswer,
);

const cardRemovalRoute = operationRoute(
  '/confidential/removal',
  'Takes the card of a module away',
  cardRemovalBody,
  cardRemovalAnswer,
);

/** The stored answer of a PIN: a refusal is one, so that it is counted once and told again. */
const pinOutcome = z.union([
  z.strictObject({ application: z.string() }),
  z.strictObject({ refused: z.literal('keys/refused') }),
  z.strictObject({ refused: z.literal('keys/too-many'), untilTime: z.number() }),
]) satisfies z.ZodType<PinOutcome>;

/** Adds the routes to the interface. */
export function addSignInRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  const once = makeOperations(provider);
  const openWrap = keyWrapOf(provider);
  const signIn = signInsOf(provider);

  api.openapi(tokenRoute, async (c) => {
    const module = decodeModuleId(c.req.valid('json').module);
    const { ticket, token, counter, agreement, index } = await giveToken(provider, await openWrap(), module);
    const told = { ticket: toBase64Url(ticket), token: toBase64Url(token), counter, agreement };
    return c.json(tokenAnswer.parse(index === null ? told : { ...told, index }), 200);
  });

  api.openapi(pinRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('keys/pin', c.req.valid('header')['idempotency-key'], body, {
      prepare: async () => ({ proven: await proveModule(provider, body), wrap: await openWrap() }),
      effect: (tx, { proven, wrap }) => tryPin(provider, wrap, tx, proven, fromBase64Url(body.pin)),
    });
    const outcome = pinOutcome.parse(answer);
    if ('application' in outcome) return c.json(pinAnswer.parse(outcome), 200);
    if (outcome.refused === 'keys/refused') throw new FareboxError('keys/refused');
    const { untilTime } = outcome;
    c.header('Retry-After', String(Math.max(1, Math.ceil((untilTime - provider.clock()) / 1000))));
    throw new FareboxError('keys/too-many', { untilTime });
  });

  api.openapi(cardRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('confidential', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => proveModule(provider, body, { signIn }),
      effect: async (tx, proven) => ({ card: await takeCard(provider, tx, proven, fromBase64Url(body.concealed)) }),
    });
    return c.json(cardAnswer.parse(answer), 200);
  });

  api.openapi(cardRemovalRoute, async (c) => {
    const body = c.req.valid('json');
    const answer = await once('confidential/removal', c.req.valid('header')['idempotency-key'], body, {
      prepare: () => proveModule(provider, body),
      effect: async (tx, proven) => {
        await giveUpCard(provider, tx, proven);
        return {};
      },
    });
    return c.json(cardRemovalAnswer.parse(answer), 200);
  });
}
