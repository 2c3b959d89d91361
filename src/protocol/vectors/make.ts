// Writes our own vectors. Run once for each change of the wire, with a version bumped:
// `node scripts/with-node.mjs src/protocol/vectors/make.ts`. A grant is sealed under a fresh ephemeral key, so the one in
// grant.json and the one in contract.json are made once and kept; delete the file to have it made anew.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { fromHex } from '../bytes.ts';
import { webCryptoSuite } from '../suite/webcrypto.ts';
import { buildVectors } from './build.ts';
import { makeCast } from './cast.ts';
import { sealContractGrant, tellContractStory } from './contract-story.ts';
import { sealGrant, tellStory } from './story.ts';

const GRANT_FILE = new URL('grant.json', import.meta.url);
const CONTRACT_FILE = new URL('contract.json', import.meta.url);

/** The grant that a file keeps, or a new one. */
async function keptGrant(file: URL, seal: () => Promise<Uint8Array>): Promise<Uint8Array> {
  if (!existsSync(file)) return seal();
  return fromHex(z.object({ grant: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).grant);
}

const cast = await makeCast();
const story = await tellStory(cast, await keptGrant(GRANT_FILE, () => sealGrant(cast)));
const contractGrant = await keptGrant(CONTRACT_FILE, () => sealContractGrant(cast));
const contractStory = await tellContractStory(cast, story, contractGrant);
const vectors = await buildVectors(cast, story, contractStory, webCryptoSuite);
for (const [file, contents] of Object.entries(vectors)) {
  writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(contents, null, 2)}\n`);
  process.stdout.write(`${file}\n`);
}
