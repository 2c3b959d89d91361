// How the command line finds a running server: <dataDir>/admin.json with address and bearer token, mode 600, written
// when the server starts to listen and removed when it stops. The token is made anew each time and lives in no other place.

import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const adminFileSchema = z.strictObject({
  /** Loopback address of the admin interface, no slash at the end. */
  url: z.url({ protocol: /^http$/, hostname: /^127\.0\.0\.1$/ }),
  /** 32 random bytes, base64url. */
  token: z.string().regex(/^[\w-]{43}$/),
});

/** Where the admin interface is and what opens it. */
export type AdminAddress = Readonly<z.infer<typeof adminFileSchema>>;

/** Writes the file, whole or not at all. */
export async function writeAdminFile(dataDir: string, address: AdminAddress): Promise<void> {
  const draft = join(dataDir, `.admin-${randomUUID()}`);
  await writeFile(draft, `${JSON.stringify(address)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(draft, join(dataDir, 'admin.json'));
}

/** Reads the file; null where there is none that can be used. */
export async function readAdminFile(dataDir: string): Promise<AdminAddress | null> {
  try {
    const parsed = adminFileSchema.safeParse(JSON.parse(await readFile(join(dataDir, 'admin.json'), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Removes the file if it is still this server's. */
export async function removeAdminFile(dataDir: string, address: AdminAddress): Promise<void> {
  const current = await readAdminFile(dataDir);
  if (current?.token === address.token) await rm(join(dataDir, 'admin.json'), { force: true });
}
