// A browser for tests of kept programmes: caches, locks and a channel that tabs share, a provider that does as it is told, and a module that keeps
// sessions. Everything stops where the test says. Nothing in the product knows of it.

import { sha256 } from '@noble/hashes/sha2.js';
import { pauseFor } from '../../../host/pause.ts';
import { toHex } from '../../../protocol/bytes.ts';
import { FareboxError } from '../../../protocol/errors.ts';
import { decodeProgrammeId, hashObject } from '../../../protocol/ids.ts';
import { encodeManifest } from '../../../protocol/manifest.ts';
import type { SessionView } from '../../../worker-module/commands.ts';
import { createDownloads, type Downloads, type DownloadsPorts } from '../downloads.ts';
import type { TabMessage } from '../downloads-state.ts';
import { type InTurn, type KeptCaches, openShelf } from '../shelf.ts';

export const PROGRAMME = '11'.repeat(16);
export const OTHER = '33'.repeat(16);
export const NOW_MS = 1_800_000_000_000;
export const TERM_MS = 86_400_000;
export const FRAMES = 6;
const FILE_BYTES = 1_000;

/** Bytes that are the same for the same name. */
function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FILE_BYTES);
  bytes.set(new TextEncoder().encode(name));
  return bytes;
}

function segment(name: string) {
  const bytes = bytesOf(name);
  return { hash: hashObject(bytes), sizeBytes: bytes.length };
}

/** A programme of two rungs, two sounds, captions in its first frame, and one sheet of previews. */
export function makeProgramme(id: string) {
  const segments = (label: string) =>
    Array.from({ length: FRAMES }, (_none, frame) => segment(`${id} ${label} ${frame}`));
  const init = Uint8Array.of(1);
  const video = (label: string, height: number) => ({
    ...({
      kind: 'video',
      label,
      codec: 'avc1.64001f',
      bitrate: height * 1_000,
      init,
      segments: segments(label),
    } as const),
    ...{ width: height * 2, height, pictureRate: 30_000 },
  });
  const sound = (label: string, role: 'main' | 'dub') => ({
    ...({ kind: 'audio', label, codec: 'mp4a.40.2', bitrate: 128_000, init, segments: segments(label) } as const),
    ...{ channels: 2, sampleRate: 48_000, language: '', name: '', role },
  });
  const captions = segments('captions/en').map((own, frame) => (frame === 0 ? own : null));
  const poster = segment(`${id} poster`);
  const sheet = segment(`${id} sheet`);
  const manifest = {
    programme: decodeProgrammeId(id),
    frameCount: FRAMES,
    frameDurationMs: 2_000,
    durationMs: FRAMES * 2_000,
    parts: [
      video('video/360p', 360),
      video('video/720p', 720),
      sound('audio/main', 'main'),
      sound('audio/de', 'dub'),
      {
        ...({ kind: 'captions', label: 'captions/en', codec: 'fbcc', bitrate: 100, init: new Uint8Array() } as const),
        ...{ segments: captions, language: 'en', name: '', role: 'captions' as const },
      },
    ],
    commitments: new Uint8Array(32 * FRAMES),
    poster: poster.hash,
    playlists: new Map(),
    chapters: [],
    previews: { width: 16, height: 9, columns: 8, rows: 10, intervalMs: 1_000, sheets: [sheet] },
  };
  const manifestBytes = Uint8Array.from(encodeManifest(manifest));
  const names = ['poster', 'sheet'].concat(
    manifest.parts.flatMap(({ label }) => Array.from({ length: FRAMES }, (_none, frame) => `${label} ${frame}`)),
  );
  const files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map(
    names.map((name) => [segment(`${id} ${name}`).hash, bytesOf(`${id} ${name}`)]),
  );
  return {
    id,
    manifest,
    manifestBytes,
    manifestHash: hashObject(manifestBytes),
    files,
    hashOf: (name: string) => segment(`${id} ${name}`).hash,
  };
}

/** What is kept at 360p with the main sound: poster, sheet, pictures, sound, and the captions of one frame. */
export const KEPT_FILES = 2 + 2 * FRAMES + 1;
export const KEPT_BYTES = (KEPT_FILES - 1) * FILE_BYTES;

/** The order for it. */
export const ORDER = {
  programmeId: PROGRAMME,
  rung: 'video/360p',
  sounds: [],
  catalogueEntry: '{}',
  playing: null,
} as const;

