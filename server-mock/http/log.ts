// One structured line for each request: what was asked, what came of it, how long it took, by whom as a keyed hash.
// Never a body, a key, a token, an address or an id as it is.

import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';
import { pino } from 'pino';
import type { ProviderConfig } from '../config.ts';
import type { ServerEnvironment } from './environment.ts';

/** The provider's logger, to standard error so that standard output stays for people. */
export function makeLogger(level: ProviderConfig['logLevel']): Logger {
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
}

/** A fault of our own as it may be logged: its name and where it was thrown. Messages are left out: a database's quote what was written. */
export function describeFault(thrown: unknown): { readonly fault: string; readonly at: readonly string[] } {
  if (!(thrown instanceof Error)) return { fault: typeof thrown, at: [] };
  const frames = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return { fault: thrown.name, at: frames.slice(0, 12).map((line) => line.trim()) };
}

/** Logs each request at its end: `error` for faults of our own, `warn` for refusals, `info` for the rest. */
export function logRequests(
  log: Logger,
  clientOf: (c: Parameters<MiddlewareHandler<ServerEnvironment>>[0]) => string,
): MiddlewareHandler<ServerEnvironment> {
  return async (c, next) => {
    const started = performance.now();
    await next();
    const { status } = c.res;
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
    log[level]({
      method: c.req.method,
      route: routePath(c, -1),
      status,
      code: c.get('refusedAs'),
      durationMs: Math.round(performance.now() - started),
      client: clientOf(c),
    });
  };
}
