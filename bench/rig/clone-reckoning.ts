// Holds a story of copies against what docs/protocol.md §14 promises: refusals named with evidence on both sides, every frame in a receipt,
// both copies' screens saying what is so. Called by clone-story.ts and by the honest lives; reads only.
import type { FareboxErrorCode } from '../../src/protocol/errors.ts';
import { coversFrame } from '../../src/protocol/ranges.ts';
import type { Standing } from '../../src/worker-module/commands.ts';
import { evidenceOf, framesOf, type TakenReceipt, takenReceipts } from './clone-books.ts';
import { codeOfErrand, type Device, type Seat, seatOf } from './clone-device.ts';
import type { CloneProvider } from './clone-provider.ts';

const STANDING_OF = new Map<FareboxErrorCode, Exclude<Standing, 'unknown' | 'good'>>([
  ['record/regress', 'regress'],
  ['record/fork', 'fork'],
  ['module/superseded', 'superseded'],
]);

/** What is wrong with a refusal; empty where it is one of those expected, with evidence, and said on the screen. */
export async function reckonRefusal(
  device: Device,
  code: 'good' | FareboxErrorCode,
  expected: readonly FareboxErrorCode[],
): Promise<readonly string[]> {
  const standing = code === 'good' ? undefined : STANDING_OF.get(code);
  if (code === 'good' || !expected.includes(code) || standing === undefined) return [`came out as ${code}`];
  const seat = await seatOf(device);
  const status = await seat.module.call('status', {});
  const troubles: string[] = [];
  // Asking for the word on it is a contact of its own: by its entry a copy that was behind may have come to the place of the fork.
  const said = expected.find((one) => STANDING_OF.get(one) === status.standing);
  if (said === undefined) troubles.push(`refused with ${code}, its screen says ${status.standing}`);
  const operations = await seat.module.call('operations', {});
  const asks = operations.some((one) => one.kind === 'epoch' && one.status === 'needs-you' && one.code === said);
  if (!asks) troubles.push(`refused with ${code}, nothing asks the person to choose`);
  const kept = await evidenceOf(device.provider, status.moduleId ?? '');
  const fitting = kept.find(({ kind, source }) => kind === standing && source === 'contact');
  if (fitting === undefined) return [...troubles, `refused with ${code}, and no evidence is kept`];
  const { expectedCounter, shownCounter, expectedHead, shownHead, expectedEvidence } = fitting;
  const isSo =
    standing === 'superseded' ||
    (standing === 'regress' && expectedCounter !== null && shownCounter < expectedCounter) ||
    (standing === 'fork' && expectedCounter === shownCounter && !isSame(expectedHead, shownHead));
  if (!isSo) troubles.push(`the evidence does not show a ${standing}`);
  if (standing === 'fork' && expectedEvidence === null) troubles.push('a fork is kept with one signature only');
  return troubles;
}

function isSame(left: Uint8Array | null, right: Uint8Array): boolean {
  return left !== null && Buffer.compare(left, right) === 0;
}

/** What is left undone on a profile that the person went on with, and that has settled everything. */
export async function reckonDrained(device: Device): Promise<readonly string[]> {
  const { module } = await seatOf(device);
  const { moduleId, standing, epochPending } = await module.call('status', {});
  const troubles: string[] = [];
  // Unknown is who was never refused and never asked.
  const stands = standing === 'good' || standing === 'unknown';
  if (!stands || epochPending) troubles.push(`stands ${standing}${epochPending ? ', with an epoch pending' : ''}`);
  for (const { session, state } of await module.call('sessions', {})) {
    if (state === 'open' || state === 'closed') troubles.push(`has session ${session} ${state}`);
  }
  for (const { name, status, code } of await module.call('operations', {})) {
    const isSaid = status === 'failed' && code === 'receipt/refused';
    if (!isSaid && !name.startsWith('backup')) troubles.push(`has ${name} ${status} ${code ?? ''}`);
  }
  const drawer = new Set((await module.call('receipts', {})).map(({ session }) => session));
  const missing = [...(await takenReceipts(device.provider, moduleId ?? '')).keys()].filter((one) => !drawer.has(one));
  if (missing.length > 0) troubles.push(`lacks the papers of ${missing.length} sessions that the provider settled`);
  return troubles.map((trouble) => `${device.name} ${trouble}`);
}

/** Frames that were on a screen, and those of them that are in nobody's receipt; beside them what a screen says wrongly. */
export async function reckonFrames(
  provider: CloneProvider,
  devices: readonly Device[],
): Promise<{ readonly shown: number; readonly lost: number; readonly troubles: readonly string[] }> {
  const troubles: string[] = [];
  let shown = 0;
  let lost = 0;
  for (const device of devices) {
    const seat = await seatOf(device);
    const { moduleId } = await seat.module.call('status', {});
    const taken = await takenReceipts(provider, moduleId ?? '');
    for (const [session, frames] of device.shown) {
      const stated = taken.get(session);
      const rest = [...frames].filter((frame) => stated === undefined || !coversFrame(stated.frames, frame));
      shown += frames.size;
      const found = await reckonRefused(provider, seat, session, rest, stated);
      lost += found.lost;
      troubles.push(...found.troubles.map((trouble) => `${device.name} ${trouble}`));
    }
  }
  return { shown, lost, troubles };
}

/** Frames that the taken receipt does not state have to be in a receipt that is kept, and said to be refused. */
async function reckonRefused(
  provider: CloneProvider,
  { module }: Seat,
  session: string,
  rest: readonly number[],
  taken: TakenReceipt | undefined,
): Promise<{ readonly lost: number; readonly troubles: readonly string[] }> {
  if (rest.length === 0) return { lost: 0, troubles: [] };
  const lost = { lost: rest.length, troubles: [`has ${rest.length} frames of ${session} in nobody's receipt`] };
  if (taken === undefined) return lost;
  const view = (await module.call('receipts', {})).find((receipt) => receipt.session === session);
  const operation = (await module.call('operations', {})).find((one) => one.session === session);
  let receiptFile: Uint8Array | null = null;
  const read = async () => {
    receiptFile = (await module.call('receiptFile', { session })).receiptFile;
  };
  if ((await codeOfErrand(read())) !== 'good' || receiptFile === null) return lost;
  const stated = await framesOf(provider, receiptFile);
  if (!rest.every((frame) => coversFrame(stated, frame))) return lost;
  const isSaid = view?.state === 'refused' && operation?.status === 'failed' && operation.code === 'receipt/refused';
  return { lost: 0, troubles: isSaid ? [] : [`says ${view?.state ?? 'nothing'} of the refused receipt of ${session}`] };
}
