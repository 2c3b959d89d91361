// The two origins as web-standard apps, testable without a socket. The terminal's carries the interface, content and the
// terminal's pages; the module's carries static files and nothing else. Limits stand before decoding, decoding before
// the parties.

import { OpenAPIHono } from '@hono/zod-openapi';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { timeout } from 'hono/timeout';
import type { Logger } from 'pino';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { BOARD_LIMITS } from '../publisher/board/limits.ts';
import { addBoardRoutes } from './board-routes.ts';
import { addClaimRoutes } from './claim-routes.ts';
import { contentRoutes } from './content-routes.ts';
import { clientNamer, type ServerEnvironment } from './environment.ts';
import { answerError, codeOf } from './errors.ts';
import { type Origins, securityHeaders } from './headers.ts';
import { type InFlight, makeInFlight } from './in-flight.ts';
import { addKeepingRoutes } from './keeping-routes.ts';
import { addKeyRoutes } from './key-routes.ts';
import { addLiveRoutes } from './live-routes.ts';
import { describeFault, logRequests } from './log.ts';
import { refuseMisfit } from './openapi.ts';
import { addOperationRoutes } from './operation-routes.ts';
import { limitRate, localCount, RATE_BUCKETS, type RateBucket, sharedCount } from './rate.ts';
import { addReadRoutes } from './read-routes.ts';
import { addSignInRoutes } from './sign-in-routes.ts';
import { type StaticSite, staticRoutes } from './static-site.ts';

/** What both apps are built from. */
export type AppParts = {
  readonly provider: Provider;
  readonly origins: Origins;
  readonly log: Logger;
  readonly site: StaticSite;
};

/** App of the terminal origin. */
export function terminalApp(parts: AppParts): Hono<ServerEnvironment> {
  const inFlight = makeInFlight({ total: SERVER_LIMITS.inFlightTotal, content: SERVER_LIMITS.inFlightContent });
  const app = startApp(parts);
  app.route('/api/v1', apiRoutes(parts, inFlight));
  app.use('/content/*', securityHeaders('content', parts.origins), inFlight.bound('content'));
  app.use('/content/*', makeLimiter(parts)(RATE_BUCKETS.content));
  app.route('/content', contentRoutes(parts.provider));
  app.use('*', securityHeaders('terminal', parts.origins));
  app.use('/embed/*', securityHeaders('embed', parts.origins));
  app.use('/embed/player.html', securityHeaders('player', parts.origins));
  app.use('/farebox-video.js', securityHeaders('element', parts.origins));
  app.route('/', staticRoutes(parts.site, { singlePage: true }));
  return app;
}

/** App of the module origin. */
export function moduleApp(parts: AppParts): Hono<ServerEnvironment> {
  const app = startApp(parts);
  app.use('*', securityHeaders('module', parts.origins));
  app.use('/sw.js', securityHeaders('module-service-worker', parts.origins));
  app.route('/', staticRoutes(parts.site, { singlePage: false }));
  return app;
}

function startApp({ provider, log }: AppParts): Hono<ServerEnvironment> {
  const app = new Hono<ServerEnvironment>();
  app.onError((thrown, c) => {
    const code = codeOf(thrown);
    c.set('refusedAs', code);
    if (code === 'server/internal') log.error({ code, ...describeFault(thrown) });
    return answerError(c, code);
  });
  app.notFound((c) => answerError(c, 'request/not-found'));
  app.use('*', logRequests(log, clientNamer(provider.keys.storageKey)));
  return app;
}

function apiRoutes(parts: AppParts, inFlight: InFlight): OpenAPIHono<ServerEnvironment> {
  const api = new OpenAPIHono<ServerEnvironment>({ defaultHook: refuseMisfit });
  api.use('*', securityHeaders('api', parts.origins), inFlight.bound('api'));
  api.use('*', async (c, next) => {
    c.header('Cache-Control', 'no-store');
    await next();
  });
  addLimits(api, parts);
  addReadRoutes(api, parts.provider);
  addOperationRoutes(api, parts.provider);
  addClaimRoutes(api, parts.provider);
  addLiveRoutes(api, parts.provider);
  addBoardRoutes(api, parts.provider);
  addKeepingRoutes(api, parts.provider);
  addKeyRoutes(api, parts.provider);
  addSignInRoutes(api, parts.provider);
  api.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'Farebox provider', version: '1', description: 'docs/protocol.md says what the objects are.' },
    servers: [{ url: `${parts.origins.terminal}/api/v1` }],
  });
  api.all('*', (c) => answerError(c, 'request/not-found'));
  return api;
}

