// The desk without a socket: who may speak with it, what it takes in, what it says of a batch, and that nothing it serves or keeps is more
// than the key unit gave. The command, the socket and the page are tried in e2e/keys-desk.spec.ts.

import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ExportCommand, KeyRegistry } from '../key-unit/registry.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { codeOfResponse } from '../testing/test-provider.ts';
import { BatchShelf } from './batch-shelf.ts';
import { deskApp } from './desk-app.ts';
import { deskSite } from './desk-site.ts';
import { DESK_HEADERS } from './guard.ts';
import type { KeyUse } from './key-lease.ts';
import { Runs } from './runs.ts';

const PORT = 4711;
const OWN = `127.0.0.1:${PORT}`;
const TOKEN = 't'.repeat(43);
const RANDOM = 'ab'.repeat(16);
const command = (at: number, reference = 'wallet'): string =>
  JSON.stringify({ unit: at.toString(16).padStart(32, '0'), reference, random: RANDOM });

const viewSchema = z.object({
  batch: z.object({
    id: z.string(),
    answered: z.number(),
    failed: z.number(),
    commands: z.number(),
    state: z.string(),
    trouble: z.object({ code: z.string() }).nullable(),
  }),
});

let folder: string;
let shelf: BatchShelf;
let runs: Runs;
let app: Hono;
/** What the key unit does with a piece; a test puts its own in place. */
let customize: (commands: readonly ExportCommand[]) => ReturnType<KeyRegistry['customize']>;
let now = 1_000;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farebox-desk-'));
  customize = async (commands) =>
    commands.map(({ unit, reference }) => {
      if (reference !== 'wallet') return { error: 'keys/no-such-key' };
      return unit.endsWith('7')
        ? { error: 'keys/unknown-unit' }
        : { sealedKey: 'A', slot: 'wallet/1', signature: 'B', certificate: 'C' };
    });
  await open();
});
afterEach(async () => {
  await runs.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A desk over the folder, as a process that begins finds it. */
async function open(): Promise<void> {
  shelf = new BatchShelf(folder, () => now++);
  await shelf.prepare();
  await shelf.clear();
  const set = { set: '1'.repeat(32), name: 'north', units: 3, transportCheck: 'aaaaaa', createdTime: 1 };
  const unit = {
    sets: async () => [
      { ...set, openSize: null, policy: null, retiredTime: null },
      { ...set, openSize: null, policy: null, name: 'gone', retiredTime: 2 },
    ],
    apps: async (name: string | null) => {
      if (name !== 'north') throw new FareboxError('keys/unknown-set');
      return [];
    },
    customize: (_set: string, commands: readonly ExportCommand[]) => customize(commands),
  };
  const keys: KeyUse = { use: (work) => work(unit) };
  runs = new Runs(keys, () => now++);
  app = deskApp({ keys, shelf, runs, site: await deskSite(), token: TOKEN, port: () => PORT });
}

type Asked = {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string;
};

/** Asks as the page does; a header that is null is left out. */
async function ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Response> {
  const all = {
    ...{ Host: OWN, Authorization: `Bearer ${TOKEN}`, 'Sec-Fetch-Site': 'same-origin' },
    ...(method === 'POST' ? { Origin: `http://${OWN}` } : {}),
    ...headers,
  };
  const sent = Object.entries(all).filter((header): header is [string, string] => header[1] !== null);
  return app.request(path, { method, headers: sent, ...(body === undefined ? {} : { body }) });
}

const add = (body: string, query = 'set=north&file=units.jsonl') =>
  ask(`/api/batches?${query}`, { method: 'POST', body });
const viewOf = async (response: Response) => viewSchema.parse(await response.json()).batch;
const batchesOnDisk = () => readdir(join(folder, 'keys/batches'));

/** Takes commands in, runs them to their end, and answers what is said of them then. */
async function runThrough(body: string) {
  const { id } = await viewOf(await add(body));
  expect((await ask(`/api/batches/${id}/run`, { method: 'POST' })).status).toBe(200);
  await expect.poll(async () => (await viewOf(await ask(`/api/batches/${id}`))).state).toBe('finished');
  return viewOf(await ask(`/api/batches/${id}`));
}

describe('SD-5: who may speak with the desk', () => {
  it.each([
    ['no token', { Authorization: null }],
    ['another token', { Authorization: `Bearer ${'u'.repeat(43)}` }],
    ['a part of the token', { Authorization: `Bearer ${TOKEN.slice(1)}` }],
    ['a name that leads to this machine', { Host: `rebound.example:${PORT}` }],
    ['another name of this machine', { Host: `localhost:${PORT}` }],
    ['the address of another port', { Host: '127.0.0.1:80' }],
    ['no host', { Host: null }],
    ['another page of this machine', { Origin: 'http://127.0.0.1:8080' }],
    ['a page with no origin', { Origin: 'null' }],
    ['a request that another site had sent', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a request of another port', { 'Sec-Fetch-Site': 'same-site' }],
  ])('refuses %s', async (_, headers) => {
    for (const [method, path] of [
      ['GET', '/api/sets'],
      ['GET', '/api/batches'],
      ['POST', '/api/batches?set=north&file=a'],
    ] as const) {
      const response = await ask(path, { method, headers, ...(method === 'POST' ? { body: command(1) } : {}) });
      expect([response.status, await codeOfResponse(response)]).toEqual([401, 'request/unauthorised']);
    }
    expect(await batchesOnDisk()).toEqual([]);
  });

  it('refuses a change that does not say where it comes from', async () => {
    const response = await ask('/api/batches?set=north&file=a', {
      ...{ method: 'POST', headers: { Origin: null }, body: command(1) },
    });
    expect(await codeOfResponse(response)).toBe('request/unauthorised');
    expect(await batchesOnDisk()).toEqual([]);
  });

  it('serves its page without the token, with nothing of any batch in it, and to no other host', async () => {
    const face = '/@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-400-normal.woff2';
    for (const path of ['/', '/main.mjs', '/desk.css', '/tokens.css', '/perforation.css', '/mark.svg', face]) {
      const response = await ask(path, { headers: { Authorization: null, 'Sec-Fetch-Site': 'none' } });
      expect(response.status, path).toBe(200);
      expect(response.headers.get('content-type'), path).not.toContain('octet-stream');
    }
    expect((await ask('/', { headers: { Host: 'rebound.example' } })).status).toBe(401);
    for (const path of ['/../open-desk.ts', '/%2e%2e/open-desk.ts', '/nothing.mjs'])
      expect((await ask(path)).status, path).toBe(404);
  });

  it('sends its headers with every answer, refusals too: no script but its own, no frame around it, nothing kept', async () => {
    for (const path of ['/', '/main.mjs', '/api/batches', '/api/nothing', '/nothing']) {
      const { headers } = await ask(path);
      for (const [name, value] of Object.entries(DESK_HEADERS)) expect(headers.get(name), path).toBe(value);
    }
    expect(DESK_HEADERS['Content-Security-Policy']).not.toMatch(/unsafe|https?:|\*/);
    const page = await (await ask('/')).text();
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=|https?:\/\//);
  });
});

describe('SD-5: what the desk takes in', () => {
  it('tells the sets that are not retired', async () => {
    expect(await (await ask('/api/sets')).json()).toEqual({ sets: [{ name: 'north', units: 3 }] });
  });

  it('keeps a file of 50 000 commands as it came, for its owner alone', async () => {
    const body = `${Array.from({ length: 50_000 }, (_, at) => command(at)).join('\n')}\n\n`;
    const { id, commands } = await viewOf(await add(body));
    expect(commands).toBe(50_000);
    const place = join(folder, 'keys/batches', id);
    expect(await readFile(join(place, 'units'), 'utf8')).toBe(body);
    for (const name of ['units', 'batch.json']) expect((await stat(join(place, name))).mode & 0o777).toBe(0o600);
    expect((await stat(place)).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['no command', '\n \r\n\n', 'keys/malformed'],
    ['nothing', '', 'request/malformed'],
    [
      'a line that no command can be',
      `${command(1)}\n${'x'.repeat(SERVER_LIMITS.batchCommandLength + 1)}\n`,
      'keys/malformed',
    ],
    ['too many lines', `${'1\n'.repeat(SERVER_LIMITS.batchCommands)}1`, 'request/too-large'],
  ])('refuses a file with %s, and keeps nothing of it', async (_, body, code) => {
    expect(
      await codeOfResponse(await (body === '' ? ask('/api/batches?set=north&file=a', { method: 'POST' }) : add(body))),
    ).toBe(code);
    expect(await batchesOnDisk()).toEqual([]);
  });

  it('refuses a file that goes on for ever, before it fills the disk', async () => {
    const piece = new TextEncoder().encode(`${command(1)}\n`.repeat(4_000));
    let sentBytes = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sentBytes += piece.byteLength;
        controller.enqueue(piece);
      },
    });
    const batchSizeBytes = 4_194_304;
    const small = new BatchShelf(folder, () => now++, { ...SERVER_LIMITS, batchSizeBytes });
    await expect(small.add('north', 'endless', endless)).rejects.toThrow('request/too-large');
    expect(sentBytes).toBeLessThan(2 * batchSizeBytes);
    expect(await batchesOnDisk()).toEqual([]);
  });

  it('keeps nothing of a file that broke off', async () => {
    let pieces = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces += 1;
        if (pieces > 3) controller.error(new Error('the tab was closed'));
        else controller.enqueue(new TextEncoder().encode(`${command(pieces)}\n`));
      },
    });
    await expect(shelf.add('north', 'broken', broken)).rejects.toThrow('the tab was closed');
    expect(await batchesOnDisk()).toEqual([]);
  });

  it.each([
    ['set=north', 'request/malformed'],
    ['set=north&file=', 'request/malformed'],
    [`set=north&file=${'x'.repeat(256)}`, 'request/malformed'],
    ['set=No%20Name&file=a', 'request/malformed'],
    ['set=north&file=a&more=1', 'request/malformed'],
    ['set=west&file=a', 'keys/unknown-set'],
  ])('refuses a batch of %s', async (query, code) => {
    expect(await codeOfResponse(await add(command(1), query))).toBe(code);
    expect(await batchesOnDisk()).toEqual([]);
  });

  it.each(['0', '..', '%2e%2e%2fkeys', '0'.repeat(32), `${'0'.repeat(31)}G`])('has no batch called %s', async (id) => {
    await mkdir(join(folder, 'keys/batches/0'), { recursive: true });
    for (const [method, what] of [
      ['GET', ''],
      ['GET', '/answers'],
      ['GET', '/failures'],
      ['POST', '/run'],
      ['POST', '/pause'],
    ] as const) {
      expect((await ask(`/api/batches/${id}${what}`, { method })).status).toBe(404);
    }
  });

  it('takes away at its next start what it had not received whole', async () => {
    await mkdir(join(folder, `keys/batches/${'1'.repeat(32)}.part`));
    await writeFile(join(folder, `keys/batches/${'1'.repeat(32)}.part/units`), 'half of it');
    await open();
    expect(await batchesOnDisk()).toEqual([]);
  });
});

