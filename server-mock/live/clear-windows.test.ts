// What is deleted behind the window of a live programme, BT-10: what nobody can ask for, nothing that anybody needs, and the same after a cut.

import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { type ContentHash, decodeContentHash, type ProgrammeId } from '../../src/protocol/ids.ts';
import { type ReadLiveUpdate, readLiveUpdate, signLiveUpdate } from '../../src/protocol/live-update.ts';
import { commitFrameKey } from '../../src/protocol/parts.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import { directRegistry } from '../catalogue/direct-registry.ts';
import { openSeed } from '../catalogue/seed-wrap.ts';
import { programmeFiles, sessions } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { goOnAir, type OnAir } from '../publisher/live/on-air.ts';
import { beginTestSession, enrolTestModule, type TestModule } from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { clearWindows } from './clear-windows.ts';
import { directLive } from './direct-live.ts';
import { findUpdate } from './read-live.ts';

const LABEL = 'video/360p';
const WINDOW = 3;
const FRAMES = 1_000;
const FRAME_MS = 2_000;
/** The newest edge at which frame 0 is still in the margin. */
const LAST_EDGE = WINDOW + SERVER_LIMITS.liveMarginFrames;

let at: TestProvider;
let module: TestModule;
let programme: ProgrammeId;
let air: OnAir;
beforeAll(async () => {
  at = await openTestProvider();
  module = await enrolTestModule(at);
});
afterAll(() => at.close());
beforeEach(async () => {
  const live = { startTime: at.clock.now - FRAMES * FRAME_MS, windowFrames: WINDOW };
  programme = await publishTestProgramme(at.provider, { live, frameCount: FRAMES });
  air = await onAir();
});

async function seedOf(): Promise<Uint8Array> {
  const { suite, keys } = at.provider;
  const { wrappedSeed } = await directLive(at.provider).find(programme);
  return openSeed({ suite, storageKey: keys.storageKey }, programme, wrappedSeed);
}

async function onAir(): Promise<OnAir> {
  const { keys, content } = at.provider;
  const live = directLive(at.provider);
  const { id, wrappedSeed: _wrapped, ...place } = await live.find(programme);
  const parts = { live, content, signer: keys.provider, clock: () => at.clock.now };
  return goOnAir(parts, { ...place, programme: id, seed: await seedOf(), labels: [LABEL] });
}

const send = (frame: number): Promise<void> => air.send(frame, new Map([[LABEL, Uint8Array.of(frame % 256, 7)]]));

async function updateOf(number: number): Promise<ReadLiveUpdate> {
  const bytes = await findUpdate(at.provider.database.queries, programme, number);
  if (bytes === null) throw new Error(`there is no update ${number}`);
  return readLiveUpdate(bytes);
}

/** The file of the frame that this update adds first. */
async function fileOf(number: number): Promise<ContentHash> {
  const segment = (await updateOf(number)).segments.get(LABEL)?.[0];
  if (!segment) throw new Error(`update ${number} begins with a gap`);
  return segment.hash;
}

const ask = async (hash: ContentHash): Promise<string> => {
  const response = await at.terminal.request(`/content/${hash}`);
  return response.ok ? 'served' : codeOfResponse(response);
};
const clear = (provider: Provider = at.provider): Promise<void> => clearWindows(provider);

