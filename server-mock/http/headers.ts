// The security headers of every surface the provider serves, in one table that docs/headers.md states and a test compares
// exactly. server.ts puts them on each answer; no route adds or weakens one. Cache headers are with the routes.

import type { MiddlewareHandler } from 'hono';

/** What is served: each has its own headers. */
export type Surface =
  | 'terminal'
  | 'embed'
  | 'player'
  | 'element'
  | 'api'
  | 'content'
  | 'module'
  | 'module-service-worker';

/** The two public origins, without a slash at the end, and the other sites that may frame the player. */
export type Origins = {
  readonly terminal: string;
  readonly module: string;
  readonly embedders?: readonly string[];
};

/** Headers by name, as sent. */
export type HeaderTable = Readonly<Record<string, string>>;

/** Two years: what browsers ask for before they preload a host. */
const STRICT_TRANSPORT = 'max-age=63072000; includeSubDomains';

/** On every surface: no guessing of types, no address of a page given away. */
const EVERYWHERE: HeaderTable = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

/** Powers of the browser nobody here uses. */
const UNUSED_FEATURES = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'serial', 'usb'];

/** All security headers of a surface. HSTS only where both origins are https (RFC 6797 §7.2 forbids it elsewhere). */
function headersOf(surface: Surface, origins: Origins): HeaderTable {
  const secure = origins.terminal.startsWith('https:') && origins.module.startsWith('https:');
  return {
    ...EVERYWHERE,
    ...SURFACES[surface](origins),
    ...(secure ? { 'Strict-Transport-Security': STRICT_TRANSPORT } : {}),
  };
}

/** Puts a surface's headers on every answer, refusals included. */
export function securityHeaders(surface: Surface, origins: Origins): MiddlewareHandler {
  const headers = Object.entries(headersOf(surface, origins));
  return async (c, next) => {
    for (const [name, value] of headers) c.header(name, value);
    await next();
  };
}

const SURFACES: Readonly<Record<Surface, (origins: Origins) => HeaderTable>> = {
  terminal: (origins) => ({
    'Content-Security-Policy': policy([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      "connect-src 'self'",
      `frame-src ${origins.module}`,
      "manifest-src 'self'",
      "worker-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types farebox-terminal',
    ]),
    ...terminalPage(origins),
  }),

  // The pages of other players: a media element fed by script, and neither workers nor policies of their own.
  embed: (origins) => ({
    'Content-Security-Policy': policy([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "font-src 'self'",
      // hls.js and Shaka Player begin a text track with an empty file of their own, `data:,WEBVTT`.
      'media-src blob: data:',
      "connect-src 'self'",
      `frame-src ${origins.module}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]),
    ...terminalPage(origins),
  }),

  // The media element, which listed sites may frame. media-chrome's elements bring markup and style of their own, in their shadow trees: hence
  // inline style, and one policy, through which nothing gets that runs or loads.
  player: (origins) => ({
    'Content-Security-Policy': policy([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self'",
      "font-src 'self'",
      "connect-src 'self'",
      `frame-src ${origins.module}`,
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${embeddersOf(origins).join(' ') || "'none'"}`,
      "require-trusted-types-for 'script'",
      'trusted-types default',
    ]),
    ...terminalPage(origins),
    'Cross-Origin-Resource-Policy': 'cross-origin',
  }),

  // The script that other sites load to have the element: it holds nothing of this origin, and runs as theirs.
  element: () => ({ ...INERT, 'Cross-Origin-Resource-Policy': 'cross-origin', 'Access-Control-Allow-Origin': '*' }),

  // Nothing of these is a document: should a browser be made to show one, it can do nothing and be framed by nobody.
  api: () => INERT,
  content: () => INERT,

  // On the document and on every script: a worker takes its policy from its own response, not from the page's.
  module: (origins) => ({
    'Content-Security-Policy': policy([
      "default-src 'none'",
      "script-src 'self'",
      "worker-src 'self'",
      "style-src 'self'",
      "font-src 'self'",
      "connect-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      // A browser asks of every page around it; only the terminal's can speak with it.
      `frame-ancestors ${[origins.terminal, ...embeddersOf(origins)].join(' ')}`,
      "require-trusted-types-for 'script'",
      'trusted-types farebox-module',
    ]),
    'Cross-Origin-Resource-Policy': 'same-site',
    'Origin-Agent-Cluster': '?1',
    'Permissions-Policy': features({
      autoplay: '(self)',
      fullscreen: '(self)',
      'publickey-credentials-create': '(self)',
      'publickey-credentials-get': '(self)',
    }),
  }),

  // It fetches the module's files to replay them, and is governed by the policy of its own script.
  'module-service-worker': (origins) => ({
    ...SURFACES.module(origins),
    'Content-Security-Policy': policy([
      "default-src 'none'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]),
  }),
};

/** What every page of the terminal's origin carries beside its policy. */
function terminalPage(origins: Origins): HeaderTable {
  return {
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    // A page can only delegate what it has itself: hence `self` beside the module.
    'Permissions-Policy': features({
      autoplay: `(self "${origins.module}")`,
      fullscreen: `(self "${origins.module}")`,
      'publickey-credentials-create': `(self "${origins.module}")`,
      'publickey-credentials-get': `(self "${origins.module}")`,
      'screen-wake-lock': '(self)',
    }),
  };
}

function embeddersOf({ embedders = [] }: Origins): readonly string[] {
  return embedders;
}

const INERT: HeaderTable = {
  'Content-Security-Policy': policy([
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]),
  'Cross-Origin-Resource-Policy': 'same-origin',
};

function policy(directives: readonly string[]): string {
  return directives.join('; ');
}

function features(allowed: Readonly<Record<string, string>>): string {
  const unused = UNUSED_FEATURES.map((name) => `${name}=()`);
  return [...Object.entries(allowed).map(([name, list]) => `${name}=${list}`), ...unused].join(', ');
}
