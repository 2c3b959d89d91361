// What handlers find in a request's context: where the request came from and what became of it. Built by @hono/node-server
// on a socket, absent where a test asks the app directly.

import { createHmac } from 'node:crypto';
import type { Http2Bindings, HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { FareboxErrorCode } from '../../src/protocol/errors.ts';

/** Hono's environment for every app here. */
export type ServerEnvironment = {
  Bindings: Partial<HttpBindings> | Partial<Http2Bindings>;
  Variables: { refusedAs?: FareboxErrorCode };
};

/**
 * Names a client without keeping its address: an HMAC of the address under a key of this provider, so that all
 * processes agree and nobody else can look addresses up. Requests without a socket are one client.
 */
export function clientNamer(storageKey: Uint8Array): (c: Context<ServerEnvironment>) => string {
  return (c) => {
    const address = c.env.incoming?.socket.remoteAddress ?? 'no socket';
    return createHmac('sha256', storageKey).update(`farebox/1 client ${address}`).digest('base64url').slice(0, 22);
  };
}
