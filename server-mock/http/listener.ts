// One listening socket with its time-outs. server.ts opens three of them; what is answered it gets from there. It never
// waits for a client: each step of a connection has its bound, and a stop has a grace.

import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type Http2Bindings, type HttpBindings, type ServerType } from '@hono/node-server';
import { FareboxError } from '../../src/protocol/errors.ts';
import { SERVER_LIMITS } from '../limits.ts';

/** Answers a request; `env` carries the socket. */
type Fetch = (request: Request, env: HttpBindings | Http2Bindings) => Response | Promise<Response>;

/** An address that is listened on. */
export type Listener = {
  /** The one the system chose where 0 was asked for. */
  readonly port: number;
  /** Gives the listener its app; until then it answers 503. */
  readonly serve: (fetch: Fetch) => void;
  /** Stops listening: idle connections end at once, busy ones when they are done or the grace is over. */
  readonly close: () => Promise<void>;
};

/** How long a connection may take for each of its steps, in milliseconds; `SERVER_LIMITS` unless a test is in a hurry. */
export type ListenerLimits = Readonly<
  Record<'requestTimeoutMs' | 'headersTimeoutMs' | 'keepAliveTimeoutMs' | 'stalledSocketMs' | 'stopGraceMs', number>
>;

/** Listens. @throws FareboxError `server/port-in-use`, `server/no-permission`. */
export function openListener(host: string, port: number, limits: ListenerLimits = SERVER_LIMITS): Promise<Listener> {
  let answer: Fetch = () => new Response(null, { status: 503, headers: { 'Retry-After': '1' } });
  const server = createAdaptorServer({
    fetch: (request, env) => answer(request, env),
    serverOptions: {
      requestTimeout: limits.requestTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
    },
  });
  // The others bound what a client sends; this one ends a client that asked for a file and takes no byte of it.
  server.setTimeout(limits.stalledSocketMs);
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EADDRINUSE') reject(new FareboxError('server/port-in-use', { port }, { cause }));
      else if (cause.code === 'EACCES') reject(new FareboxError('server/no-permission', { port }, { cause }));
      else reject(cause);
    });
    server.listen(port, host, () => {
      resolve({
        port: portOf(server.address()),
        serve: (fetch) => {
          answer = fetch;
        },
        close: () => closeServer(server, limits.stopGraceMs),
      });
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new FareboxError('server/internal');
  return address.port;
}

function closeServer(server: ServerType, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // An HTTP/2 server, which this one never is, ends its connections by itself.
    const grace = setTimeout(() => {
      if ('closeAllConnections' in server) server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearTimeout(grace);
      resolve();
    });
    if ('closeIdleConnections' in server) server.closeIdleConnections();
  });
}
