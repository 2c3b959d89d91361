// The downloaded keys of a walk: a set is joined, keys are asked for and imported, an agreement is accepted, and contacts, PINs and cards go by
// derived keys. Each may be cut anywhere and done again, and another tab may be faster. Used by steps.ts and reckon.ts.

import { FareboxError } from '../../../protocol/errors.ts';
import { decodeModuleId, type ModuleId } from '../../../protocol/ids.ts';
import type { KeyImport, KeySetView } from '../../commands.ts';
import { checkValueTextOf, DESK_KEYS, SERIES_COUNT } from '../key-desk.ts';
import { CARD } from '../person.ts';
import { answer, ask, readyModule } from './errands.ts';
import { pick, type WalkTab, type World } from './world.ts';

/** What a module says whose slots, agreement or set another tab has changed meanwhile. */
const RACED = [
  'keys/retired',
  'keys/unknown-slot',
  'keys/unknown-unit',
  'keys/replayed',
  'keys/old-reference',
] as const;
/** What a provider says to a sign-in that another contact, or a change of what is wanted, was faster than. */
const OVERTAKEN: readonly string[] = ['keys/retired', 'keys/contact', 'challenge/replayed'];
/** Versions of a key in one walk. */
const RENEWALS = 0.1;

/** The keys of the walk's provider as the module shows them, or null where it is in no set. */
async function keysHere(world: World, tab: WalkTab): Promise<KeySetView | null> {
  const held = (await ask(world, tab, 'keys', {})) ?? [];
  return held[0] ?? null;
}

/** Takes the transport key, which is the same one every time. Gives who the module is. */
export async function join(world: World, tab: WalkTab): Promise<ModuleId> {
  const { certificate, moduleId } = await readyModule(world, tab);
  if (certificate === null || moduleId === null) throw new Error('a module that is ready has no certificate');
  const transportKey = await world.provider.keys.transportKey(certificate);
  const { providerCertificate } = world.provider;
  await ask(world, tab, 'acceptTransportKey', { transportKey, providerCertificate });
  return decodeModuleId(moduleId);
}

/** Who the module is, which is in the set. */
async function joined(world: World, tab: WalkTab): Promise<ModuleId> {
  const { moduleId } = await readyModule(world, tab);
  return (await keysHere(world, tab)) === null ? join(world, tab) : decodeModuleId(moduleId);
}

/** Draws a request for each of these. */
export async function draw(world: World, tab: WalkTab, references: readonly string[]) {
  await joined(world, tab);
  const provider = world.provider.providerSigner.kid;
  return (await ask(world, tab, 'drawKeyRequests', { provider, references })) ?? [];
}

/** What the key unit answers to a request for this key. */
async function order(world: World, tab: WalkTab, reference: string): Promise<KeyImport | null> {
  const module = await joined(world, tab);
  const [request] = await draw(world, tab, [reference]);
  if (request === undefined) return null;
  const provider = world.provider.providerSigner.kid;
  return { provider, random: request.random, ...world.provider.keys.exportKey(module, request) };
}

/** Downloads a key that no PIN chooses: altered it is refused, then it is taken, and not twice. */
export async function download(world: World, tab: WalkTab, reference: string): Promise<void> {
  const command = await order(world, tab, reference);
  if (command === null) return;
  if (world.chance() < 0.3) await expectRefused(world, tab, altered(command), ['keys/certificate', ...RACED]);
  const taken = await ask(world, tab, 'importKey', command, RACED);
  if (taken !== null) await expectRefused(world, tab, command, ['keys/replayed', ...RACED]);
}

function altered(command: KeyImport): KeyImport {
  const sealedKey = Uint8Array.from(command.sealedKey);
  sealedKey[20] = (sealedKey[20] ?? 0) ^ 1;
  return { ...command, sealedKey };
}

async function expectRefused(world: World, tab: WalkTab, command: KeyImport, codes: readonly string[]): Promise<void> {
  if ((await ask(world, tab, 'importKey', command, codes)) !== null) throw new Error('a key was taken that was none');
}

/** Any of the keys that no PIN chooses; now and then there is a newer version of it. */
export async function downloadAny(world: World, tab: WalkTab): Promise<void> {
  const reference = pick(world.chance, [DESK_KEYS.master, DESK_KEYS.open, DESK_KEYS.own]);
  if (world.chance() < RENEWALS) world.provider.keys.renew(reference);
  await download(world, tab, reference);
}

/** Who the module is, which has agreed with the provider on what is wanted now. */
async function agreed(world: World, tab: WalkTab): Promise<ModuleId> {
  const module = await joined(world, tab);
  const number = (await keysHere(world, tab))?.agreement?.number;
  return number !== undefined && number === world.provider.keys.agreed(module) ? module : agree(world, tab);
}

