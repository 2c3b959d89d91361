// A live programme from a file to the provider and out to a module, BT-10: what goes out verifies and opens, a cut publisher goes on
// behind a gap, and nobody is granted a frame from before its window. Encoding and sealing are real; only nobody waits for the time.

import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { decodeProgrammeId, hashObject, type ProgrammeId } from '../../../src/protocol/ids.ts';
import { type LiveLine, makeLiveLine } from '../../../src/protocol/live-line.ts';
import { verifyLiveUpdate } from '../../../src/protocol/live-update.ts';
import { segmentAt, verifyFrameKey } from '../../../src/protocol/manifest.ts';
import { openPart } from '../../../src/protocol/parts.ts';
import { verifyManifest, verifyProgramme } from '../../../src/protocol/programme.ts';
import { treeSequence } from '../../../src/protocol/sequence/tree.ts';
import { webCryptoSuite as suite } from '../../../src/protocol/suite/webcrypto.ts';
import { directRegistry } from '../../catalogue/direct-registry.ts';
import { findProgramme } from '../../catalogue/programmes.ts';
import { openSeed } from '../../catalogue/seed-wrap.ts';
import { directLive } from '../../live/direct-live.ts';
import { findUpdate, liveStateOf } from '../../live/read-live.ts';
import type { LiveRegistry } from '../../live/registry.ts';
import { PROMISED } from '../../testing/contracted.ts';
import { answerChallenge, beginTestSession, enrolTestModule, type TestModule } from '../../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../../testing/test-provider.ts';
import { makeClip } from '../test-clip.ts';
import { LIVE_LIMITS } from './limits.ts';
import { openLiveFile, openLivePipe } from './live-source.ts';
import type { makePace } from './pace.ts';
import { type LiveOptions, publishLive } from './publish-live.ts';

let at: TestProvider;
let folder: string;
let clip: string;
let module: TestModule;
beforeAll(async () => {
  at = await openTestProvider();
  folder = await mkdtemp(join(tmpdir(), 'farebox-live-'));
  clip = join(folder, 'clip.mp4');
  await makeClip({ file: clip, durationS: 3, width: 128, height: 72 });
  module = await enrolTestModule(at);
});
afterAll(async () => {
  await at.close();
  await rm(folder, { recursive: true, force: true });
});

type Chosen = Partial<Pick<LiveOptions, 'what' | 'live' | 'durationMs' | 'stop' | 'makePace'>> & {
  readonly file?: string;
};

/** Nobody waits for the time; each run of sound takes `soundMs` more than it does. */
function atOnce(soundMs = 0): typeof makePace {
  let made = 0;
  return (untilUs, stopped) => {
    const isSound = made > 0;
    made += 1;
    return {
      isLate: () => false,
      reach: async (timeUs) => {
        if (isSound && soundMs > 0) await sleep(soundMs);
        return timeUs < untilUs && !stopped.aborted;
      },
    };
  };
}

/** Sends the clip, looped, as fast as it can be encoded. */
async function send(chosen: Chosen = {}): ReturnType<typeof publishLive> {
  const source = await openLiveFile(chosen.file ?? clip, true);
  try {
    return await publishLive({
      registry: directRegistry(at.provider),
      live: chosen.live ?? directLive(at.provider),
      ...{ content: at.provider.content, keys: at.provider.keys, source },
      what: chosen.what ?? { title: 'A live clip', currency: 'EUR', priceMinor: 20, windowFrames: 2 },
      durationMs: chosen.durationMs ?? 8_000,
      clock: () => at.clock.now,
      onAir: () => undefined,
      makePace: chosen.makePace ?? atOnce(),
      stop: chosen.stop ?? new AbortController().signal,
    });
  } finally {
    source.close();
  }
}

/** The line as a terminal that is there from the beginning knows it. */
async function lineOf(id: ProgrammeId): Promise<LiveLine> {
  const { provider } = at;
  const { queries } = provider.database;
  const { programmeBytes } = await findProgramme(queries, id);
  const { certificate } = provider;
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate, suite });
  const manifestBytes = await readFile(provider.content.path(programme.manifest));
  if (programme.live === null) throw new Error('it is not live');
  const line = makeLiveLine(verifyManifest({ bytes: manifestBytes, programme }), programme.live);
  const { nextNumber } = await liveStateOf(queries, id);
  for (let number = 0; number < nextNumber; number += 1) {
    const bytes = await findUpdate(queries, id, number);
    if (bytes === null) throw new Error(`no update ${number}`);
    line.extend(await verifyLiveUpdate({ bytes, certificate, suite }), at.clock.now);
  }
  return line;
}

