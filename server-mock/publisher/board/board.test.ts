// A whiteboard from its drawer to the provider and out to a module, BT-12: what is drawn is sealed, signed with its time and opens under a
// grant; what was accepted comes out after any cut; and nobody draws without the link.

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../../src/protocol/bytes.ts';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { openGrant } from '../../../src/protocol/grant.ts';
import { decodeProgrammeId, type ProgrammeId } from '../../../src/protocol/ids.ts';
import { type LiveLine, makeLiveLine } from '../../../src/protocol/live-line.ts';
import { verifyLiveUpdate } from '../../../src/protocol/live-update.ts';
import { segmentAt, verifyFrameKey } from '../../../src/protocol/manifest.ts';
import { openPart } from '../../../src/protocol/parts.ts';
import { verifyManifest, verifyProgramme } from '../../../src/protocol/programme.ts';
import { treeSequence } from '../../../src/protocol/sequence/tree.ts';
import { decodeStroke, encodeStroke, STROKES_LABEL, type Stroke } from '../../../src/protocol/strokes.ts';
import { webCryptoSuite as suite } from '../../../src/protocol/suite/webcrypto.ts';
import { directRegistry } from '../../catalogue/direct-registry.ts';
import { findProgramme } from '../../catalogue/programmes.ts';
import { openSeed } from '../../catalogue/seed-wrap.ts';
import { findUpdate, liveStateOf } from '../../live/read-live.ts';
import { beginTestSession, enrolTestModule, type TestModule } from '../../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../../testing/test-provider.ts';
import { openBoardDesk } from './board-desk.ts';
import { createBoard } from './create-board.ts';
import { deriveDrawerToken } from './drawer-token.ts';
import { BOARD_LIMITS } from './limits.ts';

let at: TestProvider;
let module: TestModule;
let board: ProgrammeId;
let token: string;
beforeAll(async () => {
  at = await openTestProvider();
  module = await enrolTestModule(at);
});
afterAll(() => at.close());
beforeEach(async () => {
  const { provider } = at;
  const tools = { registry: directRegistry(provider), content: provider.content, signer: provider.keys.provider };
  const made = { title: 'Lesson', currency: 'EUR', priceMinor: 20, startTime: at.clock.now };
  board = await createBoard(tools, made);
  token = deriveDrawerToken(provider.keys.storageKey, board);
});

const line = (colour: number): Stroke => ({
  ...{ kind: 'draw', colour, width: 4 },
  points: [
    { x: 100, y: 200, atMs: 0 },
    { x: 900, y: 300 + colour, atMs: 400 },
  ],
});

const ask = (path: string, init: RequestInit = {}, drawer = token): Promise<Response> =>
  at.terminal.request(`/api/v1/boards/${board}${path}`, {
    ...init,
    headers: { 'Content-Type': 'application/json', 'Farebox-Drawer': drawer },
  });
const draw = (number: number, strokes: readonly (Stroke | Uint8Array)[], agoMs = 0, drawer = token) => {
  const listed = strokes.map((stroke) => ({
    agoMs,
    stroke: toBase64Url(stroke instanceof Uint8Array ? stroke : encodeStroke(stroke)),
  }));
  return ask('/strokes', { method: 'POST', body: JSON.stringify({ number, strokes: listed }) }, drawer);
};
const next = z.strictObject({ strokes: z.number() });
const nextOf = async (answer: Promise<Response>) => next.parse(await (await answer).json()).strokes;
const codeOf = async (answer: Promise<Response>) => codeOfResponse(await answer);

