// One step for each command of the module: how a walk comes to call it, and what it then knows. The table has to name every command, so that
// a command made tomorrow is walked, cut and reckoned with before it compiles. No step looks into the module.

import { LIMITS } from '../../../protocol/limits.ts';
import type { CommandName, Commands } from '../../commands.ts';
import { FRAME_COUNT } from '../provider-side.ts';
import { answer, ask, close, learnStanding, readyModule, settle } from './errands.ts';
import { pick, type Showing, type WalkedSession, type WalkTab, type World } from './world.ts';

/** Calls its command at least once where the walk has come to a place where that makes sense. */
export type Step = (world: World, tab: WalkTab) => Promise<void>;

/** Refusals of a command about a session that has ended, or is active in another tab. */
const NOT_PLAYING = ['session/closed', 'session/not-active', 'session/unknown'] as const;
/** Refusals to count a frame that another tab has ended the session of, or has counted first. */
const NOT_COUNTED: readonly string[] = ['session/closed', 'sequence/spent'];
/** Refusals of a module that nobody has unlocked or brought back yet. */
const NOT_READY = ['module/locked', 'store/wiped', 'store/altered'] as const;
/** Few frames, so that deliveries meet each other. */
const FRAMES_WALKED = 12;

/** Every command and its step. */
export const STEPS: Readonly<Record<CommandName, Step>> = {
  status: async (world, tab) => void (await ask(world, tab, 'status', {})),
  enrolmentRequest: async (world, tab) => void (await ask(world, tab, 'enrolmentRequest', {}, NOT_READY)),
  acceptCertificate: async (world, tab) => {
    await readyModule(world, tab);
    const asked = await ask(world, tab, 'enrolmentRequest', {});
    if (asked === null) return;
    const certificate = await world.provider.enrol(asked.request);
    await ask(world, tab, 'acceptCertificate', { certificate });
  },
  answerChallenge: async (world, tab) => {
    await readyModule(world, tab);
    const contact = await answer(world, tab);
    if (contact !== null) await world.provider.ledger.meet(contact);
  },
  openSession: async (world, tab) => void (await openSession(world, tab)),
  resumeSession: async (world, tab) => {
    const { session } = await someSession(world, tab);
    const manifest = world.provider.manifestBytes;
    const resumed = await ask(world, tab, 'resumeSession', { session, manifest }, NOT_PLAYING);
    if (resumed !== null) tab.active = session;
  },
  sessions: async (world, tab) => void (await ask(world, tab, 'sessions', {}, NOT_READY)),
  deliver: async (world, tab) => {
    const session = await activeSession(world, tab);
    for (let frames = 0; frames < 3; frames += 1) await deliver(world, tab, session);
  },
  play: async (world, tab) => {
    const { session } = await activeSession(world, tab);
    await ask(world, tab, 'play', { session }, NOT_PLAYING);
  },
  pause: async (world, tab) => {
    const { session } = await activeSession(world, tab);
    await ask(world, tab, 'pause', { session }, NOT_PLAYING);
  },
  seek: async (world, tab) => {
    const { session } = await activeSession(world, tab);
    await ask(world, tab, 'seek', { session, positionMs: Math.floor(world.chance() * 20_000) }, NOT_PLAYING);
  },
  setVolume: async (world, tab) => void (await ask(world, tab, 'setVolume', { volume: 0.5, muted: false }, NOT_READY)),
  closeSession: async (world, tab) => {
    const { session } = await someSession(world, tab);
    await close(world, tab, session);
    if (tab.active === session) tab.active = null;
  },
  receiptFile: async (world, tab) => {
    const { session } = await someSession(world, tab);
    await ask(world, tab, 'receiptFile', { session }, ['receipt/none', 'session/unknown']);
  },
  receipts: async (world, tab) => void (await ask(world, tab, 'receipts', {}, NOT_READY)),
  acceptAcknowledgement: async (world, tab) => {
    const { session } = await someSession(world, tab);
    await settle(world, tab, session);
    if (tab.active === session) tab.active = null;
  },
  lock: async (world, tab) => {
    await ask(world, tab, 'lock', {}, [...NOT_READY, 'lock/none']);
    tab.active = null;
  },
  unlock: async (world, tab) => void (await ask(world, tab, 'unlock', {}, NOT_READY)),
  setLock: async (world, tab) => {
    await readyModule(world, tab);
    if (world.passphrases.size > 0 && world.chance() < 0.5) {
      await ask(world, tab, 'setLock', { factor: 'none' });
      world.passphrases.clear();
      return;
    }
    const next = `a passphrase of the walk ${Math.floor(world.chance() * 1e9)}`;
    // From here on either opens it, until the answer says which.
    world.passphrases.add(next);
    world.nextPassphrase = next;
    await ask(world, tab, 'setLock', { factor: 'passphrase' });
    world.passphrases.clear();
    world.passphrases.add(next);
  },
  removeFactor: async (world, tab) => {
    const { factors } = await readyModule(world, tab);
    if (factors.length === 0) await STEPS.setLock(world, tab);
    if (!factors.includes('passkey')) await ask(world, tab, 'setLock', { factor: 'passkey' });
    const factor = world.chance() < 0.5 ? 'passkey' : 'passphrase';
    await ask(world, tab, 'removeFactor', { factor });
    if (factor === 'passphrase') world.passphrases.clear();
  },
  setIdleLock: async (world, tab) => {
    await readyModule(world, tab);
    const minutes = world.chance() < 0.5 ? null : 30;
    await ask(world, tab, 'setIdleLock', { minutes }, ['lock/none']);
  },
  askPersistence: async (world, tab) => {
    await readyModule(world, tab);
    await ask(world, tab, 'askPersistence', {});
  },
  setAllowance: async (world, tab) => {
    await readyModule(world, tab);
    await ask(world, tab, 'setAllowance', { dayMinor: 1_000_000 + Math.floor(world.chance() * 1_000) });
  },
  makeBackup: makeBackup,
  backupCopy: async (world, tab) => {
    await readyModule(world, tab);
    const copy = await ask(world, tab, 'backupCopy', {});
    if (copy !== null) world.backup = copy.backup;
  },
  verifyBackup: async (world, tab) => {
    const backup = await haveBackup(world, tab);
    // The file may be older than the newest backup that a cut one left: then it opens, and is told to be of earlier words.
    const older = ['backup/wrong-words', 'backup/wrong-passkey', 'backup/other-module'] as const;
    await ask(world, tab, 'verifyBackup', { backup }, older);
  },
  recoveryLocator: async (world, tab) => {
    await haveBackup(world, tab);
    await ask(world, tab, 'recoveryLocator', {});
  },
  restore: async (world, tab) => {
    const backup = await haveBackup(world, tab);
    await startAnew(world, tab);
    await ask(world, tab, 'restore', { backup });
    for (const walked of world.erased) world.sessions.set(walked.session, walked);
    await readyModule(world, tab);
  },
  recover: async (world, tab) => {
    await ask(world, tab, 'recover', {}, [...NOT_READY, 'restore/nothing', 'restore/not-empty']);
  },
  restoreReport: async (world, tab) => {
    await readyModule(world, tab);
    await ask(world, tab, 'restoreReport', {});
  },
  startAnew: startAnew,
  acceptStanding: async (world, tab) => {
    await readyModule(world, tab);
    await learnStanding(world, tab);
  },
  acceptPapers: async (world, tab) => {
    const { session } = await someSession(world, tab);
    await settle(world, tab, session);
    if (tab.active === session) tab.active = null;
    const missing = await learnStanding(world, tab);
    const taken = [...world.sessions.values()].flatMap(({ session: id, delivered, uncertain }) =>
      delivered && !uncertain ? [id] : [],
    );
    const wanted = missing.length > 0 ? missing.slice(0, LIMITS.papers) : taken.slice(0, 3);
    if (wanted.length === 0) return;
    await ask(world, tab, 'acceptPapers', { receiptFiles: world.provider.ledger.papers(wanted) });
  },
  beginEpoch: async (world, tab) => {
    await readyModule(world, tab);
    await ask(world, tab, 'beginEpoch', {}, ['standing/needed']);
    await readyModule(world, tab);
  },
  operations: async (world, tab) => void (await ask(world, tab, 'operations', {}, NOT_READY)),
  disclosures: async (world, tab) => {
    await readyModule(world, tab);
    await ask(world, tab, 'disclosures', {});
  },
} satisfies Record<keyof Commands, Step>;

