// The HTTP client against a real server on this machine: what it asks, what it asks again, and what it refuses to believe.

import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toBase64Url } from '../protocol/bytes.ts';
import { FareboxError } from '../protocol/errors.ts';
import { LIMITS } from '../protocol/limits.ts';
import { HOST_LIMITS } from './limits.ts';
import { createProvider, type Provider } from './provider.ts';

const ID = '0f'.repeat(16);
const HASH = 'ab'.repeat(32);
const BYTES = Uint8Array.of(1, 2, 3);
const ENTRY = {
  id: ID,
  title: 'Harbour',
  durationMs: 60_000,
  frameCount: 30,
  currency: 'EUR',
  priceMinor: 20,
  frameDurationMs: 2_000,
  poster: HASH,
  rungs: ['video/360p'],
  modes: ['display', 'frames'],
  live: null,
  offlineMs: null,
};

let app: Hono;
let server: ReturnType<typeof serve>;
let provider: Provider;
let pausesMs: number[];
const unaborted = new AbortController().signal;
const CONTACT = { response: BYTES, certificate: BYTES, signal: unaborted };

beforeEach(async () => {
  app = new Hono();
  pausesMs = [];
  const port = await new Promise<number>((resolve) => {
    server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (address) => resolve(address.port));
  });
  provider = createProvider(`http://127.0.0.1:${port}`, {
    fetch: (input, init) => fetch(input, init),
    pause: async (delayMs) => {
      pausesMs.push(delayMs);
    },
    chance: () => 1,
  });
});

afterEach(() => {
  if ('closeAllConnections' in server) server.closeAllConnections();
  server.close();
});

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (thrown) {
    if (thrown instanceof FareboxError) return thrown.code;
    throw thrown;
  }
  throw new Error('the call was answered');
}

describe('the catalogue', () => {
  it('is read member by member', async () => {
    app.get('/api/v1/catalogue', (context) => context.json({ programmes: [{ ...ENTRY, extra: 1 }] }));
    expect(await provider.catalogue(unaborted)).toEqual([ENTRY]);
  });

  it('BT-10: says how far a live programme is', async () => {
    const live = { startTime: 1_000, windowFrames: 30, edge: 12, ended: false };
    app.get('/api/v1/catalogue', (context) => context.json({ programmes: [{ ...ENTRY, live }] }));
    expect(await provider.catalogue(unaborted)).toEqual([{ ...ENTRY, live }]);
  });

  it('says for how long a programme may be kept, and nothing where an older provider says nothing', async () => {
    const { offlineMs: _none, ...older } = ENTRY;
    app.get('/api/v1/catalogue', (context) => context.json({ programmes: [{ ...ENTRY, offlineMs: 7 }, older] }));
    expect(await provider.catalogue(unaborted)).toEqual([{ ...ENTRY, offlineMs: 7 }, ENTRY]);
  });

  const altered: readonly (readonly [string, unknown])[] = [
    ['id', 'no id'],
    ['offlineMs', -1],
    ['offlineMs', '604800000'],
    ['live', 7],
    ['live', { startTime: 1_000, windowFrames: 30, edge: 12 }],
    ['live', { startTime: 1_000, windowFrames: 30, edge: -1, ended: false }],
    ['title', 5],
    ['title', 'x'.repeat(201)],
    ['title', 'two\nlines'],
    ['title', '\u202e.oruE 0 rof eerF'],
    ['durationMs', -1],
    ['frameCount', 1.5],
    ['currency', 'EURO'],
    ['currency', 'a\u202eb'],
    ['priceMinor', '20'],
    ['frameDurationMs', null],
    ['poster', ID],
    ['poster', `../api/v1/${'a'.repeat(54)}`],
    ['poster', `https://evil.example/${'a'.repeat(43)}`],
    ['poster', 'javascript:alert(1)'],
    ['rungs', 'video/360p'],
    ['rungs', [1]],
    ['rungs', ['../360p']],
  ];
  it.each(altered)('is refused with network/wrong-content where %s is %j', async (member, value) => {
    app.get('/api/v1/catalogue', (context) => context.json({ programmes: [{ ...ENTRY, [member]: value }] }));
    expect(await codeOf(provider.catalogue(unaborted))).toBe('network/wrong-content');
    expect(pausesMs).toEqual([]);
  });

  it('is refused where it is not JSON', async () => {
    app.get('/api/v1/catalogue', (context) => context.text('<html>'));
    expect(await codeOf(provider.catalogue(unaborted))).toBe('network/wrong-content');
  });
});

