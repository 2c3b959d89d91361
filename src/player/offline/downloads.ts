// Programmes that are kept (docs/protocol.md §21): takes them in, fetches them one after another in one tab of all, and says how far they are. Made when
// something is kept or looked at. The truth is on the shelf and in the module: whatever is cut here goes on from these.

import { ERRORS, FareboxError, type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import { hashObject } from '../../protocol/ids.ts';
import { decodeManifest, type Manifest } from '../../protocol/manifest.ts';
import type { SessionView } from '../../worker-module/commands.ts';
import { keptCmcd } from '../cmcd-content.ts';
import type { PlayerPorts } from '../ports.ts';
import { createStore, type ReadableStore } from '../store.ts';
import { type DownloadPorts, download } from './download.ts';
import { termOf, viewOf } from './download-view.ts';
import type { DownloadsState, DownloadView, Space, TabMessage, Told } from './downloads-state.ts';
import { filesToKeep, type KeepChoice, type KeptFile, labelsToKeep, sizeOf } from './keep-plan.ts';
import type { KeptEntry } from './kept-entry.ts';
import { type KeptProgress, makeKeptProgress } from './kept-progress.ts';
import { OFFLINE_LIMITS } from './limits.ts';
import type { InTurn, Shelf } from './shelf.ts';

/** What it needs of the world. */
export type DownloadsPorts = Omit<DownloadPorts, 'shelf' | 'provider'> & {
  readonly shelf: Shelf;
  /** The provider itself, not what is kept of it. */
  readonly provider: Pick<PlayerPorts['provider'], 'content' | 'programme'>;
  /** Has the module keep a session for the whole programme, or gives the one that it has. */
  keepSession(order: {
    readonly programmeId: string;
    readonly programme: Uint8Array<ArrayBuffer>;
    readonly manifest: Uint8Array<ArrayBuffer>;
    readonly playing: string | null;
  }): Promise<SessionView>;
  sessions(): Promise<readonly SessionView[]>;
  /** Closes a session durably and sends its receipt when it can; does nothing to one that is closed. */
  endSession(session: string): Promise<void>;
  readonly inTurn: InTurn;
  /** Says something to the other tabs, and hears them. */
  readonly tabs: { post(message: TabMessage): void; onMessage(listener: (message: TabMessage) => void): void };
  /** Null where the browser does not say. */
  space(): Promise<Space | null>;
  isPersistent(): Promise<boolean>;
  /** Asks the browser not to clear this origin by itself. */
  askPersistence(): Promise<boolean>;
  /** The ids of what is kept have changed. */
  noteKept(programmeIds: readonly string[]): void;
  wallClockMs(): number;
  /** Milliseconds, monotonic. */
  nowMs(): number;
};

/** What a person wants kept. `catalogueEntry`: as JSON, for the screens. */
export type KeepOrder = KeepChoice & {
  readonly programmeId: string;
  readonly catalogueEntry: string;
  /** The session that plays in this tab, or null: it goes on beside. */
  readonly playing: string | null;
};

/** Kept programmes. Every intent rejects with a FareboxError. */
export type Downloads = {
  readonly state: ReadableStore<DownloadsState>;
  /** Has it paid for and begins to fetch it; again for what is here. @throws FareboxError `offline/full`, `grant/offline`, `credit/exhausted`, `consent/*`, `network/*` … */
  keep(order: KeepOrder): Promise<void>;
  pause(programmeId: string): Promise<void>;
  resume(programmeId: string): Promise<void>;
  /** Ends its session, so that its receipt is made, and lets go of its files. */
  remove(programmeId: string): Promise<void>;
  /** Reads everything anew, and goes on with what is not here. */
  refresh(): Promise<void>;
  /** Manifest and sizes, for the person to choose by. Throws as `keep` does. */
  describe(programmeId: string): Promise<Manifest>;
};

const LOCK = 'farebox-downloads';

/** A programme's plan. */
type Plan = { readonly files: readonly KeptFile[]; readonly progress: KeptProgress };

/** What is fetched in this tab. */
type Running = {
  readonly programmeId: string;
  readonly plan: Plan;
  readonly stop: AbortController;
  /** Why it waits for the line; null while it does not. */
  code: FareboxErrorCode | null;
};

/** Makes them, and goes on with what was cut. */
export function createDownloads(ports: DownloadsPorts): Downloads {
  const { shelf } = ports;
  const store = createStore<DownloadsState>({ read: false, list: [], space: null, persistent: false });
  const plans = new Map<string, Plan>();
  /** Why one stopped here; it is tried again when the person says so. */
  const failed = new Map<string, FareboxErrorCode>();
  /** What the tab that fetches has said. */
  const told = new Map<string, Told>();
  let running: Running | null = null;
  let taking = false;
  let again = false;
  let reading = 0;

  const { signal: unended } = new AbortController();

  async function manifestOf(programmeId: string, hash: string, signal: AbortSignal, known: ArrayBuffer | null) {
    const cmcd = keptCmcd(programmeId);
    const bytes = new Uint8Array(known ?? (await ports.provider.content(hash, { signal, cmcd })));
    if (hashObject(bytes) !== hash) throw new FareboxError('programme/other-manifest');
    return { bytes, manifest: decodeManifest(bytes) };
  }

  /** Null where it cannot be known now: its manifest is not here, and not to be had. */
  async function planOf(entry: KeptEntry, signal: AbortSignal = unended): Promise<Plan | null> {
    const known = plans.get(entry.programmeId);
    if (known !== undefined) return known;
    const here = await shelf.file(entry.manifestHash);
    try {
      const { bytes, manifest } = await manifestOf(entry.programmeId, entry.manifestHash, signal, here);
      if (here === null && !(await shelf.putFile(entry.programmeId, entry.manifestHash, bytes))) return null;
      const files = [{ hash: entry.posterHash, sizeBytes: 0, frame: null }, ...filesToKeep(manifest, entry.labels)];
      const progress = makeKeptProgress(files, manifest.frameCount, await shelf.files(entry.programmeId));
      const plan = { files, progress };
      plans.set(entry.programmeId, plan);
      return plan;
    } catch (error) {
      if (!(error instanceof FareboxError)) throw error;
      return null;
    }
  }

  /** What is known of one here. */
  function viewNow(entry: KeptEntry, plan: Plan | null, sessions: readonly SessionView[] | null): DownloadView {
    const { programmeId } = entry;
    return viewOf(entry, {
      missing: plan?.progress.missing().length ?? null,
      own: plan?.progress.read() ?? { doneBytes: 0, doneFrames: 0 },
      running: running?.programmeId === programmeId ? running : null,
      told: told.get(programmeId) ?? null,
      failed: failed.get(programmeId) ?? null,
      term: termOf(entry, sessions, ports.wallClockMs()),
    });
  }

  async function read(): Promise<void> {
    reading += 1;
    const own = reading;
    const [entries, sessions, space, persistent] = await Promise.all([
      shelf.entries(),
      // A module that is locked or starting is asked again when it says that something has changed.
      ports.sessions().catch(() => null),
      ports.space(),
      ports.isPersistent(),
    ]);
    const list: DownloadView[] = [];
    for (const entry of entries) list.push(viewNow(entry, await planOf(entry), sessions));
    for (const programmeId of [...plans.keys()]) {
      if (!entries.some((entry) => entry.programmeId === programmeId)) plans.delete(programmeId);
    }
    ports.noteKept(entries.map(({ programmeId }) => programmeId));
    // A slower reading of before would bring back what was removed.
    if (own === reading) store.set({ read: true, list, space, persistent });
  }

  /** Draws one anew, between two readings. */
  function redraw(programmeId: string, next: Partial<DownloadView>): void {
    const now = store.getSnapshot();
    if (!now.list.some((view) => view.programmeId === programmeId)) return;
    store.set({
      ...now,
      list: now.list.map((view) => (view.programmeId === programmeId ? { ...view, ...next } : view)),
    });
  }

  /** Tells what became of the one that is fetched here. */
  function tell(programmeId: string, plan: Plan, phase: DownloadView['phase'], code: FareboxErrorCode | null): void {
    const now = { ...plan.progress.read(), phase, code };
    redraw(programmeId, now);
    ports.tabs.post({ type: 'told', programmeId, ...now });
  }

  function tellRunning({ programmeId, plan, code }: Running): void {
    tell(programmeId, plan, code === null ? 'fetching' : 'no-line', code);
  }

  async function nextEntry(): Promise<{ readonly entry: KeptEntry; readonly plan: Plan } | null> {
    for (const entry of await shelf.entries()) {
      if (entry.wish !== 'keep' || failed.has(entry.programmeId) || entry.untilTime <= ports.wallClockMs()) continue;
      // Another tab may have fetched some of it since this one has looked.
      plans.delete(entry.programmeId);
      const plan = await planOf(entry);
      if (plan === null) failed.set(entry.programmeId, 'network/unreachable');
      else if (plan.progress.missing().length > 0) return { entry, plan };
    }
    return null;
  }

  async function fetchOne({ programmeId }: KeptEntry, plan: Plan): Promise<void> {
    const stop = new AbortController();
    const own: Running = { programmeId, plan, stop, code: null };
    running = own;
    told.delete(programmeId);
    tellRunning(own);
    let toldMs = ports.nowMs();
    try {
      await download(
        ports,
        { programmeId, files: plan.progress.missing(), signal: stop.signal },
        {
          onFile(file) {
            plan.progress.came(file);
            if (ports.nowMs() - toldMs < OFFLINE_LIMITS.tellEveryMs) return;
            toldMs = ports.nowMs();
            tellRunning(own);
          },
          onTrouble(code) {
            own.code = code;
            tellRunning(own);
          },
        },
      );
      running = null;
      tell(programmeId, plan, 'here', null);
    } catch (error) {
      running = null;
      if (stop.signal.aborted) return;
      const { code } = toErrorData(error);
      failed.set(programmeId, code);
      tell(programmeId, plan, 'failed', code);
    }
  }

  /** Fetches what is not here, in this tab or, where another tab does it, when that is gone. */
  async function goOn(): Promise<void> {
    if (taking) {
      again = true;
      return;
    }
    taking = true;
    try {
      do {
        again = false;
        if (!(await isWorkLeft())) continue;
        await ports.inTurn(LOCK, async () => {
          told.clear();
          for (let next = await nextEntry(); next !== null; next = await nextEntry()) {
            await fetchOne(next.entry, next.plan);
          }
        });
        await read();
      } while (again);
    } finally {
      taking = false;
    }
  }

  /** Without asking for the lock: most tabs have nothing to fetch. */
  async function isWorkLeft(): Promise<boolean> {
    await read();
    return store
      .getSnapshot()
      .list.some(({ phase, term }) => term !== 'over' && phase !== 'here' && phase !== 'paused' && phase !== 'failed');
  }

  const goOnQuietly = (): void => void goOn().catch(() => undefined);

  function stopHere(programmeId: string): void {
    if (running?.programmeId === programmeId) running.stop.abort();
  }

  /** Someone changed the shelf: what is fetched here may not be wanted any more. */
  async function follow(): Promise<void> {
    const entry = running === null ? null : await shelf.entry(running.programmeId);
    if (running !== null && entry?.wish !== 'keep') running.stop.abort();
    await read();
    // A tab that has just come hears how far it is.
    if (running !== null && !running.stop.signal.aborted) tellRunning(running);
    goOnQuietly();
  }

  async function changed(): Promise<void> {
    ports.tabs.post({ type: 'changed' });
    await follow();
  }

  ports.tabs.onMessage((message) => {
    if (message.type === 'retry') failed.delete(message.programmeId);
    if (message.type !== 'told') {
      void follow().catch(() => undefined);
      return;
    }
    const { type, programmeId, ...now } = message;
    // It was said before this tab paused it.
    if (store.getSnapshot().list.some((view) => view.programmeId === programmeId && view.phase === 'paused')) return;
    told.set(programmeId, { programmeId, ...now });
    redraw(programmeId, now);
    // What is here now is to be read from the shelf, which knows best.
    if (now.phase === 'here') {
      told.delete(programmeId);
      plans.delete(programmeId);
      void read().catch(() => undefined);
    }
  });

  /** Sessions whose time is over: their receipts are made, so that what was set aside comes back. */
  async function endOver(): Promise<void> {
    const sessions = await ports.sessions().catch(() => []);
    for (const { offline, state, expires, session } of sessions) {
      if (!offline || state !== 'open' || expires > ports.wallClockMs()) continue;
      // What cannot be done now is done the next time.
      await ports.endSession(session).catch(() => undefined);
    }
  }

  async function load(programmeId: string) {
    const {
      programme,
      manifest: manifestHash,
      providerCertificate,
    } = await ports.provider.programme(programmeId, unended);
    const { bytes, manifest } = await manifestOf(programmeId, manifestHash, unended, null);
    return { programme, providerCertificate, manifestHash, bytes, manifest };
  }

  /** @throws FareboxError `offline/full`. */
  async function expectRoom(sizeBytes: number): Promise<void> {
    const space = await ports.space();
    if (space === null || space.allowedBytes - space.usedBytes >= sizeBytes + OFFLINE_LIMITS.spareBytes) return;
    throw new FareboxError('offline/full', { sizeBytes, freeBytes: Math.max(0, space.allowedBytes - space.usedBytes) });
  }

  return {
    state: store,
    async refresh() {
      for (const [programmeId, code] of failed) {
        // The line may be good again; room is made by the person.
        if (ERRORS[code].category === 'network') failed.delete(programmeId);
      }
      await endOver();
      await read();
      ports.tabs.post({ type: 'changed' });
      goOnQuietly();
    },
    async describe(programmeId) {
      return (await load(programmeId)).manifest;
    },
    async keep(order) {
      const { programmeId, catalogueEntry } = order;
      const [entries, loaded] = await Promise.all([shelf.entries(), load(programmeId)]);
      const { programme, providerCertificate, manifestHash, bytes, manifest } = loaded;
      const labels = labelsToKeep(manifest, order);
      const files = filesToKeep(manifest, labels);
      const here = await shelf.files(programmeId);
      // Room first: nobody should pay for what has no place.
      await expectRoom(sizeOf(files.filter(({ hash }) => !here.has(hash))));
      if (entries.length >= OFFLINE_LIMITS.programmes) throw new FareboxError('offline/full');
      const view = await ports.keepSession({ programmeId, programme, manifest: bytes, playing: order.playing });
      await shelf.addEntry({
        ...{ programmeId, catalogueEntry, programme, providerCertificate, manifestHash, labels },
        ...{ session: view.session, title: view.title, untilTime: view.expires, keptTime: ports.wallClockMs() },
        ...{ posterHash: manifest.poster, sizeBytes: sizeOf(files), frameCount: manifest.frameCount, wish: 'keep' },
      });
      await shelf.putFile(programmeId, manifestHash, bytes);
      plans.delete(programmeId);
      failed.delete(programmeId);
      // A browser that does not promise it keeps it as long as there is room.
      await ports.askPersistence();
      await changed();
    },
    async pause(programmeId) {
      if (!(await shelf.changeEntry(programmeId, { wish: 'pause' }))) return;
      stopHere(programmeId);
      told.delete(programmeId);
      await changed();
    },
    async resume(programmeId) {
      failed.delete(programmeId);
      told.delete(programmeId);
      await shelf.changeEntry(programmeId, { wish: 'keep' });
      ports.tabs.post({ type: 'retry', programmeId });
      await changed();
    },
    async remove(programmeId) {
      const entry = await shelf.entry(programmeId);
      // First the receipt: without its files the session would be forgotten, with its money set aside.
      if (entry !== null) await ports.endSession(entry.session);
      stopHere(programmeId);
      await shelf.remove(programmeId);
      plans.delete(programmeId);
      failed.delete(programmeId);
      told.delete(programmeId);
      await changed();
    },
  };
}
