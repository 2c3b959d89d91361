// The errands of a walk: what a host does around the commands, carried between the module and the test's provider. Each may be cut anywhere
// and done again. A refusal is noted, and is a fault of the module unless the step that met it says that it may come.

import { equalBytes } from '../../../protocol/bytes.ts';
import { FareboxError, toErrorData } from '../../../protocol/errors.ts';
import { decodeModuleId } from '../../../protocol/ids.ts';
import { LIMITS } from '../../../protocol/limits.ts';
import { decodeReceiptFile } from '../../../protocol/receipt-file.ts';
import type { CommandName, Commands, ModuleStatus } from '../../commands.ts';
import type { Contact } from '../provider-ledger.ts';
import type { WalkedSession, WalkTab, World } from './world.ts';

/** Calls a command. @returns its value, or null where it was refused with one of `may`. @throws an Error for any other refusal. */
export async function ask<Name extends CommandName>(
  world: World,
  tab: WalkTab,
  name: Name,
  argument: Parameters<Commands[Name]>[0],
  may: readonly string[] = [],
): Promise<ReturnType<Commands[Name]> | null> {
  world.called.add(name);
  const result = await tab.call(name, argument);
  if (result.ok) return result.value;
  const { code, detail } = result.error;
  const seen = `${name}: ${code}`;
  world.refusals.set(seen, (world.refusals.get(seen) ?? 0) + 1);
  if (!may.includes(code)) throw new Error(`${name} was refused with ${code} ${JSON.stringify(detail ?? {})}`);
  return null;
}

/** The status of a module that is open and whole: unlocked, brought back, enrolled in its epoch. */
export async function readyModule(world: World, tab: WalkTab): Promise<ModuleStatus> {
  let status = await readStatus(world, tab);
  if (status.lock === 'locked') {
    await ask(world, tab, 'unlock', {});
    status = await readStatus(world, tab);
  }
  if (status.storage === 'wiped' || status.storage === 'altered') {
    for (const session of world.sessions.values()) session.uncertain = true;
    const report = await ask(world, tab, 'recover', {}, ['restore/nothing']);
    // Lost before it had anything to lose: the first checkpoint is written a moment after the first commit.
    if (report === null) await ask(world, tab, 'startAnew', {});
    status = await readStatus(world, tab);
  }
  if (status.certificate === null || status.epochPending) {
    await enrol(world, tab);
    status = await readStatus(world, tab);
  }
  if (status.storage !== 'ready' || status.epochPending || status.lock === 'locked') {
    throw new Error(`the module is not ready: storage ${status.storage}, lock ${status.lock}`);
  }
  return status;
}

async function readStatus(world: World, tab: WalkTab): Promise<ModuleStatus> {
  const status = await ask(world, tab, 'status', {});
  if (status === null) throw new Error('status was refused');
  return status;
}

async function enrol(world: World, tab: WalkTab): Promise<void> {
  const asked = await ask(world, tab, 'enrolmentRequest', {});
  if (asked === null) return;
  try {
    const certificate = await world.provider.enrol(asked.request);
    await ask(world, tab, 'acceptCertificate', { certificate });
  } catch (error) {
    if (!(error instanceof FareboxError) || error.code !== 'module/superseded') throw error;
    // An older backup: the provider knows a later epoch, says so, and the module asks for the one after it.
    await learnStanding(world, tab);
    await enrol(world, tab);
  }
}

/** P1 up to the module's answer; null where it may not contact anyone now. */
export async function answer(world: World, tab: WalkTab): Promise<Contact | null> {
  const { moduleId } = await readStatus(world, tab);
  const challenge = await world.provider.ledger.challenge(moduleId === null ? null : decodeModuleId(moduleId));
  const { providerCertificate } = world.provider;
  return ask(world, tab, 'answerChallenge', { challenge, providerCertificate }, ['enrolment/needed']);
}