describe('BT-10: behind the window of a live programme', () => {
  test('files go with the margin, a late request is refused for now alone, and updates and clear files stay', async () => {
    await send(0);
    await send(1);
    const files = [await fileOf(0), await fileOf(1)] as const;
    await air.send(LAST_EDGE - 1, new Map());
    await clear();
    expect(await Promise.all(files.map(ask))).toEqual(['served', 'served']);
    const listed = async () => (await directRegistry(at.provider).list()).find(({ id }) => id === programme);
    const sizeBytes = (await listed())?.sizeBytes ?? 0;

    await air.send(LAST_EDGE, new Map());
    await clear();
    expect(await Promise.all(files.map(ask))).toEqual(['request/not-found', 'served']);
    const late = await at.terminal.request(`/content/${files[0]}`);
    expect([late.status, late.headers.get('Cache-Control')]).toEqual([404, 'no-store']);
    expect((await listed())?.sizeBytes).toBeLessThan(sizeBytes);
    // What a claim is judged by, and what shows a wrong key, is in the updates.
    expect((await at.terminal.request(`/api/v1/programmes/${programme}/live/0`)).status).toBe(200);
    const { posterHash } = (await listed()) ?? {};
    expect(posterHash === undefined ? '' : await ask(posterHash)).toBe('served');
  });

  test('a frame that somebody was granted stays for an hour, and no longer than their session', async () => {
    await send(0);
    const file = await fileOf(0);
    const { grant } = await beginTestSession(at, module, { programme });
    await air.send(LAST_EDGE + 9, new Map());
    await clear();
    expect(await ask(file)).toBe('served');
    const { queries } = at.provider.database;
    const own = eq(sessions.id, grant.session);
    await queries.update(sessions).set({ state: 'settled' }).where(own);
    await clear();
    expect(await ask(file)).toBe('request/not-found');

    await send(LAST_EDGE + 10);
    const other = await fileOf((await directLive(at.provider).find(programme)).nextNumber - 1);
    await beginTestSession(at, module, { programme, from: LAST_EDGE + 10 });
    await air.send(2 * LAST_EDGE + 20, new Map());
    await clear();
    expect(await ask(other)).toBe('served');
    at.clock.now += SERVER_LIMITS.liveFetchMs;
    await clear();
    expect(await ask(other)).toBe('request/not-found');
  });

  test('a round that is cut between two files is finished by the next, and nothing is left that nobody lists', async () => {
    await send(0);
    await send(1);
    const files = [await fileOf(0), await fileOf(1)];
    await air.send(LAST_EDGE + 1, new Map());
    const { content } = at.provider;
    let removed = 0;
    const cut = {
      ...content,
      remove: (hash: ContentHash): Promise<void> => {
        removed += 1;
        return removed === 2 ? Promise.reject(new Error('cut')) : content.remove(hash);
      },
    };
    await expect(clear({ ...at.provider, content: cut })).rejects.toThrow('cut');
    expect((await Promise.all(files.map(ask))).toSorted()).toEqual(['request/not-found', 'served']);
    await clear();
    expect(await Promise.all(files.map(ask))).toEqual(['request/not-found', 'request/not-found']);
    const { queries } = at.provider.database;
    const rows = await queries.select().from(programmeFiles).where(eq(programmeFiles.programmeId, programme));
    expect(rows.filter(({ frame }) => frame !== null)).toEqual([]);
    for (const { hash } of rows) expect(await ask(decodeContentHash(hash))).toBe('served');
  });

  test('a file that another programme lists, or a later frame, is nobody’s to delete', async () => {
    await send(0);
    await send(1);
    await send(2);
    const [shared, again, alone] = [await fileOf(0), await fileOf(1), await fileOf(2)];
    const other = await publishTestProgramme(at.provider);
    const { queries } = at.provider.database;
    await queries.insert(programmeFiles).values({ programmeId: other, hash: shared, sizeBytes: 1 });
    await air.send(LAST_EDGE + 1, new Map());
    await sendAgain(again);
    await clear();
    expect([await ask(shared), await ask(again), await ask(alone)]).toEqual(['served', 'served', 'request/not-found']);
    const left = and(eq(programmeFiles.programmeId, programme), eq(programmeFiles.hash, shared));
    expect(await queries.select().from(programmeFiles).where(left)).toEqual([]);
  });
});

/** Publishes a frame that names the file of an earlier one. */
async function sendAgain(hash: ContentHash): Promise<void> {
  const { provider } = at;
  const live = directLive(provider);
  const { edge, nextNumber, previous, reservedTo } = await live.find(programme);
  if (reservedTo <= edge) await live.reserve(programme, reservedTo, edge + 1);
  const sizeBytes = (await provider.content.sizeOf(hash)) ?? 0;
  const key = sequenceFunction('tree').keyAt(await seedOf(), edge);
  const update = await signLiveUpdate({
    signer: provider.keys.provider,
    issuedAt: at.clock.now,
    update: {
      ...{ programme, number: nextNumber, previous, from: edge, to: edge + 1, ended: false },
      segments: new Map([[LABEL, [{ hash, sizeBytes }]]]),
      commitments: concatBytes(commitFrameKey(programme, edge, key)),
    },
  });
  await live.publish(programme, { update, files: [{ hash, sizeBytes }] });
}