/** Opens a part of a frame with the programme's own seed. */
async function openFrame({ manifest }: LiveLine, label: string, frame: number): Promise<Uint8Array | null> {
  const { provider } = at;
  const { wrappedSeed } = await findProgramme(provider.database.queries, manifest.programme);
  const wrap = { suite, storageKey: provider.keys.storageKey };
  const frameKey = treeSequence.keyAt(await openSeed(wrap, manifest.programme, wrappedSeed), frame);
  verifyFrameKey(manifest, frame, frameKey);
  const segment = segmentAt(manifest, label, frame);
  if (segment === null) return null;
  const sealed = await readFile(provider.content.path(segment.hash));
  return openPart({
    frameKey,
    programme: manifest.programme,
    label,
    frame,
    sealed,
    sizeBytes: segment.sizeBytes,
    suite,
  });
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof FareboxError ? error.code : String(error)),
  );

describe('BT-10: a looped file on the air', () => {
  let id: ProgrammeId;
  beforeAll(async () => {
    id = (await send()).id;
  });

  test('comes out as frames with picture and sound that open under their own keys, and ends', async () => {
    const line = await lineOf(id);
    expect(line.reach()).toEqual({ first: 0, edge: 4, number: 4, ended: true });
    expect(line.manifest.parts.map(({ label }) => label)).toEqual(['video/72p', 'audio/main']);
    for (const frame of [0, 1, 2, 3]) {
      for (const label of ['video/72p', 'audio/main']) {
        const clear = await openFrame(line, label, frame);
        // CMAF: a segment begins with its boxes' type.
        expect(
          Buffer.from(clear ?? [])
            .subarray(4, 8)
            .toString(),
        ).toMatch(/^(styp|moof|sidx)$/);
      }
    }
  });

  test('is in the catalogue with its edge, and says that it has ended', async () => {
    const answer: unknown = await (await at.terminal.request('/api/v1/catalogue')).json();
    expect(answer).toMatchObject({ programmes: [{ id, live: { windowFrames: 2, edge: 4, ended: true } }] });
  });

  test('has each update under its number for any cache to keep, and the newest one for a second', async () => {
    const newest = await at.terminal.request(`/api/v1/programmes/${id}/live`);
    expect(newest.headers.get('Cache-Control')).toBe('public, max-age=1');
    const last = await at.terminal.request(`/api/v1/programmes/${id}/live/4`);
    expect(last.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    const [one, other] = await Promise.all([newest.arrayBuffer(), last.arrayBuffer()]);
    expect(new Uint8Array(one)).toEqual(new Uint8Array(other));
    const missing = await at.terminal.request(`/api/v1/programmes/${id}/live/5`);
    expect([missing.status, missing.headers.get('Cache-Control')]).toEqual([404, 'no-store']);
    expect(await codeOfResponse(missing)).toBe('live/not-live');
  });

  test('is granted from within its window on, and not a frame earlier or later', async () => {
    const sessionFrom = async (from: number) =>
      codeOfResponse(await at.post('/sessions', await answerChallenge(at, module, { programme: id, from })));
    expect(await sessionFrom(1)).toBe('live/outside-window');
    expect(await sessionFrom(0)).toBe('live/outside-window');
    expect(await sessionFrom(4)).toBe('live/ended');
    const { grant } = await beginTestSession(at, module, { programme: id, from: 3 });
    expect(grant.ranges).toEqual([[3, 4]]);
  });

  test('BT-6: is not given under the weak function, whoever asks, and under its own to the same module', async () => {
    const asked = async () => answerChallenge(at, module, { programme: id, from: 3 });
    const weak = await at.post('/sessions', { ...(await asked()), sequence: 'logistic' });
    expect([weak.status, await codeOfResponse(weak)]).toEqual([400, 'grant/sequence']);
    expect((await at.post('/sessions', await asked())).status).toBe(200);
  });

  test('goes on with nobody once it has ended', async () => {
    expect(await codeOf(send({ what: { resume: id } }))).toBe('live/ended');
  });
});

/** A provider's port that is cut before the `count`-th publication. */
function cutBefore(live: LiveRegistry, count: number): LiveRegistry {
  let published = 0;
  return {
    ...live,
    publish: async (id, news) => {
      published += 1;
      if (published >= count) throw new FareboxError('publish/failed', { reason: 'cut' });
      await live.publish(id, news);
    },
  };
}

describe('BT-10: a publisher that was cut', () => {
  test('goes on behind everything it may have sealed, tells the gap, and no key meets two plaintexts', async () => {
    const live = directLive(at.provider);
    // The third slot was sealed and stored when it was cut.
    expect(await codeOf(send({ live: cutBefore(live, 3) }))).toBe('publish/failed');
    const [entry] = await directRegistry(at.provider).list();
    const id = entry?.id;
    if (id === undefined) throw new Error('it is not listed');
    expect(entry?.live).toMatchObject({ edge: 2, ended: false });
    const { reservedTo } = await liveStateOf(at.provider.database.queries, id);
    expect(reservedTo).toBe(LIVE_LIMITS.reserveFrames);
    at.clock.now += 4_000;
    const report = await send({ what: { resume: id }, durationMs: 4_000 });
    expect(report).toMatchObject({ id, frames: reservedTo + 2, sent: 2 });
    const line = await lineOf(id);
    expect(line.reach()).toMatchObject({ edge: reservedTo + 2, ended: true });
    for (let frame = 2; frame < reservedTo; frame += 1) {
      expect(await openFrame(line, 'video/72p', frame)).toBeNull();
    }
    expect(await openFrame(line, 'video/72p', reservedTo)).not.toBeNull();
  });

  test('does not go on with another form of video, and what is out stays', async () => {
    const other = join(folder, 'silent.mp4');
    await makeClip({ file: other, durationS: 3, width: 128, height: 72, sound: false });
    expect(await codeOf(send({ live: cutBefore(directLive(at.provider), 2) }))).toBe('publish/failed');
    const [entry] = await directRegistry(at.provider).list();
    if (entry === undefined) throw new Error('it is not listed');
    expect(await codeOf(send({ what: { resume: entry.id }, file: other }))).toBe('live/other-source');
    expect((await directRegistry(at.provider).list())[0]?.live).toMatchObject({ edge: 1, ended: false });
    await directRegistry(at.provider).remove(entry.id);
  });

  test('that was not cut but stopped sends what is whole, and ends it', async () => {
    const stop = new AbortController();
    const live = directLive(at.provider);
    let published = 0;
    const stopping: LiveRegistry = {
      ...live,
      publish: async (id, news) => {
        await live.publish(id, news);
        published += 1;
        if (published === 2) stop.abort();
      },
    };
    const { id } = await send({ live: stopping, stop: stop.signal, durationMs: 600_000 });
    expect((await liveStateOf(at.provider.database.queries, id)).ended).toBe(true);
    expect((await lineOf(id)).reach()?.edge).toBeGreaterThanOrEqual(2);
    await directRegistry(at.provider).remove(id);
  });
});

describe('BT-10: the provider of a live programme', () => {
  test('gives a frame to one publisher, once, and takes no other update of a number', async () => {
    expect(await codeOf(send({ live: cutBefore(directLive(at.provider), 3) }))).toBe('publish/failed');
    const live = directLive(at.provider);
    const [entry] = await directRegistry(at.provider).list();
    if (entry === undefined) throw new Error('it is not listed');
    const { id } = entry;
    expect(await codeOf(live.reserve(id, 7, 9))).toBe('live/taken');
    expect(await codeOf(live.reserve(id, 8, 8))).toBe('request/malformed');
    expect(await codeOf(live.reserve(id, 8, 9_000))).toBe('request/malformed');
    await live.reserve(id, 8, 9);
    const { queries } = at.provider.database;
    const known = await findUpdate(queries, id, 1);
    if (known === null) throw new Error('there is no update');
    expect(await codeOf(live.publish(id, { update: known, files: [] }))).toBe('done');
    const other = decodeProgrammeId('0'.repeat(32));
    expect(await codeOf(live.publish(other, { update: known, files: [] }))).toBe('live/malformed');
    expect(hashObject(known)).toBe((await live.find(id)).previous);
    await directRegistry(at.provider).remove(id);
    expect(await codeOf(live.find(id))).toBe('programme/unknown');
  });
});

test('BT-10: a pipe goes out as it comes, to its end', async () => {
  const file = join(folder, 'pipe.mkv');
  await makeClip({ file, durationS: 5, width: 128, height: 72, container: 'mkv' });
  const source = await openLivePipe(createReadStream(file));
  const report = await publishLive({
    registry: directRegistry(at.provider),
    live: directLive(at.provider),
    ...{ content: at.provider.content, keys: at.provider.keys, source },
    what: { title: 'A pipe', currency: 'EUR', priceMinor: 20, windowFrames: 2, contract: PROMISED },
    ...{ durationMs: null, clock: () => at.clock.now, onAir: () => undefined, stop: new AbortController().signal },
    makePace: atOnce(),
  });
  source.close();
  expect(report).toMatchObject({ title: 'A pipe', frames: 2, sent: 2 });
  const line = await lineOf(report.id);
  expect(await openFrame(line, 'audio/main', 1)).not.toBeNull();
  // What it promises of its delivery goes with it, signed.
  const { database, certificate } = at.provider;
  const { programmeBytes } = await findProgramme(database.queries, report.id);
  const { contract, live } = await verifyProgramme({ bytes: programmeBytes, certificate, suite });
  expect([contract, live?.windowFrames]).toEqual([PROMISED, 2]);
});

test('BT-10: where pictures are ready long before the sound, they wait for it, and no slot goes out without', async () => {
  const { id } = await send({ makePace: atOnce(10) });
  const line = await lineOf(id);
  for (const frame of [0, 1, 2, 3]) expect(segmentAt(line.manifest, 'audio/main', frame)).not.toBeNull();
});

test('BT-9, BT-10: a live programme cannot promise a rung that it has not', async () => {
  const contract = { ...PROMISED, leastRung: 'video/720p' };
  const what = { title: 'A clip', currency: 'EUR', priceMinor: 20, windowFrames: 2, contract };
  expect(await codeOf(send({ what }))).toBe('request/malformed');
});