/** Asks for a standing and gives it to the module. @returns the sessions that it lacks. */
export async function learnStanding(world: World, tab: WalkTab): Promise<readonly string[]> {
  const contact = await answer(world, tab);
  if (contact === null) return [];
  const standing = await world.provider.ledger.standing(contact);
  const { providerCertificate } = world.provider;
  const accepted = await ask(world, tab, 'acceptStanding', { standing, providerCertificate });
  return accepted?.missing ?? [];
}

/** A standing names 200 sessions at most; no walk has as many as this. */
const MOST_ROUNDS = 20;

/** Learns the standing and takes home the papers that the module lacks. */
export async function bringHome(world: World, tab: WalkTab): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const missing = await learnStanding(world, tab);
    if (missing.length === 0) return;
    for (let at = 0; at < missing.length; at += LIMITS.papers) {
      const receiptFiles = world.provider.ledger.papers(missing.slice(at, at + LIMITS.papers));
      await ask(world, tab, 'acceptPapers', { receiptFiles });
    }
  }
  throw new Error('papers are missing for ever');
}

/**
 * Closes a session and notes its receipt, which is the same for good. Null where there is none: the session was never made durable, another tab
 * is opening it at this moment, or what it was went with a store that was lost.
 */
export async function close(world: World, tab: WalkTab, session: string): Promise<Uint8Array | null> {
  const walked = sessionOf(world, session);
  // Asked before the call: its opening may end while the answer is on the way.
  const wasOpening = walked.existence === 'opening';
  const close = () => tab.call('closeSession', { session });
  world.called.add('closeSession');
  let closed = await close();
  if (!closed.ok && closed.error.code === 'standing/needed') {
    // Closed by a restore: the provider is asked first whether it has a receipt from before.
    await bringHome(world, tab);
    closed = await close();
  }
  if (!closed.ok && closed.error.code === 'session/unknown') return wasOpening ? null : forget(walked);
  if (!closed.ok && closed.error.code === 'receipt/refused' && walked.uncertain) return null;
  if (!closed.ok) throw new Error(`closeSession was refused with ${closed.error.code}`);
  walked.existence = 'open';
  const { receiptFile } = closed.value;
  const { receipt } = decodeReceiptFile(receiptFile);
  const known = walked.receiptFile;
  if (known !== null && !equalBytes(decodeReceiptFile(known).receipt, receipt)) {
    throw new Error(`session ${session} has two receipts`);
  }
  walked.receiptFile = receiptFile;
  return receiptFile;
}

/** Closes, hands the receipt in with a contact, gives the module the answer. @returns the code that the provider refused it with, or null. */
export async function settle(world: World, tab: WalkTab, session: string): Promise<string | null> {
  const receiptFile = await close(world, tab, session);
  if (receiptFile === null) return null;
  const contact = await answer(world, tab);
  if (contact === null) throw new Error('a module that is ready answered no challenge');
  try {
    await world.provider.ledger.meet(contact);
    const acknowledgement = await world.provider.ledger.takeReceipt(receiptFile);
    sessionOf(world, session).delivered = true;
    await ask(world, tab, 'acceptAcknowledgement', { session, acknowledgement });
    return null;
  } catch (error) {
    if (!(error instanceof FareboxError)) throw error;
    // An honest module is never taken for a copy; one that forgot may be told that the provider has more.
    if (!sessionOf(world, session).uncertain) throw error;
    return toErrorData(error).code;
  }
}

/** What the walk knows of a session. @throws for one that it has never seen. */
export function sessionOf(world: World, session: string): WalkedSession {
  const found = world.sessions.get(session);
  if (found === undefined) throw new Error(`the module has a session ${session} that nobody opened`);
  return found;
}

/** A session that was never made durable, or went with a store that was lost. Whoever was told that it is open may never hear that it is not. */
function forget(walked: WalkedSession): null {
  if (walked.existence === 'open' && !walked.uncertain) throw new Error(`session ${walked.session} is lost`);
  walked.existence = 'none';
  return null;
}
