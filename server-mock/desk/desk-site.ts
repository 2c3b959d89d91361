// The desk's own files: its page, and of the terminal's its mark, its tokens, the holes of its papers, and the typefaces that these name, out of their packages. Read once, named by a fixed list, so that no request can
// name anything else.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { mediaTypeOfName } from '../http/media-type.ts';

const PAGE = join(import.meta.dirname, 'page');
const MARK = join(import.meta.dirname, '../../public/icons/mark.svg');
const TOKENS = join(import.meta.dirname, '../../src/app/tokens.css');
const PERFORATION = join(import.meta.dirname, '../../src/app/ui/perforation.css');
const FONTS = [
  '@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-400-normal.woff2',
  '@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-600-normal.woff2',
  '@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2',
  '@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-600-normal.woff2',
];

/** Routes of the page, of every file of its folder, of the mark, of the tokens, of the perforation, and of the typefaces under the names that the tokens have for them. */
export async function deskSite(): Promise<Hono> {
  const pages = (await readdir(PAGE)).map((name) => ({ path: `/${name}`, file: join(PAGE, name) }));
  const fonts = FONTS.map((name) => ({
    path: `/${name}`,
    file: fileURLToPath(import.meta.resolve(name)),
  }));
  const site = new Hono();
  for (const { path, file } of [
    ...pages,
    ...fonts,
    { path: '/mark.svg', file: MARK },
    { path: '/tokens.css', file: TOKENS },
    { path: '/perforation.css', file: PERFORATION },
  ]) {
    const body = Uint8Array.from(await readFile(file));
    const headers = { 'Content-Type': mediaTypeOfName(path) };
    site.get(path === '/index.html' ? '/' : path, (c) => c.body(body, 200, headers));
  }
  return site;
}
