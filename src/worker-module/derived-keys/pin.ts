// PINs from the module's side (docs/protocol.md §24, MC-5; fig. 4): chosen together with the key that they mask, and typed to open an
// application. Called by commands/. Whether a PIN is right is known to the provider alone: here every one does the same work.

import { utf8 } from '../../protocol/bytes.ts';
import { pinContext } from '../../protocol/derived-keys/context.ts';
import { derivePinMask, derivePinMasks, maskSeriesKey } from '../../protocol/derived-keys/pin.ts';
import { encodePinSignIn } from '../../protocol/derived-keys/sign-in.ts';
import { decodeProviderId, type ModuleId } from '../../protocol/ids.ts';
import type { KeyImport, KeySlotView, TokenGiven } from '../commands.ts';
import type { Core } from '../core.ts';
import { importIntoSlot } from '../keys/key-slots.ts';
import {
  changeKeyring,
  holderOf,
  type Keyring,
  readKeyring,
  wipeHolder,
  wipeKeyring,
  withHolder,
} from '../keys/keyring.ts';
import { expectCertified, importKey } from '../keys/keyring-duties.ts';
import { copyDerivingKeys, type DerivingKeys, expectAgreement, tagsOf, wipeDerivingKeys } from './deriving.ts';
import { expectToken } from './token.ts';
import { refusedUntil, tooMany, triesOfDay } from './tries.ts';
import { expectAnswer, typedInTime } from './typed.ts';

const MASK_LENGTH_BYTES = 32;

/**
 * Asks the person for a PIN and imports the key that it chooses, masked by it, in one durable commit: such a key is stored masked or not at all.
 * What the import would be refused for is said before anyone is asked.
 * @throws FareboxError `consent/*`, `enrolment/needed`, and as `importKey`.
 */
export async function choosePin(core: Core, command: KeyImport): Promise<KeySlotView> {
  const { reference, pinSecret } = await rehearseImport(core, command);
  try {
    const question = { kind: 'new-pin', application: reference, party: partyOf(command) } as const;
    const { pin } = await expectAnswer(core, question, 'pin');
    const mask = await derivePinMask(pin, pinSecret, reference);
    try {
      return await importKey(core, command, mask);
    } finally {
      mask.fill(0);
    }
  } finally {
    pinSecret.fill(0);
  }
}

/** Imports it under some mask and throws the outcome away. @throws FareboxError as `importKey`. */
async function rehearseImport(
  core: Core,
  command: KeyImport,
): Promise<{ readonly reference: string; readonly pinSecret: Uint8Array }> {
  const { moduleId: module } = await expectCertified(core);
  const keyring = await readKeyring(core);
  try {
    const mask = core.random(MASK_LENGTH_BYTES);
    const holder = holderOf(keyring, command.provider);
    const { after, imported } = importIntoSlot(holder, { module, command, mask, now: core.clock.now() });
    wipeHolder(after);
    return { reference: imported.reference, pinSecret: Uint8Array.from(keyring.pinSecret) };
  } finally {
    wipeKeyring(keyring);
  }
}

/**
 * Asks the person for the PIN and gives the tags of every masked key that the agreement names. The try is counted, durably, before anything is
 * derived; what it is worth the provider says.
 * @throws FareboxError `consent/*`, `enrolment/needed`, `keys/malformed`, `challenge/expired`, `keys/unknown-unit`, `keys/retired`, `keys/pin`
 * where no PIN was chosen yet, `keys/refused`, `keys/too-many` with `untilTime`, `store/*`.
 */
export async function signInWithPin(core: Core, asked: TokenGiven): Promise<{ readonly pin: Uint8Array }> {
  const since = core.clock.now();
  await expectToken(core, asked);
  await expectTry(core, asked);
  const question = { kind: 'pin', party: partyOf(asked) } as const;
  const type = async () => utf8((await expectAnswer(core, question, 'pin')).pin);
  const typed = await typedInTime(core, { name: `pin ${asked.provider}`, since, type });
  try {
    return { pin: await answerWithPin(core, asked, new TextDecoder().decode(typed)) };
  } finally {
    typed.fill(0);
  }
}

/** What tags with a PIN are made of: masked keys, and the secret that their masks are made with. Whoever has it overwrites it. */
type PinKeys = { readonly keys: DerivingKeys; readonly pinSecret: Uint8Array };

