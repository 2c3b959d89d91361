// Serves /content/{hash}: ciphertext and posters, immutable and cacheable by anyone, whole or one range, streamed from
// the disk. It knows nothing of programmes or credit: whoever has a hash may have the bytes. How requests under a session's delivery id
// went is noted.

import { Hono } from 'hono';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeContentHash } from '../../src/protocol/ids.ts';
import type { Provider } from '../provider.ts';
import { decodeByteRange } from './byte-range.ts';
import { LEADING_BYTES, mediaTypeOfBytes } from './media-type.ts';
import { deliveryIdIn, noteRequest } from './noted-content.ts';

/** The routes. Errors: `request/not-found`. */
export function contentRoutes({
  content,
  deliveries,
  clock,
}: Pick<Provider, 'content' | 'deliveries' | 'clock'>): Hono {
  const routes = new Hono();
  routes.get('/:hash', async (c) => {
    const hash = decodeContentHash(c.req.param('hash'), 'request/not-found');
    const deliveryId = c.req.method === 'GET' ? deliveryIdIn(c.req.query('CMCD')) : null;
    const noted = deliveryId === null ? null : noteRequest(deliveries, { deliveryId, hash }, clock);
    const sizeBytes = await content.sizeOf(hash);
    if (sizeBytes === null) {
      noted?.end(404);
      throw new FareboxError('request/not-found');
    }
    const etag = `"${hash}"`;
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    // What a terminal says about itself in the query makes no other file of it: a browser that has it need not ask again.
    c.header('No-Vary-Search', 'params=("CMCD")');
    c.header('Accept-Ranges', 'bytes');
    c.header('ETag', etag);
    if (matches(c.req.header('If-None-Match'), etag)) {
      noted?.end(304);
      return c.body(null, 304);
    }
    // A range is of this very file: with If-Range naming another, the whole is sent (RFC 9110 §13.1.5).
    const ifRange = c.req.header('If-Range');
    const range = decodeByteRange(
      ifRange === undefined || ifRange === etag ? c.req.header('Range') : undefined,
      sizeBytes,
    );
    if (range.kind === 'unsatisfiable') {
      c.header('Content-Range', `bytes */${sizeBytes}`);
      return c.body(null, 416);
    }
    const { from, to } = range.kind === 'part' ? range : { from: 0, to: sizeBytes };
    c.header('Content-Type', mediaTypeOfBytes(await content.leadingBytes(hash, LEADING_BYTES)));
    c.header('Content-Length', String(to - from));
    if (range.kind === 'part') c.header('Content-Range', `bytes ${from}-${to - 1}/${sizeBytes}`);
    const status = range.kind === 'part' ? 206 : 200;
    if (c.req.method === 'HEAD') return c.body(null, status);
    const body = content.openRange(hash, from, to);
    return c.body(noted === null ? body : noted.watch(status, to - from, body), status);
  });
  return routes;
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header === '*' || header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}
