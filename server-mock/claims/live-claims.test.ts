// Claims of a live programme at the provider's door, BT-9, BT-10: what was not sent when it was due is paid back to who waited for it, and to
// nobody else; and all of it is judged by signed updates, long after the files of those frames are gone.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toHex } from '../../src/protocol/bytes.ts';
import type { AnsweredLine } from '../../src/protocol/claim-answer.ts';
import { findContradictions } from '../../src/protocol/claim-judgements.ts';
import type { ClaimLine } from '../../src/protocol/claim-lines.ts';
import type { ContentHash, ProgrammeId } from '../../src/protocol/ids.ts';
import type { FrameRange } from '../../src/protocol/ranges.ts';
import { openSeed } from '../catalogue/seed-wrap.ts';
import { clearWindows } from '../live/clear-windows.ts';
import { directLive } from '../live/direct-live.ts';
import { updatesOver } from '../live/updates-over.ts';
import { goOnAir, type OnAir } from '../publisher/live/on-air.ts';
import {
  beginContracted,
  bringClaim,
  type ContractedSession,
  claimFor,
  fetchPiece,
  PROMISED,
  readAnswer,
  settleContracted,
} from '../testing/contracted.ts';
import { enrolTestModule, type TestModule } from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { openTestProvider, type TestProvider } from '../testing/test-provider.ts';

const LABEL = 'video/360p';
const FRAME_MS = 2_000;
const WINDOW = 3;
const FIRST = 2;

let at: TestProvider;
let module: TestModule;
let startTime: number;
let programme: ProgrammeId;
let air: OnAir;
beforeAll(async () => {
  at = await openTestProvider();
  module = await enrolTestModule(at);
});
afterAll(() => at.close());

/** Live since just now, with frames 0 to 3 sent as they were due. */
beforeEach(async () => {
  startTime = at.clock.now;
  const live = { startTime, windowFrames: WINDOW };
  programme = await publishTestProgramme(at.provider, { live, frameCount: 1_000, contract: PROMISED });
  const { keys, content, suite } = at.provider;
  const registry = directLive(at.provider);
  const { id, wrappedSeed, ...place } = await registry.find(programme);
  const seed = await openSeed({ suite, storageKey: keys.storageKey }, id, wrappedSeed);
  const parts = { live: registry, content, signer: keys.provider, clock: () => at.clock.now };
  air = goOnAir(parts, { ...place, programme: id, seed, labels: [LABEL] });
  for (const frame of [0, 1, 2, 3]) await send(frame);
});

/** Sends a frame `lateMs` after it is over. */
async function send(frame: number, lateMs = 100): Promise<void> {
  at.clock.now = startTime + (frame + 1) * FRAME_MS + lateMs;
  await air.send(frame, new Map([[LABEL, Uint8Array.of(frame % 256, 3)]]));
}

async function fileOf(frame: number): Promise<ContentHash> {
  const [update] = await updatesOver(at.provider.database.queries, programme, frame, frame + 1);
  const segment = update?.segments.get(LABEL)?.[frame - update.from];
  if (!segment) throw new Error(`frame ${frame} was not sent`);
  return segment.hash;
}

const deliveryId = () => toHex(crypto.getRandomValues(new Uint8Array(16)));

/** A session that joined at frame 2 and asked for these frames. */
async function joined(...asked: readonly number[]): Promise<ContractedSession> {
  const session = await beginContracted(at, module, programme, deliveryId(), FIRST);
  for (const frame of asked) await fetchPiece(at, session, await fileOf(frame));
  return session;
}

type Seen = { readonly frames: readonly FrameRange[]; readonly stalls?: readonly (readonly [number, number])[] };

/** What comes of a claim for these lines. */
async function claimed(session: ContractedSession, lines: readonly ClaimLine[], { frames, stalls = [] }: Seen) {
  await at.provider.deliveries.flush();
  const lostFrames = lines.flatMap(({ kind, from, to }): FrameRange[] => (kind === 'lost' ? [[from, to]] : []));
  const delivery = { stalls, lostFrames: lostFrames.filter(([from]) => from >= FIRST) };
  const file = await settleContracted(at, module, session, { frames, delivery });
  const made = await claimFor(at, module, file, { lines });
  const answer = await readAnswer(at, module, made.claim, await bringClaim(at, module, made));
  const { terms, currency, priceMinor, contractHash } = session.contract;
  const stated = { contractHash, lateFrames: [], belowRung: [], ...delivery };
  expect(findContradictions({ answer, lines, terms, currency, priceMinor, delivery: stated })).toEqual([]);
  return answer.lines.map(({ kind, from, reason, amountMinor }: AnsweredLine) => [kind, from, reason, amountMinor]);
}

const line = (kind: ClaimLine['kind'], from: number): ClaimLine => ({ kind, from, to: from + 1 });

describe('BT-9, BT-10: a claim of a live programme', () => {
  test('is paid for a moment that was never sent to who waited for it, and not for what came before they joined', async () => {
    const session = await joined(2, 3);
    // Nothing for a minute: frames 4 to 29 are told as a gap.
    await send(30);
    await fetchPiece(at, session, await fileOf(30));
    const seen = { frames: [[2, 4]], stalls: [[4, 50_000]] } as const;
    expect(await claimed(session, [line('lost', 1), line('stall', 4)], seen)).toEqual([
      ['lost', 1, 'not-granted', 0n],
      ['stall', 4, 'not-published', 5n],
    ]);
  });

  test('is paid for a frame that was sent too late, and judged the same when its file is deleted', async () => {
    const session = await joined(2, 3);
    await send(4, 6_000 + 2_000);
    await fetchPiece(at, session, await fileOf(4));
    const file = await fileOf(3);
    await air.send(400, new Map());
    at.clock.now += 3_700_000;
    await clearWindows(at.provider);
    expect(await at.provider.content.has(file)).toBe(false);
    const seen = { frames: [[2, 5]], stalls: [[4, 8_000]] } as const;
    expect(await claimed(session, [line('stall', 4)], seen)).toEqual([['stall', 4, 'not-published', 5n]]);
  });

  test.each([
    ['nobody who asked for a frame before the gap', 4, [] as number[], 30, 'never-asked'],
    ['a frame that was sent and given in time', 3, [2, 3], 4, 'delivered-in-time'],
  ])('is refused to %s', async (_whom, frame, asked, next, reason) => {
    const session = await joined(...asked);
    await send(next);
    const seen = { frames: [[2, 3]], stalls: [[frame, 4_000]] } as const;
    expect(await claimed(session, [line('stall', frame)], seen)).toEqual([['stall', frame, reason, 0n]]);
  });

  test('is refused for what was asked for when it was not on sale any more, and for what would have come after the end', async () => {
    const session = await joined(2);
    for (let frame = 4; frame < 12; frame += 1) await send(frame);
    const gone = await fileOf(3);
    await at.provider.content.remove(gone);
    expect((await fetchPiece(at, session, gone)).status).toBe(404);
    await air.end();
    at.clock.now += 60_000;
    const seen = { frames: [[2, 3]], stalls: [[12, 9_000]] } as const;
    expect(await claimed(session, [line('lost', 3), line('stall', 12)], seen)).toEqual([
      ['lost', 3, 'never-asked', 0n],
      ['stall', 12, 'never-asked', 0n],
    ]);
  });
});
