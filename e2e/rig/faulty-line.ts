// A line that fails as lines, caches and servers do, before a real provider: a request is answered with an error, broken off before or after
// the provider has had it, cut in its body, trickled, or answered with something else. What no rule names passes as it is.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { freePort } from './provider.ts';

/** What befalls a request. */
export type Fault =
  /** An answer of this status that no provider gives. */
  | { readonly kind: 'status'; readonly status: number }
  /** The connection ends before the provider hears of it. */
  | { readonly kind: 'dropped' }
  /** The provider does what was asked, and its answer is lost. */
  | { readonly kind: 'answer-lost' }
  /** Half of the body, then the connection ends: shorter than was declared. */
  | { readonly kind: 'truncated' }
  /** Half of the body, declared so: nothing on the line is wrong. */
  | { readonly kind: 'half' }
  /** Declares a body larger than anything may be. */
  | { readonly kind: 'vast' }
  /** Headers, then a byte a second. */
  | { readonly kind: 'trickled' }
  /** Another body, as a stale cache would give. */
  | { readonly kind: 'other-body'; readonly body: Buffer };

/** Requests whose method and path fit fail so often. */
export type Rule = { readonly fits: (path: string, method: string) => boolean; readonly fault: Fault; times: number };

/** A request; `status` null where it was not answered whole. */
type Seen = {
  readonly method: string;
  readonly path: string;
  /** Parameters in their order. */
  readonly query: readonly (readonly [string, string])[];
  status: number | null;
};

/** A line that runs. */
export type FaultyLine = {
  /** Without a slash at its end. */
  readonly origin: string;
  /** From now on requests go to this port; to none while the server is away. */
  aimAt(port: number | null): void;
  /** Adds a rule; answers it, so that a test can see how often it is still to come. */
  add(fits: Rule['fits'], fault: Fault, times?: number): Rule;
  /** Every request so far. */
  readonly seen: readonly Readonly<Seen>[];
  /** Drops every rule, and what was seen. */
  forget(): void;
  stop(): Promise<void>;
};

const TRICKLE_MS = 1_000;

/** Starts a line on a port of its own. It leads nowhere before `aimAt`. */
export async function startFaultyLine(): Promise<FaultyLine> {
  const port = await freePort();
  const rules: Rule[] = [];
  const seen: Seen[] = [];
  let target: number | null = null;

  const server = createServer((incoming, answer) => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://line');
    const entry = {
      method: incoming.method ?? 'GET',
      path: pathname,
      query: [...searchParams],
      status: null as number | null,
    };
    seen.push(entry);
    answer.once('finish', () => {
      entry.status = answer.statusCode;
    });
    const rule = rules.find(({ fits, times }) => times > 0 && fits(pathname, entry.method));
    if (rule !== undefined) rule.times -= 1;
    void pass(incoming, answer, rule?.fault ?? null).catch(() => answer.destroy());
  });

  async function pass(incoming: IncomingMessage, answer: ServerResponse, fault: Fault | null): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    if (fault?.kind === 'dropped' || target === null) return void answer.destroy();
    if (fault?.kind === 'status') return void answer.writeHead(fault.status, { 'Content-Length': 0 }).end();
    const { status, headers, body } = await ask(target, incoming, Buffer.concat(chunks));
    if (fault?.kind === 'answer-lost') return void answer.destroy();
    give(answer, status, headers, body, fault);
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${port}`,
    aimAt(next) {
      target = next;
    },
    add(fits, fault, times = 1) {
      const rule = { fits, fault, times };
      rules.push(rule);
      return rule;
    },
    seen,
    forget() {
      rules.length = 0;
      seen.length = 0;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Answered = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer };

function ask(port: number, incoming: IncomingMessage, body: Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { method, url, headers } = incoming;
    const asked = request({ host: '127.0.0.1', port, method, path: url, headers }, async (given) => {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of given) chunks.push(chunk);
        resolve({ status: given.statusCode ?? 502, headers: given.headers, body: Buffer.concat(chunks) });
      } catch (error) {
        reject(error);
      }
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

function give(
  answer: ServerResponse,
  status: number,
  headers: IncomingMessage['headers'],
  whole: Buffer,
  fault: Fault | null,
): void {
  const half = whole.subarray(0, Math.floor(whole.length / 2));
  const body = fault?.kind === 'other-body' ? fault.body : fault?.kind === 'half' ? half : whole;
  const { 'transfer-encoding': _chunked, 'content-length': _length, connection: _connection, ...kept } = headers;
  const declared = fault?.kind === 'vast' ? 2 ** 40 : body.length;
  answer.writeHead(status, { ...kept, 'Content-Length': String(declared) });
  if (fault?.kind === 'truncated' || fault?.kind === 'vast') answer.write(half, () => answer.destroy());
  else if (fault?.kind === 'trickled') trickle(answer, body);
  else answer.end(body);
}

/** A byte a second until the other side has had enough. */
function trickle(answer: ServerResponse, body: Buffer): void {
  let at = 0;
  answer.flushHeaders();
  const timer = setInterval(() => {
    answer.write(body.subarray(at, at + 1));
    at += 1;
  }, TRICKLE_MS);
  answer.once('close', () => clearInterval(timer));
}