/** Every route's bucket, the size of its body and its time. Backups have room and time of their own, and few of them are held at once. */
function addLimits(api: OpenAPIHono<ServerEnvironment>, parts: AppParts): void {
  const limit = makeLimiter(parts);
  const backups = { total: SERVER_LIMITS.inFlightBackups, content: SERVER_LIMITS.inFlightBackups };
  const fewBackups = makeInFlight(backups);
  const { requestTimeoutMs, smallBodyBytes, backupTimeoutMs, backupBodyBytes, receiptBodyBytes } = SERVER_LIMITS;
  const usual = { maxSize: smallBodyBytes, timeoutMs: requestTimeoutMs };
  for (const [path, bucket, { maxSize, timeoutMs }] of [
    ['/agency', RATE_BUCKETS.reads, usual],
    ['/catalogue', RATE_BUCKETS.reads, usual],
    ['/programmes/*', RATE_BUCKETS.reads, usual],
    ['/openapi.json', RATE_BUCKETS.reads, usual],
    ['/boards/*', RATE_BUCKETS.boards, { ...usual, maxSize: BOARD_LIMITS.requestBodyBytes }],
    ['/enrolments', RATE_BUCKETS.enrolments, usual],
    ['/challenges', RATE_BUCKETS.challenges, usual],
    ['/sessions', RATE_BUCKETS.sessions, usual],
    ['/receipts', RATE_BUCKETS.receipts, { ...usual, maxSize: receiptBodyBytes }],
    ['/claims', RATE_BUCKETS.claims, { ...usual, maxSize: receiptBodyBytes }],
    ['/standings', RATE_BUCKETS.standings, usual],
    ['/keys/transport', RATE_BUCKETS.keys, usual],
    ['/keys/export', RATE_BUCKETS.keys, usual],
    ['/keys/agreement', RATE_BUCKETS.keys, usual],
    ['/keys/acceptance', RATE_BUCKETS.keys, usual],
    ['/keys/token', RATE_BUCKETS.tokens, usual],
    ['/keys/pin', RATE_BUCKETS.pins, usual],
    ['/confidential', RATE_BUCKETS.cards, usual],
    ['/confidential/removal', RATE_BUCKETS.cards, usual],
    ['/papers', RATE_BUCKETS.papers, usual],
    ['/backups', RATE_BUCKETS.backups, { maxSize: backupBodyBytes, timeoutMs: backupTimeoutMs }],
    ['/backups/:locator', RATE_BUCKETS.recoveries, usual],
  ] as const) {
    api.use(path, timeout(timeoutMs), limit(bucket));
    // One that goes out is held until its last byte is taken.
    if (path === '/backups') api.use(path, fewBackups.bound('api'));
    if (path === '/backups/:locator') api.use(path, fewBackups.bound('content'));
    api.use(path, bodyLimit({ maxSize, onError: (c) => answerError(c, 'request/too-large') }));
  }
}

const COUNTED_HERE: ReadonlySet<RateBucket> = new Set([RATE_BUCKETS.content, RATE_BUCKETS.reads, RATE_BUCKETS.tokens]);

/** What changes nothing is counted in this process, changes for all processes together. */
function makeLimiter({ provider }: AppParts): (bucket: RateBucket) => MiddlewareHandler<ServerEnvironment> {
  const local = localCount();
  const shared = sharedCount(provider.database.queries);
  return (bucket) =>
    limitRate(bucket, {
      count: COUNTED_HERE.has(bucket) ? local : shared,
      clientOf: clientNamer(provider.keys.storageKey),
      clock: provider.clock,
      factor: provider.config.rateFactor,
    });
}