async function openSession(world: World, tab: WalkTab): Promise<WalkedSession> {
  const { certificate } = await readyModule(world, tab);
  if (certificate === null) throw new Error('a module that is ready has no certificate');
  const { session, grant } = await world.provider.grant(certificate, [[0, FRAME_COUNT]]);
  const walked: WalkedSession = {
    session,
    existence: 'opening',
    shown: new Set(),
    maybe: new Set(),
    receiptFile: null,
    delivered: false,
    uncertain: false,
  };
  // Known before it is asked for: a cut may come when it is durable and before anyone has heard of it.
  world.sessions.set(session, walked);
  const { programmeBytes, manifestBytes, providerCertificate } = world.provider;
  const papers = { programme: programmeBytes, manifest: manifestBytes, grant, providerCertificate };
  try {
    await ask(world, tab, 'openSession', papers);
    walked.existence = 'open';
  } finally {
    if (walked.existence === 'opening') walked.existence = 'maybe';
  }
  tab.active = session;
  return walked;
}

/** One of the sessions so far; opens one where there is none. */
async function someSession(world: World, tab: WalkTab): Promise<WalkedSession> {
  await readyModule(world, tab);
  if (world.sessions.size === 0 || world.chance() < 0.2) await openSession(world, tab);
  return pick(world.chance, [...world.sessions.values()]);
}

