// Bad content on the line: changes sealed frames on their way to the terminal, as a broken or hostile cache would. Nothing in the product
// knows of it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import { z } from 'zod';
import { decodeManifest, type Manifest } from '../../src/protocol/manifest.ts';
import type { RunningProvider } from './provider.ts';

const catalogueSchema = z.object({ programmes: z.array(z.object({ id: z.string(), title: z.string() })) });
const programmeSchema = z.object({ manifest: z.string() });

/** Id of the one programme of that title in the catalogue. */
export async function programmeIdOf(provider: RunningProvider, title: string): Promise<string> {
  const answer = await fetch(`${provider.terminalOrigin}/api/v1/catalogue`);
  const { programmes } = catalogueSchema.parse(await answer.json());
  const found = programmes.filter((programme) => programme.title === title);
  const [first] = found;
  if (first === undefined || found.length > 1) throw new Error(`${found.length} of the catalogue are called ${title}`);
  return first.id;
}

/** The manifest of a programme as the provider serves it. */
export async function manifestOf(provider: RunningProvider, title: string): Promise<Manifest> {
  const api = `${provider.terminalOrigin}/api/v1`;
  const id = await programmeIdOf(provider, title);
  const { manifest } = programmeSchema.parse(await (await fetch(`${api}/programmes/${id}`)).json());
  const bytes = await (await fetch(`${provider.terminalOrigin}/content/${manifest}`)).arrayBuffer();
  return decodeManifest(new Uint8Array(bytes));
}

/** Content hash of the picture part of a frame. */
export function pictureOf(manifest: Manifest, frame: number): string {
  const hash = manifest.parts.find(({ kind }) => kind === 'video')?.segments[frame]?.hash;
  if (hash === undefined) throw new Error(`frame ${frame} has no picture`);
  return hash;
}

/** Content hash of the largest picture part but that of `otherThan`: put in another's place, it is not too short to be looked into. */
export function largestPicture(manifest: Manifest, otherThan: number | null): string {
  const segments = manifest.parts.find(({ kind }) => kind === 'video')?.segments ?? [];
  const [largest] = segments
    .flatMap((segment, frame) => (segment === null || frame === otherThan ? [] : [segment]))
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
  if (largest === undefined) throw new Error('the programme has no pictures');
  return largest.hash;
}

/** A content file as it is stored. */
export function storedFile(provider: RunningProvider, hash: string): Promise<Buffer> {
  return readFile(join(provider.dataDir, 'content', hash.slice(0, 2), hash));
}

/** Addresses of that content, whatever is said of the delivery behind the question mark. */
export function contentPattern(hash: string): string {
  return `**/content/${hash}*`;
}

/** Answers requests for that content with other bytes. */
export async function replaceContent(context: BrowserContext, hash: string, body: Buffer): Promise<void> {
  await context.route(contentPattern(hash), (route) =>
    route.fulfill({ body, contentType: 'application/octet-stream' }),
  );
}