async function answerWithPin(core: Core, asked: TokenGiven, pin: string): Promise<Uint8Array> {
  const { agreement, ticket, token } = asked;
  const { module, ...taken } = await countTry(core, asked);
  try {
    const unmasked = await unmask(taken, pin);
    try {
      const context = pinContext({ provider: decodeProviderId(asked.provider), module, agreement });
      return encodePinSignIn({ ticket, agreement, tags: tagsOf(unmasked, token, context) });
    } finally {
      wipeDerivingKeys(unmasked);
    }
  } finally {
    wipePinKeys(taken);
  }
}

/** With the mask of this PIN taken off every key: the series keys where it is right, and others that exist nowhere where it is not. */
async function unmask({ keys, pinSecret }: PinKeys, pin: string): Promise<DerivingKeys> {
  const references = keys.series.map(({ reference }) => reference);
  const masks = await derivePinMasks(pin, pinSecret, references);
  const series = keys.series.flatMap((masked, at) => {
    const mask = masks[at];
    return mask === undefined ? [] : [{ ...masked, seriesKey: maskSeriesKey(masked.seriesKey, mask) }];
  });
  for (const mask of masks) mask.fill(0);
  return { ...keys, series };
}

/** Whether a PIN could be tried now. @throws FareboxError as `signInWithPin`. */
async function expectTry(core: Core, asked: TokenGiven): Promise<void> {
  const { answer } = await changeKeyring(core, async (before, now) => {
    const { checked, attempt } = await prepareTry(core, before, { asked, now });
    if (attempt !== null) wipePinKeys(attempt.keys);
    return { after: checked, answer: untilWhen(checked) };
  });
  if (answer !== null) throw tooMany(answer);
}

/** Counts the try, durably, and gives what it is made with. */
async function countTry(core: Core, asked: TokenGiven): Promise<PinKeys & { readonly module: ModuleId }> {
  // Made anew where another tab was faster; only what the commit took is handed on.
  const made: PinKeys[] = [];
  const to = decodeProviderId(asked.provider);
  try {
    const { answer, moduleId } = await changeKeyring<PinKeys | number>(core, async (before, now) => {
      const { checked, attempt } = await prepareTry(core, before, { asked, now });
      if (attempt === null) return { after: checked, answer: untilWhen(checked) ?? now };
      made.push(attempt.keys);
      return { after: attempt.counted, entries: [{ kind: 'disclosed', what: 'pin', to }], answer: attempt.keys };
    });
    await core.checkpointer.flush();
    if (typeof answer === 'number') throw tooMany(answer);
    made.splice(made.indexOf(answer), 1);
    return { ...answer, module: moduleId };
  } finally {
    for (const keys of made) wipePinKeys(keys);
  }
}

/**
 * A try on this keyring. `checked`: with the tries of the last day alone, as they are taken at this moment; it is kept even where a try is refused,
 * or times ahead of the clock would be ahead again at the next. `attempt`: null where there were too many.
 */
async function prepareTry(
  core: Core,
  keyring: Keyring,
  { asked, now }: { readonly asked: TokenGiven; readonly now: number },
): Promise<{
  readonly checked: Keyring;
  readonly attempt: { readonly counted: Keyring; readonly keys: PinKeys } | null;
}> {
  const { epoch } = await expectCertified(core);
  const holder = holderOf(keyring, asked.provider);
  const agreement = expectAgreement(holder, epoch, asked.agreement);
  const triedTimes = triesOfDay(keyring.triedTimes, now);
  const checked = isSame(triedTimes, keyring.triedTimes) ? keyring : { ...keyring, triedTimes };
  if (untilWhen(checked) !== null) return { checked, attempt: null };
  // Right or wrong it counts under the rule `counter`, on both sides.
  const count = holder.count + 1;
  const selecting = { index: asked.index, now, count, random: core.random };
  const keys = copyDerivingKeys(holder, agreement, { byPin: true, selecting });
  const held = agreement.rule === 'counter' ? withHolder(checked, { ...holder, count }) : checked;
  const counted = { ...held, triedTimes: [...triedTimes, now] };
  return { checked, attempt: { counted, keys: { keys, pinSecret: Uint8Array.from(keyring.pinSecret) } } };
}

function isSame(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((time, at) => time === right[at]);
}

function untilWhen({ triedTimes }: Keyring): number | null {
  return refusedUntil(triedTimes);
}

function wipePinKeys({ keys, pinSecret }: PinKeys): void {
  wipeDerivingKeys(keys);
  pinSecret.fill(0);
}

/** The provider as it is certified. */
function partyOf({ provider }: { readonly provider: string }): string {
  return `provider ${provider}`;
}