describe('SD-5: what the desk says of a batch', () => {
  it('runs it to its end, and tells what was answered and what failed', async () => {
    const batch = await runThrough([command(1), command(7), '{', command(2, 'other'), command(3)].join('\n'));
    expect(batch).toMatchObject({ answered: 5, failed: 3, commands: 5, trouble: null });
    const page = await (await ask(`/api/batches/${batch.id}/failures`)).json();
    expect(page).toMatchObject({
      total: 3,
      failures: [
        { line: 2, error: 'keys/unknown-unit' },
        { line: 3, unit: '', error: 'keys/malformed' },
        { line: 4, reference: 'other', error: 'keys/no-such-key' },
      ],
    });
    const only = await ask(`/api/batches/${batch.id}/failures?reason=keys/no-such-key`);
    expect(await only.json()).toMatchObject({ total: 1, failures: [{ line: 4 }], reasons: [{}, {}, {}] });
    const answers = await (await ask(`/api/batches/${batch.id}/answers`)).text();
    expect(answers.trimEnd().split('\n')).toHaveLength(5);
  });

  it('lists failures in pages', async () => {
    const many = SERVER_LIMITS.listedFailures + 5;
    const { id } = await runThrough(`${'{\n'.repeat(many)}`);
    const first = z.object({ failures: z.array(z.object({ line: z.number() })) });
    const pageFrom = async (from: number) =>
      first.parse(await (await ask(`/api/batches/${id}/failures?from=${from}`)).json()).failures;
    expect(await pageFrom(0)).toHaveLength(SERVER_LIMITS.listedFailures);
    expect((await pageFrom(SERVER_LIMITS.listedFailures)).map(({ line }) => line)).toEqual([
      ...[many - 4, many - 3, many - 2, many - 1, many],
    ]);
  });

  it('pauses behind the piece under way, goes on from there, and answers no line twice', async () => {
    const asked: string[] = [];
    const all = customize;
    customize = async (commands) => {
      asked.push(...commands.map(({ unit }) => unit));
      return all(commands);
    };
    const { id } = await viewOf(await add(Array.from({ length: 450 }, (_, at) => command(at)).join('\n')));
    const { promise: held, resolve: free } = Promise.withResolvers<void>();
    const whole = customize;
    customize = async (commands) => {
      await held;
      return whole(commands);
    };
    expect(await viewOf(await ask(`/api/batches/${id}/run`, { method: 'POST' }))).toMatchObject({ state: 'running' });
    expect(await codeOfResponse(await ask(`/api/batches/${id}/run`, { method: 'POST' }))).toBe('keys/busy');
    expect(await viewOf(await ask(`/api/batches/${id}/pause`, { method: 'POST' }))).toMatchObject({ state: 'pausing' });
    free();
    await runs.stop();
    expect(await viewOf(await ask(`/api/batches/${id}`))).toMatchObject({ state: 'stopped', answered: 200 });
    expect((await ask(`/api/batches/${id}/pause`, { method: 'POST' })).status).toBe(404);
    await open();
    expect((await ask(`/api/batches/${id}/run`, { method: 'POST' })).status).toBe(200);
    await expect.poll(async () => (await viewOf(await ask(`/api/batches/${id}`))).state).toBe('finished');
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toHaveLength(450);
  });

  it('says why a run ended, keeps what it had, and goes on when it is told to', async () => {
    const { id } = await viewOf(await add(Array.from({ length: 300 }, (_, at) => command(at)).join('\n')));
    const good = customize;
    let pieces = 0;
    customize = async (commands) => {
      pieces += 1;
      if (pieces === 2) throw new FareboxError('network/unreachable');
      return good(commands);
    };
    await ask(`/api/batches/${id}/run`, { method: 'POST' });
    await expect
      .poll(async () => (await viewOf(await ask(`/api/batches/${id}`))).trouble?.code)
      .toBe('network/unreachable');
    expect(await viewOf(await ask(`/api/batches/${id}`))).toMatchObject({ state: 'stopped', answered: 200 });
    await ask(`/api/batches/${id}/run`, { method: 'POST' });
    await expect.poll(async () => (await viewOf(await ask(`/api/batches/${id}`))).state).toBe('finished');
  });

  it('runs as many batches at once as it has promised, and no more', async () => {
    const good = customize;
    const { promise: held, resolve: free } = Promise.withResolvers<void>();
    customize = async (commands) => {
      await held;
      return good(commands);
    };
    const ids: string[] = [];
    for (let at = 0; at <= SERVER_LIMITS.runningBatches; at += 1) ids.push((await viewOf(await add(command(at)))).id);
    const codes = [];
    for (const id of ids) codes.push((await ask(`/api/batches/${id}/run`, { method: 'POST' })).status);
    expect(codes).toEqual([...ids.slice(1).map(() => 200), 409]);
    free();
  });

  it('says of answers that are none that they are none, and still lists the others', async () => {
    const good = await runThrough(command(1));
    const bad = await runThrough(command(2));
    await appendFile(join(folder, 'keys/batches', bad.id, 'answers'), 'nonsense\n');
    const listed = z
      .object({ batches: z.array(viewSchema.shape.batch) })
      .parse(await (await ask('/api/batches')).json());
    expect(listed.batches.map(({ id, trouble }) => [id, trouble?.code])).toEqual([
      [bad.id, 'keys/malformed'],
      [good.id, undefined],
    ]);
  });
});

