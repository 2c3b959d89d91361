// How many requests one client may make, a bucket for each family of routes, so that a flood of frames never starves
// receipts. Routes that change something are counted in the database, for all processes together; reads only protect
// the process they hit and are counted in it. Every answer of a limited route says what is left.

import { sql } from 'drizzle-orm';
import type { Context, MiddlewareHandler } from 'hono';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { Queries } from '../db/open.ts';
import { rateWindows } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { ServerEnvironment } from './environment.ts';

/** A family of routes: so many requests of one client in one window. */
export type RateBucket = {
  readonly name: string;
  readonly requests: number;
  readonly windowMs: number;
};

/** The buckets, with what an honest terminal needs. */
export const RATE_BUCKETS = Object.freeze({
  /** A browser enrols once in its life; several people may share an address. */
  enrolments: { name: 'enrolments', requests: 20, windowMs: 60_000 },
  /** One for each contact: a session, a receipt, a standing, papers, a backup. */
  challenges: { name: 'challenges', requests: 240, windowMs: 60_000 },
  /** One for each programme opened or gone on with, and at most eight from a page for those that are only pointed at (docs/protocol.md §5). */
  sessions: { name: 'sessions', requests: 60, windowMs: 60_000 },
  /** One for each session; more after a time offline. */
  receipts: { name: 'receipts', requests: 120, windowMs: 60_000 },
  /** At most one for each session. */
  claims: { name: 'claims', requests: 60, windowMs: 60_000 },
  /** One at a start, one after a refusal; two tabs, several people. */
  standings: { name: 'standings', requests: 30, windowMs: 60_000 },
  /** A transport key and all keys at once, after a roll-over again; a household behind one address. */
  keys: { name: 'keys', requests: 30, windowMs: 60_000 },
  /** One for each contact, as challenges; answered without writing anything. */
  tokens: { name: 'tokens', requests: 240, windowMs: 60_000 },
  /** A person types a PIN and mistypes some; the provider's own count of wrong ones is a matter of days. */
  pins: { name: 'pins', requests: 20, windowMs: 60_000 },
  /** A person types a card, and takes it away. */
  cards: { name: 'cards', requests: 10, windowMs: 60_000 },
  /** Fifty receipts each: a lost drawer of a thousand is back in two minutes. */
  papers: { name: 'papers', requests: 12, windowMs: 60_000 },
  /** A copy after a session or two, megabytes each. */
  backups: { name: 'backups', requests: 6, windowMs: 60_000 },
  /** A person restores once, or mistypes a word; who tries locators gets nowhere at this pace. */
  recoveries: { name: 'recoveries', requests: 10, windowMs: 60_000 },
  /** A hand that draws without a pause: two strokes and their pieces a second, from several people behind one address. */
  boards: { name: 'boards', requests: 600, windowMs: 60_000 },
  /** Catalogue, programme, agency. */
  reads: { name: 'reads', requests: 600, windowMs: 60_000 },
  /** Two or three files for every two seconds played, and bursts while the buffer fills. */
  content: { name: 'content', requests: 6_000, windowMs: 60_000 },
} satisfies Record<string, RateBucket>);

/** Counts one request and answers how many there were in this window, this one included. */
export type CountRequest = (client: string, bucket: RateBucket, windowStart: number) => Promise<number>;

/** Counts in the database, shared by all processes. */
export function sharedCount(queries: Queries): CountRequest {
  return async (client, bucket, windowStart) => {
    const [row] = await queries
      .insert(rateWindows)
      .values({ client, bucket: bucket.name, windowStart, requests: 1 })
      .onConflictDoUpdate({
        target: [rateWindows.client, rateWindows.bucket],
        set: {
          requests: sql`case when ${rateWindows.windowStart} = excluded.window_start then ${rateWindows.requests} + 1 else 1 end`,
          windowStart: sql`excluded.window_start`,
        },
      })
      .returning({ requests: rateWindows.requests });
    return row?.requests ?? 1;
  };
}

/** Counts in this process, for routes where only its own load matters. Bounded: the client seen first is forgotten first. */
export function localCount(): CountRequest {
  const windows = new Map<string, { windowStart: number; requests: number }>();
  return async (client, bucket, windowStart) => {
    const name = `${bucket.name} ${client}`;
    const known = windows.get(name);
    if (known?.windowStart === windowStart) {
      known.requests += 1;
      return known.requests;
    }
    windows.delete(name);
    windows.set(name, { windowStart, requests: 1 });
    if (windows.size > SERVER_LIMITS.rateClients) {
      for (const oldest of windows.keys()) {
        windows.delete(oldest);
        break;
      }
    }
    return 1;
  };
}

/** What the middleware needs besides the bucket. */
export type RateSettings = {
  readonly count: CountRequest;
  readonly clientOf: (c: Context<ServerEnvironment>) => string;
  readonly clock: () => number;
  /** Multiplies every bucket. */
  readonly factor: number;
};

/**
 * Lets a request through or refuses it with `request/rate`; states the bucket in `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers), and `Retry-After` on refusal.
 */
export function limitRate(bucket: RateBucket, settings: RateSettings): MiddlewareHandler<ServerEnvironment> {
  const allowed = Math.max(1, Math.floor(bucket.requests * settings.factor));
  return async (c, next) => {
    const now = settings.clock();
    const windowStart = now - (now % bucket.windowMs);
    const secondsLeft = Math.ceil((windowStart + bucket.windowMs - now) / 1000);
    const requests = await settings.count(settings.clientOf(c), bucket, windowStart);
    c.header('RateLimit-Policy', `"${bucket.name}";q=${allowed};w=${bucket.windowMs / 1000}`);
    c.header('RateLimit', `"${bucket.name}";r=${Math.max(0, allowed - requests)};t=${secondsLeft}`);
    if (requests > allowed) {
      c.header('Retry-After', String(secondsLeft));
      throw new FareboxError('request/rate');
    }
    await next();
  };
}