/** Downloads what the newest agreement names and the module lacks, and accepts it. Gives who the module is. */
async function agree(world: World, tab: WalkTab): Promise<ModuleId> {
  const module = await joined(world, tab);
  const { keys, providerCertificate } = world.provider;
  const agreement = await keys.agreement(module);
  const slots = (await keysHere(world, tab))?.slots ?? [];
  for (const reference of [DESK_KEYS.master, DESK_KEYS.open]) {
    const newest = keys.newest(reference);
    const isHere = slots.some((slot) => slot.reference === reference && slot.version === newest);
    if (!isHere) await download(world, tab, reference);
  }
  const accepted = await ask(world, tab, 'acceptAgreement', { agreement, providerCertificate }, RACED);
  const { certificate } = await readyModule(world, tab);
  if (accepted !== null && certificate !== null) await orOvertaken(() => keys.accept(certificate, accepted.acceptance));
  return module;
}

/** Wants something else of the module than before, now and then, and agrees on it. */
export async function agreeAnew(world: World, tab: WalkTab): Promise<void> {
  const { keys } = world.provider;
  const { chance } = world;
  if (chance() < 0.3) keys.change({ rule: pick(chance, ['client', 'server', 'date', 'counter'] as const) });
  if (chance() < 0.2) keys.retire(DESK_KEYS.open, Math.floor(chance() * SERIES_COUNT * 0.5));
  if (chance() < RENEWALS) keys.renew(pick(chance, [DESK_KEYS.master, DESK_KEYS.open]));
  await agree(world, tab);
}

/** A contact by fig. 2; where something was faster, by P1, as a host does. Gives whether it was taken as it is. */
export async function signIn(world: World, tab: WalkTab): Promise<boolean> {
  const { keys, ledger } = world.provider;
  const module = await agreed(world, tab);
  const token = await orOvertaken(async () => keys.token(module));
  const contact = token === null ? null : await ask(world, tab, 'signIn', token, RACED);
  if (contact !== null && (await orOvertaken(() => keys.meet(contact))) !== null) return true;
  const signed = await answer(world, tab);
  if (signed !== null) await ledger.meet(signed);
  return false;
}

/** Downloads a key together with the PIN that chooses it; `importKey` does not take it. */
export async function choosePin(world: World, tab: WalkTab): Promise<void> {
  await agreed(world, tab);
  const command = await order(world, tab, pick(world.chance, DESK_KEYS.pins));
  if (command === null) return;
  await expectRefused(world, tab, command, ['keys/pin', ...RACED]);
  await ask(world, tab, 'choosePin', command, RACED);
}

/** Signs in with the PIN, which is the right one. */
export async function signInWithPin(world: World, tab: WalkTab): Promise<void> {
  const { keys } = world.provider;
  const module = await agreed(world, tab);
  if ((await keysHere(world, tab))?.slots.every(({ pin }) => !pin) !== false) await choosePin(world, tab);
  const offered = await orOvertaken(async () => keys.token(module));
  if (offered === null) return;
  const { counter: _none, ...token } = offered;
  // Thirty tries in a day, and the walk's day does not end.
  const signed = await ask(world, tab, 'signInWithPin', token, [...RACED, 'keys/too-many', 'keys/pin']);
  if (signed === null) return;
  const application = await orOvertaken(async () => keys.applicationOf(module, signed.pin));
  if (application !== null && !DESK_KEYS.pins.some((pin) => pin === application)) throw new Error('no application');
}

/** Gives a card, which the provider reads as it was typed. */
export async function giveCard(world: World, tab: WalkTab): Promise<void> {
  const { keys } = world.provider;
  const module = await agreed(world, tab);
  const token = await orOvertaken(async () => keys.token(module));
  const given = token === null ? null : await ask(world, tab, 'giveCard', token, RACED);
  if (given === null) return;
  const card = await orOvertaken(() => keys.readCard(given, given.concealed));
  if (card !== null && card.number !== CARD.number) throw new Error('the card is another one');
}

/** The keys at the end of a walk: what the module has is what the key unit gave, whole, and a contact by it is taken. @throws an Error that says what is wrong. */
export async function reckonKeys(world: World, tab: WalkTab): Promise<void> {
  if ((await keysHere(world, tab)) === null) return;
  const module = await agree(world, tab);
  const { slots = [] } = (await keysHere(world, tab)) ?? {};
  for (const { reference, version, checkValue, pin } of slots) {
    const expected = pin ? null : checkValueTextOf(world.provider.keys.keyFor(module, { reference, version }));
    if (checkValue !== expected) throw new Error(`the key ${reference}/${version} is none of the key unit’s`);
  }
  if (!(await signIn(world, tab))) throw new Error('a contact by the downloaded keys was not taken');
}

/** Null where something was faster. @throws what else `act` throws. */
async function orOvertaken<T>(act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof FareboxError && OVERTAKEN.includes(error.code)) return null;
    throw error;
  }
}
