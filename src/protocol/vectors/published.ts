// Where tests find the published vectors (Wycheproof, RFC 9605): beside the project, or in the folder that
// FAREBOX_VECTORS names. They are read, never copied; in a clone without them the RFC cases typed into the tests run
// alone, and one line says so.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const FOLDER = process.env.FAREBOX_VECTORS ?? fileURLToPath(new URL('../../../../shared/vectors', import.meta.url));

/** True where the published vectors are there. */
export const hasPublishedVectors = existsSync(FOLDER);

if (!hasPublishedVectors) {
  process.stdout.write(
    `No published vectors at ${FOLDER}: only the cases typed from the RFCs run. FAREBOX_VECTORS names another folder.\n`,
  );
}

const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
const caseBase = { tcId: z.number(), result: z.enum(['valid', 'invalid', 'acceptable']) };

function groupsOf<Group extends z.ZodRawShape, Case extends z.ZodRawShape>(group: Group, testCase: Case) {
  const tests = z.array(z.object({ ...caseBase, ...testCase }));
  return z.object({ numberOfTests: z.number(), testGroups: z.array(z.object({ ...group, tests })) });
}

/** Shapes of the Wycheproof files that are read here. */
export const WYCHEPROOF = {
  aesGcm: groupsOf(
    { ivSize: z.number(), tagSize: z.number() },
    { key: hex, iv: hex, aad: hex, msg: hex, ct: hex, tag: hex },
  ),
  ed25519: groupsOf({ publicKey: z.object({ pk: hex }) }, { msg: hex, sig: hex }),
  x25519: groupsOf({}, { public: hex, private: hex, shared: hex }),
  hkdf: groupsOf({}, { ikm: hex, salt: hex, info: hex, size: z.number(), okm: hex }),
  hmac: groupsOf({ tagSize: z.number() }, { key: hex, msg: hex, tag: hex }),
} as const;

const wide = z.union([z.string(), z.number()]).transform((value) => BigInt(value));

/** Shape of the RFC 9605 file. KID and counter have 64 bits, so they come as text (see `readPublished`). */
export const SFRAME = z.object({
  header: z.array(z.object({ kid: wide, ctr: wide, encoded: hex })),
  aes_ctr_hmac: z.array(
    z.object({ cipher_suite: z.number(), enc_key: hex, auth_key: hex, nonce: hex, aad: hex, pt: hex, ct: hex }),
  ),
  aes_256_ctr_hmac: z.array(
    z.object({ cipher_suite: z.number(), enc_key: hex, auth_key: hex, nonce: hex, aad: hex, pt: hex, ct: hex }),
  ),
  sframe: z.array(
    z.object({ cipher_suite: z.number(), kid: wide, ctr: wide, base_key: hex, metadata: hex, pt: hex, ct: hex }),
  ),
});

/** Reads a file of the folder and checks its shape. Integers too wide for a number are kept as text. */
export function readPublished<Shape extends z.ZodType>(file: string, shape: Shape): z.output<Shape> {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8').replace(/(":\s*)(\d{16,})(?=\s*[,}])/g, '$1"$2"');
  return shape.parse(JSON.parse(text));
}
