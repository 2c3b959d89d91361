// Runs the provider: opens it, listens on the two public origins and the admin interface, and stops in order. main.ts
// and tests call it; port 0 lets the system choose. Everything durable is in the database, so a kill loses no more than a stop.

import { toBase64Url } from '../src/protocol/bytes.ts';
import { adminApp } from './admin/admin-app.ts';
import { removeAdminFile, writeAdminFile } from './admin/admin-file.ts';
import { directRegistry } from './catalogue/direct-registry.ts';
import type { ProgrammeRegistry } from './catalogue/registry.ts';
import { directClaims } from './claims/direct-registry.ts';
import type { ProviderConfig } from './config.ts';
import { cleanDatabase } from './db/cleaning.ts';
import { moduleApp, terminalApp } from './http/apps.ts';
import type { Origins } from './http/headers.ts';
import { type Listener, openListener } from './http/listener.ts';
import { makeLogger } from './http/log.ts';
import { loadStaticSite } from './http/static-site.ts';
import { directKeys } from './key-unit/direct-registry.ts';
import { SERVER_LIMITS } from './limits.ts';
import { clearWindows } from './live/clear-windows.ts';
import { directLive } from './live/direct-live.ts';
import { directModules } from './modules/direct-registry.ts';
import { openProvider, type Provider, type ProviderSources, systemRandom } from './provider.ts';

/** A provider that listens. */
export type RunningProvider = {
  /** Origin of the terminal: the one address a person opens. */
  readonly terminalUrl: string;
  readonly moduleUrl: string;
  readonly provider: Provider;
  readonly registry: ProgrammeRegistry;
  /** Stops listening, lets open requests end, closes the database; a second call waits for the first. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts a provider.
 * @throws FareboxError `server/port-in-use`, `server/no-permission`, `server/not-built`, `server/locked`, `store/newer-version`;
 * nothing is left listening or open then.
 */
export async function startProvider(config: ProviderConfig, sources: ProviderSources = {}): Promise<RunningProvider> {
  const undo: (() => Promise<void>)[] = [];
  const unwind = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const provider = await openProvider(config, sources);
    undo.push(provider.database.close);
    undo.push(provider.deliveries.flush);
    const listen = async (host: string, port: number): Promise<Listener> => {
      const listener = await openListener(host, port);
      undo.push(listener.close);
      return listener;
    };
    const terminal = await listen(config.host, config.port);
    const module = await listen(config.host, config.modulePort);
    const admin = await listen('127.0.0.1', 0);
    const origins: Origins = {
      terminal: config.terminalOrigin ?? `http://localhost:${terminal.port}`,
      module: config.moduleOrigin ?? `http://localhost:${module.port}`,
      embedders: config.embedders,
    };
    const registry = directRegistry(provider);
    const token = toBase64Url(systemRandom(32));
    await serveOrigins(provider, origins, terminal, module);
    const ports = [
      registry,
      directModules(provider),
      directLive(provider),
      directClaims(provider),
      directKeys(provider),
    ] as const;
    admin.serve(adminApp(...ports, token).fetch);
    const address = { url: `http://127.0.0.1:${admin.port}`, token };
    await writeAdminFile(config.dataDir, address);
    undo.push(() => removeAdminFile(config.dataDir, address));
    undo.push(cleanNowAndThen(provider));
    let stopping: Promise<void> | undefined;
    return Object.freeze({
      terminalUrl: origins.terminal,
      moduleUrl: origins.module,
      provider,
      registry,
      stop: () => {
        stopping ??= unwind();
        return stopping;
      },
    });
  } catch (cause) {
    await unwind();
    throw cause;
  }
}

async function serveOrigins(provider: Provider, origins: Origins, terminal: Listener, module: Listener): Promise<void> {
  const log = makeLogger(provider.config.logLevel);
  const embedders = provider.config.embedders.join(' ');
  const terminalSite = await loadStaticSite(provider.config.terminalDir, {
    '%FAREBOX_MODULE_ORIGIN%': origins.module,
    '%FAREBOX_EMBEDDERS%': embedders,
  });
  const moduleSite = await loadStaticSite(provider.config.moduleDir, {
    '%FAREBOX_TERMINAL_ORIGIN%': origins.terminal,
    '%FAREBOX_AGENCY_KEY%': toBase64Url(provider.keys.agency.publicKey),
    '%FAREBOX_EMBEDDERS%': embedders,
  });
  terminal.serve(terminalApp({ provider, origins, log, site: terminalSite }).fetch);
  module.serve(moduleApp({ provider, origins, log, site: moduleSite }).fetch);
}

/** Cleans at once and every ten minutes; the returned step stops it and waits for a round under way. */
function cleanNowAndThen(provider: Provider): () => Promise<void> {
  let round = Promise.resolve();
  const clean = (): void => {
    // A failed round costs nothing: the next one deletes the same rows.
    round = cleanDatabase(provider.database.queries, provider.clock())
      .catch(() => undefined)
      .then(() => clearWindows(provider))
      .catch(() => undefined);
  };
  clean();
  const timer = setInterval(clean, SERVER_LIMITS.cleaningIntervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await round;
  };
}