describe("the agency's key", () => {
  const answer = (agencyKey: unknown) => app.get('/api/v1/agency', (context) => context.json({ agencyKey }));

  it('CARD-2: is read as 32 bytes', async () => {
    const agencyKey = Uint8Array.from({ length: 32 }, (_, at) => at);
    answer(toBase64Url(agencyKey));
    expect(await provider.agencyKey(unaborted)).toEqual(agencyKey);
  });

  it.each([
    ['31 bytes', toBase64Url(new Uint8Array(31))],
    ['33 bytes', toBase64Url(new Uint8Array(33))],
    ['no text', 32],
    ['no base64url', '!'.repeat(43)],
    ['not there', undefined],
  ])('is refused where it is %s', async (_what, agencyKey) => {
    answer(agencyKey);
    expect(await codeOf(provider.agencyKey(unaborted))).toBe('network/wrong-content');
  });
});

describe('requests that fail', () => {
  it('does not ask again where the code says that it cannot help, whatever the status', async () => {
    app.get('/api/v1/catalogue', (context) => context.json({ error: { code: 'credit/exhausted' } }, 500));
    expect(await codeOf(provider.catalogue(unaborted))).toBe('credit/exhausted');
    expect(pausesMs).toEqual([]);
  });

  it('does not ask again without a line', async () => {
    vi.stubGlobal('navigator', { onLine: false });
    const deaf = createProvider('http://provider.example', {
      fetch: () => Promise.reject(new TypeError('no line')),
      pause: async (delayMs) => {
        pausesMs.push(delayMs);
      },
      chance: () => 1,
    });
    expect(await codeOf(deaf.catalogue(unaborted))).toBe('network/offline');
    expect(pausesMs).toEqual([]);
    vi.unstubAllGlobals();
  });

  it('BT-8: sends a receipt again under the same Idempotency-Key until it is answered', async () => {
    const seen: string[] = [];
    app.post('/api/v1/receipts', async (context) => {
      seen.push(`${context.req.header('Idempotency-Key')} ${JSON.stringify(await context.req.json())}`);
      if (seen.length < 3) return context.json({ error: { code: 'server/overloaded' } }, 503);
      return context.json({ acknowledgement: toBase64Url(BYTES) });
    });
    const { acknowledgement } = await provider.sendReceipt({ ...CONTACT, receiptFile: BYTES });
    expect(acknowledgement).toEqual(BYTES);
    expect(seen.length).toBe(3);
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toMatch(/^receipts-[0-9a-f]{64} \{"response":"AQID","certificate":"AQID","receiptFile":"AQID"\}$/);
  });

  it('waits twice as long each time, and gives up with the provider’s own code', async () => {
    app.get('/api/v1/catalogue', (context) => context.json({ error: { code: 'server/overloaded' } }, 503));
    expect(await codeOf(provider.catalogue(unaborted))).toBe('server/overloaded');
    expect(pausesMs).toEqual([250, 500, 1_000, 2_000]);
  });

  it('waits as long as the provider asks for, within its bound', async () => {
    let asked = 0;
    app.get('/api/v1/catalogue', (context) => {
      asked += 1;
      if (asked === 1) return context.json({ error: { code: 'request/rate' } }, 429, { 'Retry-After': '7' });
      if (asked === 2) return context.json({ error: { code: 'request/rate' } }, 429, { 'Retry-After': '86400' });
      return context.json({ programmes: [] });
    });
    expect(await provider.catalogue(unaborted)).toEqual([]);
    expect(pausesMs).toEqual([7_000, HOST_LIMITS.retryAfterMaxMs]);
  });

  it('does not ask again where it was refused for good', async () => {
    let asked = 0;
    app.post('/api/v1/challenges', (context) => {
      asked += 1;
      return context.json({ error: { code: 'certificate/untrusted' } }, 403);
    });
    expect(await codeOf(provider.challenge(ID, unaborted))).toBe('certificate/untrusted');
    expect(asked).toBe(1);
  });

  it('names a status without a code of ours', async () => {
    app.get('/api/v1/catalogue', (context) => context.text('nothing here', 404));
    expect(await codeOf(provider.catalogue(unaborted))).toBe('network/bad-status');
  });

  it('says that nobody answers', async () => {
    const nobody = createProvider('http://127.0.0.1:1', {
      fetch: (input, init) => fetch(input, init),
      pause: async () => undefined,
      chance: () => 0,
    });
    expect(await codeOf(nobody.catalogue(unaborted))).toBe('network/unreachable');
  });

  it('throws the caller’s own reason after an abort, and asks no more', async () => {
    const leaving = new AbortController();
    let asked = 0;
    app.get('/api/v1/catalogue', (context) => {
      asked += 1;
      leaving.abort(new DOMException('left', 'AbortError'));
      return context.json({ programmes: [] });
    });
    await expect(provider.catalogue(leaving.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked).toBe(1);
  });
});

describe('contacts', () => {
  const heard = (path: string, answer: object) => {
    const bodies: unknown[] = [];
    app.post(`/api/v1${path}`, async (context) => {
      bodies.push(await context.req.json());
      return context.json(answer);
    });
    return bodies;
  };

  it('BT-2: names the module that is going to answer a challenge', async () => {
    const bodies = heard('/challenges', { challenge: 'AQID', providerCertificate: 'AQID' });
    await provider.challenge(ID, unaborted);
    expect(bodies).toEqual([{ module: ID }]);
  });

  it('BT-2: asks for a standing', async () => {
    const bodies = heard('/standings', { standing: 'AQID', providerCertificate: 'AQID' });
    expect(await provider.standing(CONTACT)).toEqual({ standing: BYTES, providerCertificate: BYTES });
    expect(bodies).toEqual([{ response: 'AQID', certificate: 'AQID' }]);
  });

  it('BT-8: asks for papers', async () => {
    const bodies = heard('/papers', { receiptFiles: ['AQID', 'AQID'] });
    expect(await provider.papers({ ...CONTACT, sessions: [ID] })).toEqual({ receiptFiles: [BYTES, BYTES] });
    expect(bodies).toEqual([{ response: 'AQID', certificate: 'AQID', sessions: [ID] }]);
  });

  it.each([
    ['no list', 'AQID'],
    ['a list of other things', [1]],
    ['more than were asked for', Array.from({ length: 51 }, () => 'AQID')],
  ])('BT-8: papers that are %s are refused', async (_what, receiptFiles) => {
    heard('/papers', { receiptFiles });
    expect(await codeOf(provider.papers({ ...CONTACT, sessions: [ID] }))).toBe('network/wrong-content');
  });

  it('BT-8: leaves a backup, and fetches it as the bytes that it is', async () => {
    const bodies = heard('/backups', {});
    app.get(`/api/v1/backups/${ID}`, (context) => context.body(BYTES));
    expect(await provider.keepBackup({ ...CONTACT, locator: ID, backup: BYTES })).toBeNull();
    expect(bodies).toEqual([{ response: 'AQID', certificate: 'AQID', locator: ID, backup: 'AQID' }]);
    expect(new Uint8Array(await provider.backup(ID, unaborted))).toEqual(BYTES);
  });

  it('BT-8: says that there is no backup with the code of the provider', async () => {
    app.get('/api/v1/backups/:locator', (context) => context.json({ error: { code: 'backup/unknown' } }, 404));
    expect(await codeOf(provider.backup(ID, unaborted))).toBe('backup/unknown');
    expect(pausesMs).toEqual([]);
  });

  it('BT-8: asks for a backup again where the line failed, and gives it up where it is larger than any may be', async () => {
    let asked = 0;
    app.get('/api/v1/backups/:locator', (context) => {
      asked += 1;
      if (asked === 1) return context.text('', 503);
      return context.body(BYTES, 200, { 'Content-Length': String(LIMITS.backupSizeBytes + 1) });
    });
    expect(await codeOf(provider.backup(ID, unaborted))).toBe('network/wrong-content');
    expect(asked).toBe(2);
  });
});

describe('content', () => {
  it('gives the bytes of a file', async () => {
    app.get(`/content/${HASH}`, (context) => context.body(BYTES));
    expect(new Uint8Array(await provider.content(HASH, { signal: unaborted }))).toEqual(BYTES);
  });

  it('is one attempt', async () => {
    let asked = 0;
    app.get(`/content/${HASH}`, (context) => {
      asked += 1;
      return context.text('', 503);
    });
    expect(await codeOf(provider.content(HASH, { signal: unaborted }))).toBe('network/bad-status');
    expect(asked).toBe(1);
  });

  it('BT-4: is given up where it trickles, and waited for where it is slow', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      let line: ReadableStreamDefaultController<Uint8Array> | undefined;
      app.get(`/content/${HASH}`, (context) =>
        context.body(
          new ReadableStream<Uint8Array>({
            start(controller) {
              line = controller;
            },
          }),
        ),
      );
      const whole = provider.content(HASH, { signal: unaborted });
      await vi.waitFor(() => expect(line).toBeDefined());
      const read = vi.spyOn(ReadableStreamDefaultReader.prototype, 'read');
      for (const pieces of [1, 2]) {
        line?.enqueue(new Uint8Array(HOST_LIMITS.trickleSizeBytes));
        await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(pieces));
        vi.advanceTimersByTime(HOST_LIMITS.trickleMs);
      }
      line?.enqueue(Uint8Array.of(1));
      await vi.waitFor(() => expect(read.mock.calls.length).toBeGreaterThan(3));
      vi.advanceTimersByTime(HOST_LIMITS.trickleMs);
      expect(await codeOf(whole)).toBe('network/timeout');
    } finally {
      vi.restoreAllMocks();
      vi.useRealTimers();
    }
  });

  it('is given up where it is larger than any part may be', async () => {
    app.get(`/content/${HASH}`, (context) => {
      const piece = new Uint8Array(4 * 1024 * 1024);
      let left = 10;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          left -= 1;
          if (left === 0) controller.close();
          else controller.enqueue(piece.slice());
        },
      });
      return context.body(body);
    });
    expect(await codeOf(provider.content(HASH, { signal: unaborted }))).toBe('network/wrong-content');
  });
});