/** Everything that is out, as a module reads it. */
async function readBoard(): Promise<LiveLine> {
  const { provider, clock } = at;
  const { certificate, database, content } = provider;
  const { programmeBytes } = await findProgramme(database.queries, board);
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate, suite });
  const manifest = verifyManifest({ bytes: await readFile(content.path(programme.manifest)), programme });
  if (programme.live === null) throw new Error('the board is not live');
  const read = makeLiveLine(manifest, programme.live);
  const { nextNumber } = await liveStateOf(database.queries, board);
  for (let number = 0; number < nextNumber; number += 1) {
    const bytes = await findUpdate(database.queries, board, number);
    if (bytes === null) throw new Error(`no update ${number}`);
    read.extend(await verifyLiveUpdate({ bytes, certificate, suite }), clock.now);
  }
  return read;
}

/** What a frame holds, opened with this key. */
async function openedWith({ manifest }: LiveLine, frame: number, frameKey: Uint8Array): Promise<Stroke> {
  verifyFrameKey(manifest, frame, frameKey);
  const segment = segmentAt(manifest, STROKES_LABEL, frame);
  if (segment === null) throw new Error(`frame ${frame} is empty`);
  const sealed = await readFile(at.provider.content.path(segment.hash));
  const place = { frameKey, programme: manifest.programme, label: STROKES_LABEL, frame };
  return decodeStroke(await openPart({ ...place, sealed, suite }), BOARD_LIMITS.longestMs);
}

async function keyOf(frame: number): Promise<Uint8Array> {
  const { database, keys } = at.provider;
  const { wrappedSeed } = await findProgramme(database.queries, board);
  return treeSequence.keyAt(await openSeed({ suite, storageKey: keys.storageKey }, board, wrappedSeed), frame);
}

describe('BT-12: what is drawn on a board', () => {
  test('comes out stroke by stroke, each a frame with the time when it began', async () => {
    at.clock.now += 5_000;
    expect(await nextOf(draw(0, [line(1)], 400))).toBe(1);
    at.clock.now += 60_000;
    expect(await nextOf(draw(1, [{ kind: 'undo' }, line(2)], 100))).toBe(3);
    const read = await readBoard();
    expect(read.reach()).toMatchObject({ edge: 3, ended: false });
    expect(read.manifest.begins).toEqual([4_600, 64_900, 64_901]);
    for (const [frame, stroke] of [line(1), { kind: 'undo' }, line(2)].entries()) {
      expect(await openedWith(read, frame, await keyOf(frame))).toEqual(stroke);
    }
  });

  test('opens under the grant of who came in time, and who comes late is granted nothing from before', async () => {
    await draw(0, [line(1), line(2)]);
    const { grant } = await beginTestSession(at, module, { programme: board, from: 2 });
    expect(grant.ranges[0]?.[0]).toBe(2);
    await draw(2, [line(3)]);
    const opened = await openGrant(grant, module.sealing);
    const keys = treeSequence.restore(opened.nodes);
    expect(await openedWith(await readBoard(), 2, keys.next())).toEqual(line(3));
  });

  test('is drawn once however often it is sent, and its number is nobody else’s', async () => {
    await draw(0, [line(1)]);
    at.clock.now += 1_000;
    expect(await nextOf(draw(0, [line(1), line(2)]))).toBe(2);
    expect(await nextOf(draw(1, [line(2)]))).toBe(2);
    expect(await codeOf(draw(1, [line(3)]))).toBe('live/taken');
    expect(await codeOf(draw(3, [line(3)]))).toBe('live/gap');
    expect((await readBoard()).reach()).toMatchObject({ edge: 2 });
  });

  test('is drawn in its order by two requests at once', async () => {
    const [one, other] = await Promise.all([nextOf(draw(0, [line(1)])), nextOf(draw(0, [line(1), line(2)]))]);
    expect([one, other]).toEqual([1, 2]);
    expect((await readBoard()).reach()).toMatchObject({ edge: 2 });
  });

  test('that was accepted and not published when the provider was cut comes out when it is asked again', async () => {
    const { provider } = at;
    const brokenContent = {
      ...provider.content,
      put: () => Promise.reject(new FareboxError('server/internal')),
    };
    const cut = openBoardDesk({ ...provider, content: brokenContent });
    const stroke = encodeStroke(line(5));
    await expect(cut.draw(board, 0, [{ agoMs: 0, stroke }])).rejects.toThrow('server/internal');
    expect((await readBoard()).reach()).toBeNull();
    // Another stroke cannot have that number any more: its key would meet two plaintexts.
    expect(await codeOf(draw(0, [line(6)]))).toBe('live/taken');
    const view = await ask('');
    expect(await view.json()).toMatchObject({ strokes: 1, ended: false, title: 'Lesson' });
    expect(await openedWith(await readBoard(), 0, await keyOf(0))).toEqual(line(5));
  });

  test('keeps ascending times where the clock is set back', async () => {
    at.clock.now += 10_000;
    await draw(0, [line(1)]);
    at.clock.now -= 8_000;
    await draw(1, [line(2)]);
    expect((await readBoard()).manifest.begins).toEqual([10_000, 10_001]);
    at.clock.now += 8_000;
  });

  test('is given back to its drawer, in order, and to nobody in the database as it is', async () => {
    await draw(0, [line(1), line(2)]);
    const answer = z.strictObject({ strokes: z.array(z.string()) }).parse(await (await ask('/strokes?from=1')).json());
    expect(answer.strokes.map((text) => decodeStroke(fromBase64Url(text), 2_000))).toEqual([line(2)]);
  });

  test('ends with the board, which then plays from its first stroke', async () => {
    await draw(0, [line(1)]);
    expect(await nextOf(ask('/end', { method: 'POST' }))).toBe(1);
    expect(await nextOf(ask('/end', { method: 'POST' }))).toBe(1);
    expect(await codeOf(draw(1, [line(2)]))).toBe('live/ended');
    // A repeat of what was accepted is no new stroke.
    expect(await nextOf(draw(0, [line(1)]))).toBe(1);
    expect((await readBoard()).reach()).toMatchObject({ edge: 1, ended: true });
    const { grant } = await beginTestSession(at, module, { programme: board, from: 0 });
    expect(grant.ranges).toEqual([[0, 1]]);
  });
});