describe('SD-5: files of failures', () => {
  it.each(['=cmd|x', '+1', '-1', '@a', ' =1', '\t1', '"q"'])(
    'writes the cell %j so that no spreadsheet calculates it',
    async (reference) => {
      const { id } = await runThrough(command(1, reference));
      const csv = await (await ask(`/api/batches/${id}/failures/csv`)).text();
      const [, row = ''] = csv.split('\r\n');
      const cells = row.slice(1, -1).split('","');
      expect(cells[2]).toBe(reference === '"q"' ? '""q""' : `'${reference}`);
      expect(cells[3]).toBe('keys/no-such-key');
    },
  );

  it('writes them as CSV, as JSON and as commands to send again, of one reason or of all, to be saved and never shown', async () => {
    const { id } = await runThrough([command(7), command(2, 'other'), command(23), command(3)].join('\n'));
    const file = (path: string) => ask(`/api/batches/${id}/failures/${path}`);
    expect((await (await file('csv')).text()).trimEnd().split('\r\n')).toHaveLength(4);
    expect(await (await file('json?reason=keys/no-such-key')).json()).toEqual([
      { line: 2, unit: expect.any(String), reference: 'other', error: 'keys/no-such-key', why: expect.any(String) },
    ]);
    expect(await (await file('commands?reason=keys/unknown-unit')).text()).toBe(`${command(7)}\n${command(23)}\n`);
    expect((await file('json')).headers.get('content-disposition')).toBe('attachment');
    expect((await file('html')).status).toBe(404);
  });

  it('breaks a download off where the answers break off, so that half of them never passes for all', async () => {
    const { id } = await runThrough([command(7), command(23)].join('\n'));
    await appendFile(join(folder, 'keys/batches', id, 'answers'), 'nonsense\n');
    const response = await ask(`/api/batches/${id}/failures/json`);
    await expect(response.text()).rejects.toThrow('keys/malformed');
  });
});
