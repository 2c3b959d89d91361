// One step for each command of the module: how a walk comes to call it, and what it then knows. The table has to name every command, so that
// a command made tomorrow is walked, cut and reckoned with before it compiles. No step looks into the module.

import { equalBytes } from '../../../protocol/bytes.ts';
import { LIMITS } from '../../../protocol/limits.ts';
import { derivePartKey } from '../../../protocol/parts.ts';
import type { OutputMode } from '../../../protocol/programme.ts';
import { sequenceFunction } from '../../../protocol/sequence/sequence.ts';
import { webCryptoSuite } from '../../../protocol/suite/webcrypto.ts';
import type { CommandName, Commands } from '../../commands.ts';
import { FRAME_COUNT, SOUND_LABEL, VIDEO_LABEL } from '../provider-side.ts';
import { claim, settleClaim } from './claims.ts';
import { answer, ask, close, learnStanding, readyModule, settle } from './errands.ts';
import { agreeAnew, choosePin, downloadAny, draw, giveCard, join, signIn, signInWithPin } from './keys.ts';
import { chooseCaptions, chooseRate, chooseSound, giveSheet, lookAhead } from './tracks.ts';
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
  openSession: async (world, tab) => void (await openSession(world, tab, 'display')),
  resumeSession: async (world, tab) => {
    const { session } = await someSession(world, tab);
    const manifest = world.provider.manifestBytes;
    const resumed = await ask(world, tab, 'resumeSession', { session, manifest }, NOT_PLAYING);
    if (resumed !== null) tab.active = session;
    await joinLive(world, tab, session);
  },
  extendManifest: async (world, tab) => {
    const { session } = await activeSession(world, tab, 'display');
    await tellNews(world, tab, session);
  },
  sessions: async (world, tab) => void (await ask(world, tab, 'sessions', {}, NOT_READY)),
  deliver: async (world, tab) => {
    const session = await activeSession(world, tab, 'display');
    for (let frames = 0; frames < 3; frames += 1) await deliver(world, tab, session);
  },
  openFrame: async (world, tab) => {
    const walked = await activeSession(world, tab, 'frames');
    for (let frames = 0; frames < 3; frames += 1) await handOver(world, tab, walked, giveParts);
  },
  frameKeys: async (world, tab) => {
    const walked = await activeSession(world, tab, 'keys');
    for (let frames = 0; frames < 3; frames += 1) await handOver(world, tab, walked, giveKeys);
  },
  play: async (world, tab) => {
    const { session } = await activeSession(world, tab, 'display');
    await ask(world, tab, 'play', { session }, NOT_PLAYING);
  },
  pause: async (world, tab) => {
    const { session } = await activeSession(world, tab, 'display');
    await ask(world, tab, 'pause', { session }, NOT_PLAYING);
  },
  seek: async (world, tab) => {
    const { session } = await activeSession(world, tab, 'display');
    await ask(world, tab, 'seek', { session, positionMs: Math.floor(world.chance() * 20_000) }, NOT_PLAYING);
  },
  setSound: async (world, tab) => chooseSound(world, tab, (await activeSession(world, tab, 'display')).session),
  setCaptions: async (world, tab) => chooseCaptions(world, tab, (await activeSession(world, tab, 'display')).session),
  setRate: async (world, tab) => chooseRate(world, tab, (await activeSession(world, tab, 'display')).session),
  setCaptionStyle: async (world, tab) => {
    const look = { size: 'large', background: 'shade', colour: 'white', position: 'bottom', clearBelow: 0.2 } as const;
    await ask(world, tab, 'setCaptionStyle', look, NOT_READY);
  },
  preview: async (world, tab) => lookAhead(world, tab, (await activeSession(world, tab, 'display')).session),
  deliverSheet: async (world, tab) => giveSheet(world, tab, (await activeSession(world, tab, 'display')).session),
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
  makeClaim: async (world, tab) => void (await claim(world, tab, await activeSession(world, tab, 'display'))),
  acceptClaimAnswer: async (world, tab) => {
    const made = await claim(world, tab, await activeSession(world, tab, 'display'));
    if (made !== null) await settleClaim(world, tab, made);
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
  keys: async (world, tab) => void (await ask(world, tab, 'keys', {}, NOT_READY)),
  acceptTransportKey: async (world, tab) => void (await join(world, tab)),
  drawKeyRequests: async (world, tab) => void (await draw(world, tab, ['watch', 'coupons'])),
  importKey: downloadAny,
  acceptAgreement: agreeAnew,
  signIn: async (world, tab) => void (await signIn(world, tab)),
  choosePin,
  signInWithPin,
  giveCard,
  // No key is altered on a walk, so this asks nobody and changes nothing.
  renewKeys: async (world, tab) => {
    await readyModule(world, tab);
    await ask(world, tab, 'renewKeys', {});
  },
  operations: async (world, tab) => void (await ask(world, tab, 'operations', {}, NOT_READY)),
  disclosures: async (world, tab) => {
    await readyModule(world, tab);
    await ask(world, tab, 'disclosures', {});
  },
} satisfies Record<keyof Commands, Step>;

