// Serves one origin's build from memory: read once at start, compressed once, found by exact name, so that no request
// can name anything else. Hashed assets are immutable; documents are checked each time and get the values of this
// deployment in place of their placeholders.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { Hono } from 'hono';
import { FareboxError } from '../../src/protocol/errors.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { mediaTypeOfName } from './media-type.ts';

type Encoding = 'br' | 'gzip';

type StaticFile = {
  readonly mediaType: string;
  readonly cacheControl: string;
  readonly etag: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Compressed forms, for text only: pictures and fonts are compressed already. */
  readonly compressed: ReadonlyMap<Encoding, Uint8Array<ArrayBuffer>>;
};

/** A build in memory, by path with a leading slash. */
export type StaticSite = ReadonlyMap<string, StaticFile>;

const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATE = 'no-cache';
/** Documents, and the service worker that precaches one: with the module's origin in its revision it is fetched again when that changes. */
const HAS_PLACEHOLDERS = /\.html$|^\/sw\.js$/;
/** Vite's names: anything, a dash, eight characters of hash, an extension. */
const HASHED_NAME = /^\/(embed\/)?assets\/.*-[\w-]{8}\.\w+$/;

/**
 * Reads a build into memory.
 * @param placeholders text in documents → value of this deployment.
 * @throws FareboxError `server/not-built` where there is no index.html.
 */
export async function loadStaticSite(
  folder: string,
  placeholders: Readonly<Record<string, string>>,
): Promise<StaticSite> {
  const site = new Map<string, StaticFile>();
  let totalBytes = 0;
  for (const path of await filesBelow(folder)) {
    const name = `/${relative(folder, path).split(sep).join('/')}`;
    const raw = await readFile(path);
    const body = HAS_PLACEHOLDERS.test(name) ? fillIn(raw, placeholders) : Uint8Array.from(raw);
    totalBytes += body.byteLength;
    if (totalBytes > SERVER_LIMITS.staticTotalBytes) throw new FareboxError('server/not-built', { folder });
    site.set(name, await staticFile(name, body));
  }
  if (!site.has('/index.html')) throw new FareboxError('server/not-built', { folder });
  return site;
}

/**
 * Routes of a site. Paths that the page itself routes (no extension) get its index.html where `singlePage` says so.
 * Errors: `request/not-found`.
 */
export function staticRoutes(site: StaticSite, { singlePage }: { readonly singlePage: boolean }): Hono {
  const routes = new Hono();
  routes.get('*', (c) => {
    const path = c.req.path;
    const ofPage = path.endsWith('/') || (singlePage && !path.slice(path.lastIndexOf('/')).includes('.'));
    const file = site.get(path) ?? (ofPage && (singlePage || path === '/') ? site.get('/index.html') : undefined);
    if (file === undefined) throw new FareboxError('request/not-found');
    c.header('Cache-Control', file.cacheControl);
    c.header('ETag', file.etag);
    c.header('Vary', 'Accept-Encoding');
    if (c.req.header('If-None-Match') === file.etag) return c.body(null, 304);
    const encoding = chooseEncoding(c.req.header('Accept-Encoding') ?? '');
    const compressed = encoding === null ? undefined : file.compressed.get(encoding);
    if (encoding !== null && compressed !== undefined) c.header('Content-Encoding', encoding);
    const body = compressed ?? file.body;
    c.header('Content-Type', file.mediaType);
    c.header('Content-Length', String(body.byteLength));
    return c.req.method === 'HEAD' ? c.body(null) : c.body(body);
  });
  return routes;
}

async function filesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch (cause) {
    throw new FareboxError('server/not-built', { folder }, { cause });
  }
}

function fillIn(raw: Uint8Array, placeholders: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  let text = new TextDecoder().decode(raw);
  for (const [placeholder, value] of Object.entries(placeholders)) text = text.replaceAll(placeholder, value);
  return new TextEncoder().encode(text);
}

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

async function staticFile(name: string, body: Uint8Array<ArrayBuffer>): Promise<StaticFile> {
  const mediaType = mediaTypeOfName(name);
  return {
    mediaType,
    cacheControl: HASHED_NAME.test(name) ? IMMUTABLE : REVALIDATE,
    // Weak: one tag for the plain and the compressed forms.
    etag: `W/"${createHash('sha256').update(body).digest('base64url')}"`,
    body,
    compressed: /^text\/|json|javascript|svg/.test(mediaType) ? await compress(body) : new Map(),
  };
}

async function compress(body: Uint8Array): Promise<Map<Encoding, Uint8Array<ArrayBuffer>>> {
  // Quality 9 takes milliseconds a file at start; 11 would take seconds.
  const br = await brotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  const forms = new Map<Encoding, Uint8Array<ArrayBuffer>>();
  forms.set('br', Uint8Array.from(br));
  forms.set('gzip', Uint8Array.from(await gzipped(body)));
  return forms;
}

/** Brotli, else gzip, else null for as it is; a coding is refused by `;q=0` (RFC 9110 §12.5.3). */
function chooseEncoding(accepted: string): Encoding | null {
  const codings = accepted
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => !/;\s*q=0(\.0*)?$/.test(coding))
    .map((coding) => coding.split(';')[0]);
  if (codings.includes('br')) return 'br';
  return codings.includes('gzip') ? 'gzip' : null;
}
