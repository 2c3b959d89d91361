import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type NetworkTrace, rateAt, type ShapingProxy, startShapingProxy } from './shaping-proxy.ts';

const TRACE: NetworkTrace = {
  roundTripMs: 0,
  steps: [
    [1_000, 800],
    [500, 80],
  ],
};

describe('the shaping proxy', () => {
  const body = Buffer.alloc(40_000, 'a');
  const server = createServer((_request, response) => response.end(body));
  let proxy: ShapingProxy;
  beforeEach(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await startShapingProxy();
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    proxy.aimAt(address.port);
  });
  afterEach(async () => {
    await proxy.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const fetchAll = (count: number) =>
    Promise.all(
      Array.from({ length: count }, async () => Buffer.from(await (await fetch(proxy.origin)).arrayBuffer())),
    );

  test('BT-10: a trace is played step by step, and from its start again', () => {
    expect([0, 999, 1_000, 1_499, 1_500, 2_600].map((atMs) => rateAt(TRACE, atMs))).toEqual([
      800, 800, 80, 80, 800, 80,
    ]);
  });

  test('BT-10: no more comes through than the trace lets, over all connections together, and what comes is whole', async () => {
    proxy.shape({ roundTripMs: 0, steps: [[1_000, 3_200]] });
    const startedMs = performance.now();
    const bodies = await fetchAll(4);
    const tookMs = performance.now() - startedMs;
    expect(bodies.every((got) => got.equals(body))).toBe(true);
    // 160 kB at 400 bytes a millisecond; a loaded machine makes it later, never earlier.
    expect(tookMs).toBeGreaterThan((4 * body.length) / 400 - 50);
    expect(proxy.deliveredBytes()).toBeGreaterThan(4 * body.length);
  });

  test('BT-10: the round trip comes before the first byte', async () => {
    proxy.shape({ roundTripMs: 120, steps: [[1_000, 100_000]] });
    const startedMs = performance.now();
    await fetchAll(1);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(115);
  });

  test('BT-10: a line that is let free again brings what was waiting', async () => {
    proxy.shape({ roundTripMs: 0, steps: [[1_000, 1]] });
    const waiting = fetchAll(1);
    await expect.poll(() => proxy.deliveredBytes()).toBeLessThan(body.length);
    proxy.shape(null);
    expect((await waiting)[0]?.equals(body)).toBe(true);
  });
});