async function openSession(world: World, tab: WalkTab, mode: OutputMode): Promise<WalkedSession> {
  const { certificate } = await readyModule(world, tab);
  if (certificate === null) throw new Error('a module that is ready has no certificate');
  const { session, grant, contract } = await world.provider.grant(certificate, [[0, FRAME_COUNT]], { mode });
  const walked: WalkedSession = {
    ...{ session, mode },
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
  const agreed = contract === null ? {} : { contract };
  const papers = { programme: programmeBytes, manifest: manifestBytes, grant, providerCertificate, ...agreed };
  try {
    await ask(world, tab, 'openSession', papers);
    walked.existence = 'open';
  } finally {
    if (walked.existence === 'opening') walked.existence = 'maybe';
  }
  tab.active = session;
  await joinLive(world, tab, session);
  return walked;
}

/** One of the sessions so far; opens one where there is none. */
async function someSession(world: World, tab: WalkTab): Promise<WalkedSession> {
  await readyModule(world, tab);
  if (world.sessions.size === 0 || world.chance() < 0.2) await openSession(world, tab, 'display');
  return pick(world.chance, [...world.sessions.values()]);
}

/** The session of this way out in this tab: the one before goes on, or a new one begins. */
async function activeSession(world: World, tab: WalkTab, mode: OutputMode): Promise<WalkedSession> {
  await readyModule(world, tab);
  const known = tab.active === null ? undefined : world.sessions.get(tab.active);
  if (known?.mode === mode) return known;
  const open = [...world.sessions.values()].filter((walked) => walked.mode === mode && walked.receiptFile === null);
  const [last] = open.slice(-1);
  if (last !== undefined) {
    const argument = { session: last.session, manifest: world.provider.manifestBytes };
    if ((await ask(world, tab, 'resumeSession', argument, NOT_PLAYING)) !== null) {
      tab.active = last.session;
      await joinLive(world, tab, last.session);
      return last;
    }
  }
  return openSession(world, tab, mode);
}

/** A session of a live programme that was just taken up knows nothing of its frames. */
async function joinLive(world: World, tab: WalkTab, session: string): Promise<void> {
  if (world.provider.updates.length > 0 && tab.active === session) await tellNews(world, tab, session);
}

/** Tells a live session of everything; a programme that is whole has no news, and says so. */
async function tellNews(world: World, tab: WalkTab, session: string): Promise<void> {
  const { updates } = world.provider;
  const expected = updates.length === 0 ? [...NOT_PLAYING, 'live/not-live' as const] : NOT_PLAYING;
  await ask(world, tab, 'extendManifest', { session, updates }, expected);
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

/** Asks for one frame in a session whose frames leave: what was handed over is counted, whatever happens next. */
async function handOver(
  world: World,
  tab: WalkTab,
  walked: WalkedSession,
  give: (world: World, tab: WalkTab, session: string, frame: number) => Promise<boolean>,
): Promise<void> {
  const { session, shown, maybe } = walked;
  const frame = Math.floor(world.chance() * FRAMES_WALKED);
  const wasShown = shown.has(frame);
  maybe.add(frame);
  if (await give(world, tab, session, frame)) shown.add(frame);
  if (!wasShown) maybe.delete(frame);
}

/** False where it was refused. @throws an Error for parts that are not the clear ones. */
async function giveParts(world: World, tab: WalkTab, session: string, frame: number): Promise<boolean> {
  const argument = { session, frame, parts: world.provider.partsOf(frame) };
  const given = await ask(world, tab, 'openFrame', argument, [...NOT_PLAYING, 'sequence/spent']);
  for (const { label, clear } of given?.parts ?? []) {
    if (!equalBytes(clear, world.provider.clearOf(frame, label))) throw new Error(`frame ${frame} is not clear`);
  }
  return given !== null;
}

/** False where it was refused. @throws an Error for keys that are not those of the parts. */
async function giveKeys(world: World, tab: WalkTab, session: string, frame: number): Promise<boolean> {
  const argument = { session, frame, labels: [VIDEO_LABEL, SOUND_LABEL] };
  const given = await ask(world, tab, 'frameKeys', argument, [...NOT_PLAYING, 'sequence/spent']);
  const { seed, programme } = world.provider;
  const frameKey = sequenceFunction(programme.sequence).keyAt(seed, frame);
  for (const { label, key } of given?.keys ?? []) {
    const right = await derivePartKey(frameKey, programme.programme, label, webCryptoSuite);
    if (!equalBytes(key, right)) throw new Error(`the key of ${label} in frame ${frame} is not right`);
  }
  return given !== null;
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
