// Picks the adapters of the catalogue's and the modules' port: the running server's admin interface where there is one, else
// the database itself. The command line calls it; the server uses the direct ones at once.

import { setTimeout } from 'node:timers/promises';
import { FareboxError } from '../../src/protocol/errors.ts';
import { directRegistry } from '../catalogue/direct-registry.ts';
import type { ProgrammeRegistry } from '../catalogue/registry.ts';
import { directClaims } from '../claims/direct-registry.ts';
import type { ClaimRegistry } from '../claims/registry.ts';
import type { ProviderConfig } from '../config.ts';
import { directKeys } from '../key-unit/direct-registry.ts';
import type { KeyRegistry } from '../key-unit/registry.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { directLive } from '../live/direct-live.ts';
import type { LiveRegistry } from '../live/registry.ts';
import { directModules } from '../modules/direct-registry.ts';
import type { ModuleRegistry } from '../modules/registry.ts';
import { openProvider } from '../provider.ts';
import { adminClaims } from './admin-claims.ts';
import { readAdminFile } from './admin-file.ts';
import { adminKeys } from './admin-keys.ts';
import { adminLive } from './admin-live.ts';
import { adminModules } from './admin-modules.ts';
import { adminRegistry } from './admin-registry.ts';

/** The registries and what has to be closed after them. */
export type OpenedRegistry = {
  readonly registry: ProgrammeRegistry;
  readonly modules: ModuleRegistry;
  readonly claims: ClaimRegistry;
  readonly live: LiveRegistry;
  readonly keys: KeyRegistry;
  readonly close: () => Promise<void>;
};

/**
 * Opens the catalogue and the modules of a data folder.
 * @throws FareboxError `server/locked` where a process has the database but no server answers, and what `openProvider` throws.
 */
export async function openRegistry(config: ProviderConfig): Promise<OpenedRegistry> {
  const address = await readAdminFile(config.dataDir);
  if (address !== null && (await answers(address.url))) {
    const close = async (): Promise<void> => undefined;
    return {
      registry: adminRegistry(address),
      modules: adminModules(address),
      claims: adminClaims(address),
      live: adminLive(address),
      keys: adminKeys(address),
      close,
    };
  }
  // A file nobody answers for was left by a server that was killed.
  const provider = await openProvider(config);
  const { close } = provider.database;
  return {
    registry: directRegistry(provider),
    modules: directModules(provider),
    claims: directClaims(provider),
    live: directLive(provider),
    keys: directKeys(provider),
    close,
  };
}

/**
 * Opens the catalogue as `openRegistry` does, and waits for its turn where another process has the database for a moment: one that
 * lists what it has published, or a server that starts and does not answer yet.
 * @throws FareboxError `server/locked` where the turn does not come, and what `openRegistry` throws.
 */
export async function openRegistryInTurn(config: ProviderConfig): Promise<OpenedRegistry> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openRegistry(config);
    } catch (cause) {
      const locked = cause instanceof FareboxError && cause.code === 'server/locked';
      if (!locked || attempt === SERVER_LIMITS.lockAttempts) throw cause;
      await setTimeout(SERVER_LIMITS.lockPauseMs);
    }
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    // Without the token: whoever has taken over the port of a dead server must not be given it.
    const response = await fetch(`${url}/admin/v1/programmes`);
    await response.body?.cancel();
    return response.status === 401;
  } catch {
    return false;
  }
}
