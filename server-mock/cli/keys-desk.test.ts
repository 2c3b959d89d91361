import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { runCli } from '../cli.ts';

describe('farebox keys desk', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'farebox-desk-cli-'));
    vi.stubEnv('FAREBOX_DATA', folder);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs the command until `stop`; `said` is its first line of output. */
  function start(...args: string[]) {
    const stopping = new AbortController();
    const err: string[] = [];
    const { promise: said, resolve } = Promise.withResolvers<string>();
    const ended = runCli(['keys', 'desk', ...args], {
      out: resolve,
      err: (line) => err.push(line),
      signal: stopping.signal,
    });
    return { said, ended, err, stop: () => stopping.abort() };
  }

  it('SD-5: prints one address on this machine with a token of its own, serves it, and ends in order', async () => {
    const tokens: string[] = [];
    for (const _ of [1, 2]) {
      const desk = start('--json');
      const { url } = z.object({ url: z.url() }).parse(JSON.parse(await desk.said));
      const { hostname, origin, hash } = new URL(url);
      expect(hostname).toBe('127.0.0.1');
      tokens.push(hash.slice(1));
      expect((await fetch(origin)).status).toBe(200);
      expect((await fetch(`${origin}/api/batches`)).status).toBe(401);
      const headers = { Authorization: `Bearer ${hash.slice(1)}` };
      expect(await (await fetch(`${origin}/api/batches`, { headers })).json()).toEqual({ batches: [] });
      desk.stop();
      expect(await desk.ended).toBe(0);
      await expect(fetch(origin)).rejects.toThrow();
    }
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  });

  it('SD-5: has a folder to itself, and says when its port is taken', async () => {
    const desk = start();
    const line = await desk.said;
    const second = start();
    expect(await second.ended).toBe(1);
    expect(second.err.join()).toContain('server/locked');
    const elsewhere = await mkdtemp(join(tmpdir(), 'farebox-desk-cli-'));
    vi.stubEnv('FAREBOX_DATA', elsewhere);
    const third = start('--port', /:(\d+)\//.exec(line)?.[1] ?? '');
    expect(await third.ended).toBe(1);
    expect(third.err.join()).toContain('server/port-in-use');
    vi.stubEnv('FAREBOX_DATA', folder);
    await rm(elsewhere, { recursive: true, force: true });
    desk.stop();
    expect(await desk.ended).toBe(0);
  });

  it.each([[['--port', '-1']], [['--port', '70000']], [['--port', 'x']], [['more']], [['--host', '0.0.0.0']]])(
    'refuses the arguments %j with the usage',
    async (args) => {
      const desk = start(...args);
      expect(await desk.ended).toBe(2);
      expect(desk.err.join()).toContain('Usage: farebox keys desk');
    },
  );
});