/** The session that plays in this tab: the one before goes on, or a new one begins. */
async function activeSession(world: World, tab: WalkTab): Promise<WalkedSession> {
  await readyModule(world, tab);
  const known = tab.active === null ? undefined : world.sessions.get(tab.active);
  if (known !== undefined) return known;
  const [last] = [...world.sessions.values()].filter(({ receiptFile }) => receiptFile === null).slice(-1);
  if (last !== undefined) {
    const argument = { session: last.session, manifest: world.provider.manifestBytes };
    if ((await ask(world, tab, 'resumeSession', argument, NOT_PLAYING)) !== null) {
      tab.active = last.session;
      return last;
    }
  }
  return openSession(world, tab);
}

async function deliver(world: World, tab: WalkTab, walked: WalkedSession): Promise<void> {
  const { session, shown, maybe } = walked;
  const frame = Math.floor(world.chance() * FRAMES_WALKED);
  const parts = world.provider.partsOf(frame);
  const delivered = await ask(world, tab, 'deliver', { session, frame, parts }, [...NOT_PLAYING, 'sequence/spent']);
  if (delivered === null || !tab.waiting().includes(frame)) return;
  if (world.chance() < 0.2) return tab.withhold(frame);
  let showing: Showing;
  try {
    showing = await tab.show(frame);
  } catch (error) {
    maybe.add(frame);
    throw error;
  }
  if (showing.shown) shown.add(frame);
  else if (showing.code !== null && !NOT_COUNTED.includes(showing.code)) {
    throw new Error(`frame ${frame} of session ${session} was refused to be shown with ${showing.code}`);
  }
}

async function makeBackup(world: World, tab: WalkTab): Promise<void> {
  await readyModule(world, tab);
  const made = await ask(world, tab, 'makeBackup', { passkey: world.chance() < 0.5 });
  if (made !== null) world.backup = made.backup;
}

async function haveBackup(world: World, tab: WalkTab): Promise<Uint8Array> {
  if (world.backup === null) await makeBackup(world, tab);
  await readyModule(world, tab);
  if (world.backup === null) throw new Error('no backup could be made');
  return world.backup;
}

/** Erases the module. What was not delivered is given up by the person who asks for it, so the walk delivers first. */
async function startAnew(world: World, tab: WalkTab): Promise<void> {
  await readyModule(world, tab);
  for (const { session, delivered } of [...world.sessions.values()]) if (!delivered) await settle(world, tab, session);
  tab.active = null;
  // Cut anywhere in between, the sessions are there or they are gone; a backup may bring them back as they were.
  for (const walked of world.sessions.values()) walked.uncertain = true;
  await ask(world, tab, 'startAnew', {});
  world.passphrases.clear();
  world.erased = [...world.sessions.values()];
  world.sessions.clear();
}
