// The live publisher's port over the admin interface, BT-10: the same steps and refusals as on the database itself, the seed only as it is
// wrapped, and nothing without the token.

import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { directRegistry } from '../catalogue/direct-registry.ts';
import { openSeed } from '../catalogue/seed-wrap.ts';
import { directClaims } from '../claims/direct-registry.ts';
import { directKeys } from '../key-unit/direct-registry.ts';
import { directLive } from '../live/direct-live.ts';
import type { LiveRegistry } from '../live/registry.ts';
import { directModules } from '../modules/direct-registry.ts';
import { goOnAir, type OnAir } from '../publisher/live/on-air.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { adminApp } from './admin-app.ts';
import { adminLive } from './admin-live.ts';

const TOKEN = 'x'.repeat(43);
const LABEL = 'video/360p';

let at: TestProvider;
let url: string;
let server: ReturnType<typeof serve>;
let live: LiveRegistry;
let programme: ProgrammeId;
beforeAll(async () => {
  at = await openTestProvider();
  const { provider } = at;
  const ports = [
    directRegistry(provider),
    directModules(provider),
    directLive(provider),
    directClaims(provider),
    directKeys(provider),
  ] as const;
  const app = adminApp(...ports, TOKEN);
  server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  url = `http://127.0.0.1:${address.port}`;
  live = adminLive({ url, token: TOKEN });
  programme = await publishTestProgramme(at.provider, {
    live: { startTime: at.clock.now - 60_000, windowFrames: 3 },
    frameCount: 30,
  });
});
afterAll(async () => {
  server.close();
  await at.close();
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof FareboxError ? error.code : String(error)),
  );

async function onAir(): Promise<OnAir> {
  const { id, wrappedSeed, ...place } = await live.find(programme);
  const { suite, keys, content } = at.provider;
  const seed = await openSeed({ suite, storageKey: keys.storageKey }, id, wrappedSeed);
  const parts = { live, content, signer: keys.provider, clock: () => at.clock.now };
  return goOnAir(parts, { ...place, programme: id, seed, labels: [LABEL] });
}

describe('BT-10: the live publisher over the admin interface', () => {
  test('sends slots, tells a gap where it goes on, and ends', async () => {
    const first = await onAir();
    await first.send(0, new Map([[LABEL, Uint8Array.of(1, 2, 3)]]));
    await first.send(1, new Map());
    expect(await live.find(programme)).toMatchObject({ edge: 2, nextNumber: 2, reservedTo: 8, ended: false });
    // Another goes on behind everything that the first one may have sealed.
    const second = await onAir();
    await second.send(8, new Map([[LABEL, Uint8Array.of(4)]]));
    expect(await live.find(programme)).toMatchObject({ edge: 9, nextNumber: 4, reservedTo: 16 });
    expect(await codeOf(first.send(2, new Map([[LABEL, Uint8Array.of(5)]])))).toBe('live/taken');
    expect(await codeOf(live.reserve(programme, 15, 17))).toBe('live/taken');
    await second.end();
    expect(await live.find(programme)).toMatchObject({ edge: 9, ended: true });
    expect(await codeOf(live.reserve(programme, 16, 17))).toBe('live/ended');
    expect(await codeOf(second.end())).toBe('live/ended');
  });

  test('refuses what is no update, no frame, no live programme, and whoever has not the token', async () => {
    expect(await codeOf(live.publish(programme, { update: new Uint8Array(9), files: [] }))).toBe('live/malformed');
    expect(await codeOf(live.reserve(programme, -1, 3))).toBe('request/malformed');
    expect(await codeOf(live.find(decodeProgrammeId('0'.repeat(32))))).toBe('programme/unknown');
    const whole = await publishTestProgramme(at.provider);
    expect(await codeOf(live.find(whole))).toBe('live/not-live');
    expect(await codeOf(live.reserve(whole, 0, 1))).toBe('live/not-live');
    const stranger = adminLive({ url, token: 'y'.repeat(43) });
    expect(await codeOf(stranger.find(programme))).toBe('request/unauthorised');
    expect(await codeOf(stranger.reserve(programme, 0, 1))).toBe('request/unauthorised');
  });
});
