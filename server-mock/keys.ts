// The provider's own secrets: agency, provider and storage key, one file each in <dataDir>/keys, mode 600, made on first
// use. server.ts, cli.ts and tests open them; a secret never leaves this process, is never logged and never overwritten.

import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../src/protocol/bytes.ts';
import { FareboxError } from '../src/protocol/errors.ts';
import { signerFromSecret } from '../src/protocol/suite/secret-signer.ts';
import type { Signer } from '../src/protocol/suite/signer.ts';

/** What the provider signs and wraps with. */
export type ProviderKeys = {
  /** Root of trust: certificates and the untrusted list. */
  readonly agency: Signer;
  /** Programmes, challenges, grants, acknowledgements. */
  readonly provider: Signer;
  /** 32 bytes; wraps programme seeds at rest. */
  readonly storageKey: Uint8Array;
};

const KEY_BYTES = 32;

const keyFileSchema = z.object({
  type: z.literal('farebox/key'),
  version: z.literal(1),
  role: z.string(),
  secret: z.string().regex(/^[\w-]{43}$/),
});

/**
 * Reads the keys, making those that are missing.
 * @throws FareboxError `server/no-permission` where the folder cannot be written, `server/internal` where a key file is
 * not one: a key is never replaced silently, since everything signed under it would be orphaned.
 */
export async function openKeys(dataDir: string): Promise<ProviderKeys> {
  const folder = join(dataDir, 'keys');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FareboxError('server/no-permission', { folder }, { cause });
  }
  const agencySecret = await readOrMake(folder, 'agency');
  const providerSecret = await readOrMake(folder, 'provider');
  const storageKey = await readOrMake(folder, 'storage');
  return Object.freeze({
    agency: signerFromSecret(agencySecret),
    provider: signerFromSecret(providerSecret),
    storageKey,
  });
}

/**
 * The key encryption key of the key unit, 32 bytes, made on first use; apart from the others, because a provider that downloads no keys has none.
 * @throws FareboxError as `openKeys`; `server/exposed-key` where others than the owner may read the file.
 */
export async function openKeyUnitSecret(dataDir: string): Promise<Uint8Array> {
  const folder = join(dataDir, 'keys');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const secret = await readOrMake(folder, 'key-unit');
    const { mode } = await stat(join(folder, 'key-unit.json'));
    if ((mode & 0o077) === 0) return secret;
  } catch (cause) {
    if (cause instanceof FareboxError) throw cause;
    throw new FareboxError('server/no-permission', { folder }, { cause });
  }
  throw new FareboxError('server/exposed-key', { folder });
}

async function readOrMake(folder: string, role: 'agency' | 'provider' | 'storage' | 'key-unit'): Promise<Uint8Array> {
  const path = join(folder, `${role}.json`);
  return (await readSecret(path, role)) ?? (await makeSecret(folder, path, role));
}

async function readSecret(path: string, role: string): Promise<Uint8Array | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw new FareboxError('server/no-permission', { file: path }, { cause });
  }
  let parsed: z.infer<typeof keyFileSchema>;
  try {
    parsed = keyFileSchema.parse(JSON.parse(text));
  } catch {
    // The cause is dropped on purpose: a parser's message may quote the secret.
    throw new FareboxError('server/internal', { file: path });
  }
  if (parsed.role !== role) throw new FareboxError('server/internal', { file: path });
  return fromBase64Url(parsed.secret);
}

/** Writes a whole file and links it into place, so that of two processes starting at once both use the first one's key. */
async function makeSecret(folder: string, path: string, role: string): Promise<Uint8Array> {
  const draft = join(folder, `.${randomUUID()}`);
  const secret = new Uint8Array(randomBytes(KEY_BYTES));
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(
        `${JSON.stringify({ type: 'farebox/key', version: 1, role, secret: toBase64Url(secret) })}\n`,
      );
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
    return secret;
  } catch (cause) {
    const first = await readSecret(path, role);
    if (first !== null) return first;
    throw new FareboxError('server/no-permission', { folder }, { cause });
  } finally {
    await rm(draft, { force: true });
  }
}
