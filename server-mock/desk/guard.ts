// Who may speak with the desk: the page that it serves itself, opened with the address that it printed, and nobody else. Other programs and
// pages of this machine reach the same port; a name that was bent to 127.0.0.1 (DNS rebinding) has another Host; another page has another
// Origin. The token is in the fragment of the address, which no request carries, and travels in a header that no form can set.

import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { FareboxError } from '../../src/protocol/errors.ts';

/** On every answer of the desk, refusals included. */
export const DESK_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  // One copy, in the tab that asked: units and reasons are nobody else's business.
  'Cache-Control': 'no-store',
});

/** Puts `DESK_HEADERS` on every answer. */
export function deskHeaders(): MiddlewareHandler {
  return async (c, next) => {
    for (const [name, value] of Object.entries(DESK_HEADERS)) c.header(name, value);
    await next();
  };
}

/** Lets requests through that were sent to the address itself. `port` is asked for at each, since it is known only once it is listened on. @throws FareboxError `request/unauthorised`. */
export function ownHostOnly(port: () => number): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.header('Host') !== `127.0.0.1:${port()}`) throw new FareboxError('request/unauthorised');
    await next();
  };
}

/** Lets requests through that carry the token and come from the desk's own page; one that changes something has to say where it comes from. @throws FareboxError `request/unauthorised`. */
export function ownPageOnly(port: () => number, token: string): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header('Origin');
    const site = c.req.header('Sec-Fetch-Site');
    const own = origin === `http://127.0.0.1:${port()}`;
    const fits = (own || (origin === undefined && c.req.method === 'GET')) && (site ?? 'same-origin') === 'same-origin';
    if (!fits || !sameText(c.req.header('Authorization') ?? '', `Bearer ${token}`)) {
      throw new FareboxError('request/unauthorised');
    }
    await next();
  };
}

/** Compares in a time that says nothing of where they differ. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