/** A browser, its provider and its module. Members that a test may set say so. */
export function makeKeptWorld() {
  const programmes = new Map([PROGRAMME, OTHER].map((id) => [id, makeProgramme(id)]));
  const caches = new Map<string, Map<string, Response>>();
  const locks = new Map<string, Promise<unknown>>();
  const listeners = new Map<object, (message: TabMessage) => void>();
  const world = {
    programmes,
    caches,
    clockMs: NOW_MS,
    /** Hashes as they were asked of the provider. */
    asked: [] as string[],
    /** Set: is called before each content file is answered, and may throw or wait. */
    before: async (_hash: string, _count: number): Promise<void> => undefined,
    /** Set: what is answered for a file. */
    altered: new Map<string, Uint8Array<ArrayBuffer>>(),
    /** Set: bytes that the browser gives, and whether putting throws. */
    allowedBytes: 10_000_000_000,
    putsLeft: Number.POSITIVE_INFINITY,
    sessions: [] as SessionView[],
    ended: [] as string[],
    granted: 0,
    noted: [] as readonly string[],
    /** Files on the shelf, by programme, the entry and the manifest aside. */
    filesOf: (id: string) =>
      [...(caches.get(`farebox-kept-${id}`)?.keys() ?? [])].filter(
        (path) => path !== '/kept/entry' && path !== `/kept/${programmes.get(id)?.manifestHash}`,
      ),
    openTab,
    storage: makeCaches(),
  };

  function makeCaches(): KeptCaches {
    const pathOf = (request: RequestInfo | URL): string => String(request);
    return {
      has: async (name) => caches.has(name),
      keys: async () => [...caches.keys()],
      delete: async (name) => caches.delete(name),
      async match(request, options) {
        const named = options?.cacheName === undefined ? [...caches.values()] : [caches.get(options.cacheName)];
        for (const cache of named) {
          const found = cache?.get(pathOf(request));
          if (found !== undefined) return found.clone();
        }
        return undefined;
      },
      async open(name) {
        const cache = caches.get(name) ?? new Map<string, Response>();
        caches.set(name, cache);
        return {
          async put(request, response) {
            if (world.putsLeft <= 0) throw new DOMException('full', 'QuotaExceededError');
            world.putsLeft -= 1;
            cache.set(pathOf(request), response);
          },
          keys: async () => [...cache.keys()].map((path) => new Request(`https://terminal.example${path}`)),
        };
      },
    };
  }

  /** One after another, whatever tab; a tab that is closed lets go. */
  function inTurnOf(closed: AbortSignal): InTurn {
    return async (name, work) => {
      const before = locks.get(name) ?? Promise.resolve();
      const gone = new Promise<never>((_resolve, reject) =>
        closed.addEventListener('abort', () => reject(closed.reason), { once: true }),
      );
      const own = before
        .catch(() => undefined)
        .then(() => {
          closed.throwIfAborted();
          return Promise.race([work(), gone]);
        });
      locks.set(
        name,
        own.catch(() => undefined),
      );
      return own;
    };
  }

  function portsOf(closed: AbortSignal): DownloadsPorts {
    const self = {};
    const inTurn = inTurnOf(closed);
    const shelf = openShelf(world.storage, inTurn);
    /** A tab that is gone does nothing more. */
    const alive = <T>(value: T): T => {
      closed.throwIfAborted();
      return value;
    };
    return {
      shelf,
      inTurn,
      provider: {
        async programme(programmeId) {
          const programme = programmes.get(programmeId);
          if (programme === undefined) throw new FareboxError('programme/unknown');
          return {
            programme: bytesOf('signed'),
            manifest: programme.manifestHash,
            providerCertificate: bytesOf('cert'),
          };
        },
        async content(hash, { signal }) {
          world.asked.push(hash);
          const programme = [...programmes.values()].find((known) => known.manifestHash === hash);
          await Promise.race([
            world.before(hash, world.asked.length),
            new Promise<never>((_resolve, reject) => {
              for (const given of [signal, closed])
                given.addEventListener('abort', () => reject(given.reason), { once: true });
            }),
          ]);
          alive(null);
          const bytes =
            world.altered.get(hash) ??
            programme?.manifestBytes ??
            [...programmes.values()].flatMap(({ files }) => files.get(hash) ?? [])[0];
          if (bytes === undefined) throw new FareboxError('network/bad-status', { status: 404 });
          return Uint8Array.from(bytes).buffer;
        },
      },
      async keepSession({ programmeId }) {
        const known = world.sessions.find(
          ({ programme, state, expires }) => programme === programmeId && state === 'open' && expires > world.clockMs,
        );
        if (known !== undefined) return known;
        world.granted += 1;
        const session = toHex(sha256(Uint8Array.of(world.granted))).slice(0, 32);
        const view = sessionOf(session, programmeId, world.clockMs + TERM_MS);
        world.sessions.push(view);
        return view;
      },
      sessions: async () => alive(world.sessions),
      async endSession(session) {
        world.ended.push(session);
        world.sessions = world.sessions.map((view) => (view.session === session ? { ...view, state: 'closed' } : view));
      },
      tabs: {
        post: (message) => {
          for (const [tab, hear] of listeners) if (tab !== self && !closed.aborted) hear(message);
        },
        onMessage: (listener) => {
          listeners.set(self, listener);
          closed.addEventListener('abort', () => listeners.delete(self), { once: true });
        },
      },
      space: async () => ({ usedBytes: 0, allowedBytes: world.allowedBytes }),
      isPersistent: async () => false,
      askPersistence: async () => false,
      noteKept: (ids) => {
        world.noted = ids;
      },
      pause: (_ms, signal) => pauseFor(1, AbortSignal.any([signal, closed])),
      chance: () => 0,
      wallClockMs: () => world.clockMs,
      nowMs: () => world.asked.length * 1_000,
    };
  }

  function openTab(): { readonly downloads: Downloads; close(): void } {
    const closed = new AbortController();
    return { downloads: createDownloads(portsOf(closed.signal)), close: () => closed.abort(new Error('closed')) };
  }
  return world;
}

function sessionOf(session: string, programme: string, expires: number): SessionView {
  return {
    ...({ session, programme, expires, title: 'Harbour', mode: 'display', state: 'open', currency: 'EUR' } as const),
    ...({
      priceMinor: 20,
      creditMinor: 0,
      frameCount: FRAMES,
      frameDurationMs: 2_000,
      granted: [[0, FRAMES]],
    } as const),
    ...{ decrypted: [], lateFrames: [], failedFrames: [], count: 0, amountMinor: 0, counter: 1, openedTime: NOW_MS },
    ...{ positionMs: 0, contract: null, live: null, sequence: 'tree', offline: true, unused: true },
  };
}
