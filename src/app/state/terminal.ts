// The state behind every screen: the player and the stores, made once over the ports. Screens read it through terminal-context.tsx.
// It keeps nothing that the module or the provider would miss.

import type { CatalogueEntry } from '../../host/answers.ts';
import { createPlayer, type Player } from '../../player/player.ts';
import type { ModuleLife } from '../../player/ports.ts';
import { createStore, type ReadableStore } from '../../player/store.ts';
import type { ContentHash } from '../../protocol/ids.ts';
import type { ModuleStatus, ReceiptView, SessionView } from '../../worker-module/commands.ts';
import { calmForScreens } from './calm-store.ts';
import { type ContractOffer, openOffer } from './contract-offer.ts';
import { createLoadable, type LoadableStore } from './loadable.ts';
import { askPersistenceOnce, wasPersistenceAsked } from './persistence.ts';
import type { TerminalPorts } from './ports.ts';
import { openReceipt, type ReceiptDetail } from './receipt-detail.ts';
import { createSettling } from './settling.ts';
import { followSurface } from './surface.ts';
import { whenSettled } from './when-settled.ts';

/** Receipts, and the sessions that have none yet; neither has what nobody has watched. */
export type Drawer = { readonly receipts: readonly ReceiptView[]; readonly open: readonly SessionView[] };

/** What the screens stand on. */
export type Terminal = {
  readonly player: Player;
  /** The player's state at each change, for what moves with the place of play; the screens' own is told once a second while it plays. */
  readonly place: Player['state'];
  readonly catalogue: LoadableStore<readonly CatalogueEntry[]>;
  readonly moduleStatus: LoadableStore<ModuleStatus>;
  readonly drawer: LoadableStore<Drawer>;
  readonly moduleLife: ReadableStore<ModuleLife>;
  /** Whether the browser has a line. */
  readonly online: ReadableStore<boolean>;
  /** Whether the module asks the person something on its own surface. */
  readonly asking: ReadableStore<boolean>;
  /** Whether the browser was asked by itself to keep the module's storage. */
  readonly persistenceAsked: ReadableStore<boolean>;
  /** For the rooms that have more to ask of the module than the stores above. */
  readonly ports: TerminalPorts;
  contentUrl(hash: ContentHash): string;
  /** A store for one receipt; not loaded yet. */
  receipt(session: string): LoadableStore<ReceiptDetail>;
  /** A store for what the provider promises of one programme; not loaded yet. */
  offer(programmeId: string): LoadableStore<ContractOffer | null>;
  /** Claims for a session whose receipt the provider has. Rejects with `claim/*` and what may keep an errand from being done. */
  claim(session: string): Promise<void>;
  /** Ends an open session that is not playing, and settles it. */
  settleSession(session: string): Promise<void>;
  /** Asks the provider again for every answer that is missing. */
  settleAll(): Promise<void>;
  /** Brings on whatever the module waits for; what cannot be done now is done when there is a line. */
  catchUp(): Promise<void>;
  /** Has the module ask for a way to unlock it, on its own surface. Rejects with `lock/*` and `consent/*`. */
  unlock(): Promise<void>;
};

/** Makes the state over `ports`. `line` reports whether there is a line, now and at each change. */
export function createTerminal(ports: TerminalPorts, line: (listener: (online: boolean) => void) => void): Terminal {
  const moduleLife = createStore<ModuleLife>('starting');
  const online = createStore(true);
  const persistenceAsked = createStore(wasPersistenceAsked(ports));
  const catalogue = createLoadable((signal) => ports.provider.catalogue(signal));
  const moduleStatus = createLoadable(() => ports.module.call('status', {}));
  const drawer = createLoadable<Drawer>(async () => {
    const [receipts, sessions] = await Promise.all([
      ports.module.call('receipts', {}),
      ports.module.call('sessions', {}),
    ]);
    return {
      receipts: receipts.filter(({ unused }) => !unused),
      open: sessions.filter(({ state, unused, offline }) => state === 'open' && (!unused || offline)),
    };
  });

  const { settle, release, settleAll, catchUp } = createSettling(ports, async () => {
    await drawer.reload();
    const now = drawer.getSnapshot();
    if (now.state !== 'here') return;
    // It changes nothing that was settled: a module that does not answer is asked after the next receipt.
    if (await askPersistenceOnce(ports, now.value.receipts).catch(() => false)) persistenceAsked.set(true);
  });
  const player = createPlayer({ ...ports, relay: { ...ports.relay, settle, release } });
  const catchUpQuietly = (): void => void catchUp().catch(() => undefined);
  /** What was cut of a download goes on, and what has run out is ended. */
  const goOnKeeping = (): void => {
    if (ports.kept.ids.getSnapshot().length === 0) return;
    void ports.kept
      .downloads()
      .then((downloads) => downloads.refresh())
      .catch(() => undefined);
  };

  ports.module.onState((life) => {
    moduleLife.set(life);
    if (life !== 'ready') return;
    void moduleStatus.reload();
    catchUpQuietly();
    goOnKeeping();
  });
  ports.module.onEvent((event) => {
    if (event.type !== 'changed') return;
    if (event.what === 'status') whenSettled(player, () => void moduleStatus.reload());
    // A drawer that nobody has opened is read when it is.
    if (event.what === 'receipts' && drawer.getSnapshot().state !== 'loading') void drawer.reload();
  });
  let before: ModuleStatus | null = null;
  moduleStatus.subscribe(() => {
    const now = moduleStatus.getSnapshot();
    if (!('value' in now)) return;
    // Unlocked here or in another tab: what had to wait goes on.
    const isUnlocked = before?.lock === 'locked' && now.value.lock !== 'locked';
    // One that has just come to the agency is given its keys, as soon as nobody waits for a picture.
    const isEnrolled = before !== null && before.moduleId === null && now.value.moduleId !== null;
    before = now.value;
    if (isUnlocked || isEnrolled) whenSettled(player, catchUpQuietly);
  });
  line((is) => {
    const returned = is && !online.getSnapshot();
    online.set(is);
    if (!returned) return;
    if (catalogue.getSnapshot().state !== 'here' || ports.kept.isAll.getSnapshot()) void catalogue.reload();
    if (player.state.getSnapshot().code === 'network/offline') player.retry();
    catchUpQuietly();
    goOnKeeping();
  });
  void catalogue.reload();

  return {
    player: { ...player, state: calmForScreens(player.state) },
    place: player.state,
    catalogue,
    moduleStatus,
    drawer,
    moduleLife,
    online,
    persistenceAsked,
    ports,
    asking: followSurface(ports.module),
    contentUrl: (hash) => ports.provider.contentUrl(hash),
    receipt: (session) => createLoadable((signal) => openReceipt(ports, session, signal)),
    offer: (programmeId) => createLoadable((signal) => openOffer(ports, programmeId, signal)),
    async claim(session) {
      await ports.relay.claim(session);
      await drawer.reload();
    },
    async settleSession(session) {
      await ports.module.call('closeSession', { session });
      await settle(session);
    },
    settleAll,
    catchUp,
    async unlock() {
      await ports.module.call('unlock', {});
      await moduleStatus.reload();
    },
  };
}