describe('BT-12: nothing is drawn', () => {
  test.each<[string, () => Promise<Response>, string]>([
    ['with a wrong token', () => draw(0, [line(1)], 0, `${token.slice(0, -1)}A`), 'board/link'],
    ['with no token', () => draw(0, [line(1)], 0, ''), 'board/link'],
    ['by a stroke that is none', () => draw(0, [Uint8Array.of(1, 2, 3)]), 'strokes/malformed'],
    [
      'by a stroke that takes too long',
      () =>
        draw(0, [
          {
            kind: 'erase',
            width: 1,
            points: [
              { x: 0, y: 0, atMs: 0 },
              { x: 0, y: 0, atMs: 2_001 },
            ],
          },
        ]),
      'strokes/malformed',
    ],
    ['by no stroke', () => draw(0, []), 'request/malformed'],
    [
      'by too many strokes at once',
      () =>
        draw(
          0,
          Array.from({ length: 17 }, () => line(1)),
        ),
      'request/malformed',
    ],
    ['before the beginning of time', () => draw(0, [line(1)], -1), 'request/malformed'],
  ])('%s', async (_how, send, code) => {
    expect(await codeOf(send())).toBe(code);
    expect((await readBoard()).reach()).toBeNull();
  });

  test('on what is no board, nor with the token of another', async () => {
    const other = decodeProgrammeId('0'.repeat(32));
    const path = `/api/v1/boards/${other}`;
    const asked = (drawer: string) => at.terminal.request(path, { headers: { 'Farebox-Drawer': drawer } });
    expect(await codeOfResponse(await asked(token))).toBe('board/link');
    const right = deriveDrawerToken(at.provider.keys.storageKey, other);
    expect(await codeOfResponse(await asked(right))).toBe('board/link');
  });
});
