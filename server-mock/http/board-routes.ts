// Routes of a board's drawer (docs/protocol.md §22): what is on it, new strokes, and its end. Each needs the token of the drawer's link in a
// header of its own, which no other site can send. Strokes are idempotent by their number, so that no key has to be kept for them.

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import type { Provider } from '../provider.ts';
import { openBoardDesk } from '../publisher/board/board-desk.ts';
import { expectDrawer } from '../publisher/board/drawer-token.ts';
import { BOARD_LIMITS } from '../publisher/board/limits.ts';
import type { ServerEnvironment } from './environment.ts';
import { answersWith } from './openapi.ts';
import { programmeParameters } from './schemas.ts';

const headers = z.object({
  'farebox-drawer': z.string().max(128).openapi({ description: 'The token of the drawer’s link.' }),
});
const count = z.number().int().min(0).max(LIMITS.boardStrokes);
const stroke = z.string().regex(/^[\w-]+$/);

const viewAnswer = z
  .strictObject({
    ...{ title: z.string(), width: count, height: count, longestMs: z.number().int(), room: count },
    ...{ strokes: count, ended: z.boolean() },
  })
  .openapi('Board', { description: 'A board as its drawer finds it; `strokes` is the number of the next one.' });
const strokesBody = z
  .strictObject({
    number: count,
    strokes: z
      .array(z.strictObject({ agoMs: z.number().int().min(0).max(BOARD_LIMITS.agoMs), stroke }))
      .min(1)
      .max(BOARD_LIMITS.strokesPerRequest),
  })
  .openapi('Strokes');
const strokesAnswer = z.strictObject({ strokes: z.array(stroke) }).openapi('DrawnStrokes');
const nextAnswer = z.strictObject({ strokes: count }).openapi('NextStroke');

const request = { params: programmeParameters, headers };
const viewRoute = createRoute({
  ...{ method: 'get', path: '/boards/{id}', summary: 'A board, for its drawer', request },
  responses: answersWith(viewAnswer),
});
const readRoute = createRoute({
  ...{ method: 'get', path: '/boards/{id}/strokes', summary: 'What is on a board, for its drawer' },
  request: { ...request, query: z.object({ from: z.string().regex(/^(0|[1-9]\d{0,4})$/) }) },
  responses: answersWith(strokesAnswer),
});
const drawRoute = createRoute({
  ...{ method: 'post', path: '/boards/{id}/strokes', summary: 'Draws on a board' },
  request: { ...request, body: { required: true, content: { 'application/json': { schema: strokesBody } } } },
  responses: answersWith(nextAnswer),
});
const endRoute = createRoute({
  ...{ method: 'post', path: '/boards/{id}/end', summary: 'Closes a board for good', request },
  responses: answersWith(nextAnswer),
});

/** Adds the routes to the interface. */
export function addBoardRoutes(api: OpenAPIHono<ServerEnvironment>, provider: Provider): void {
  const desk = openBoardDesk(provider);

  /** The board that this token draws on; a wrong id and a wrong token are one and the same refusal. */
  function boardOf(id: string, token: string): ProgrammeId {
    const board = decodeProgrammeId(id, 'board/link');
    expectDrawer(provider.keys.storageKey, board, token);
    return board;
  }

  api.openapi(viewRoute, async (c) => {
    const board = boardOf(c.req.valid('param').id, c.req.valid('header')['farebox-drawer']);
    const { width, height } = BOARD_LIMITS;
    return c.json(viewAnswer.parse({ ...(await desk.view(board)), width, height }), 200);
  });

  api.openapi(readRoute, async (c) => {
    const board = boardOf(c.req.valid('param').id, c.req.valid('header')['farebox-drawer']);
    const drawn = await desk.strokes(board, Number(c.req.valid('query').from));
    return c.json(strokesAnswer.parse({ strokes: drawn.map(({ stroke: bytes }) => toBase64Url(bytes)) }), 200);
  });

  api.openapi(drawRoute, async (c) => {
    const board = boardOf(c.req.valid('param').id, c.req.valid('header')['farebox-drawer']);
    const { number, strokes } = c.req.valid('json');
    const drawn = strokes.map(({ agoMs, stroke: text }) => ({ agoMs, stroke: fromBase64Url(text) }));
    return c.json(nextAnswer.parse({ strokes: await desk.draw(board, number, drawn) }), 200);
  });

  api.openapi(endRoute, async (c) => {
    const board = boardOf(c.req.valid('param').id, c.req.valid('header')['farebox-drawer']);
    return c.json(nextAnswer.parse({ strokes: await desk.end(board) }), 200);
  });
}
