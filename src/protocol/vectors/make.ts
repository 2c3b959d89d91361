// Writes our own vectors. Run once for each change of the wire, with a version bumped:
// `node scripts/with-node.mjs src/protocol/vectors/make.ts`. A grant is sealed under a fresh ephemeral key, so the one in
// grant.json is made once and kept; delete that file to have it made anew.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { fromHex } from '../bytes.ts';
import { webCryptoSuite } from '../suite/webcrypto.ts';
import { buildVectors } from './build.ts';
import { makeCast } from './cast.ts';
import { sealGrant, tellStory } from './story.ts';

const GRANT_FILE = new URL('grant.json', import.meta.url);

const cast = await makeCast();
const kept = existsSync(GRANT_FILE)
  ? fromHex(z.object({ grant: z.string() }).parse(JSON.parse(readFileSync(GRANT_FILE, 'utf8'))).grant)
  : await sealGrant(cast);
const vectors = await buildVectors(cast, await tellStory(cast, kept), webCryptoSuite);
for (const [file, contents] of Object.entries(vectors)) {
  writeFileSync(new URL(file, import.meta.url), `${JSON.stringify(contents, null, 2)}\n`);
  process.stdout.write(`${file}\n`);
}
