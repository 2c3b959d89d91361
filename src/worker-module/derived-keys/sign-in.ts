// Fig. 2 from the module's side (docs/protocol.md §24, MC-3): answers a provider's token in place of a challenge. Called by commands/ and by
// confide.ts. As with a challenge, the contact is in the record, durably, before anything that shows the record's place leaves.

import { signInContext } from '../../protocol/derived-keys/context.ts';
import { encodeSignIn } from '../../protocol/derived-keys/sign-in.ts';
import { decodeProviderId } from '../../protocol/ids.ts';
import type { ContactToken } from '../commands.ts';
import type { Core } from '../core.ts';
import { changeKeyring, holderOf, type KeyChanged, type Keyring, withHolder } from '../keys/keyring.ts';
import { expectCertified } from '../keys/keyring-duties.ts';
import type { NewEntry } from '../record/draft.ts';
import { contactPlace } from '../standing/answer-challenge.ts';
import { copyDerivingKeys, type DerivingKeys, expectAgreement, tagsOf, wipeDerivingKeys } from './deriving.ts';
import { expectToken } from './token.ts';

/** The sign-in message and the module's certificate. */
export type SignedIn = { readonly response: Uint8Array; readonly certificate: Uint8Array };

/**
 * The sign-in message. The contact is in the record, durably, before a key is derived, and the checkpoint knows it; under the rule `counter` it
 * is counted in the same commit.
 * @throws FareboxError `enrolment/needed`, `keys/malformed`, `challenge/expired`, `keys/unknown-unit`, `keys/retired`, `keys/unknown-slot`,
 * `keys/refused`, `store/*`.
 */
export async function signIn(core: Core, asked: ContactToken): Promise<SignedIn> {
  await expectToken(core, asked);
  const contact = await recordSignIn(core, asked, []);
  try {
    return await answerContact(core, asked, contact);
  } finally {
    wipeDerivingKeys(contact.answer);
  }
}

/** Whether a sign-in could be made now, for whoever has to ask the person first. @throws FareboxError as `signIn`. */
export async function expectSignIn(core: Core, asked: ContactToken): Promise<void> {
  await expectToken(core, asked);
  // A change that changes nothing writes nothing.
  await changeKeyring(core, async (before, now) => {
    wipeDerivingKeys((await prepareContact(core, before, { asked, now })).keys);
    return { after: before, answer: null };
  });
}

/** Writes the contact down, with `entries` before it; gives the keys for its tags, which the caller overwrites. @throws FareboxError as `signIn`. */
export async function recordSignIn(
  core: Core,
  asked: ContactToken,
  entries: readonly NewEntry[],
): Promise<KeyChanged<DerivingKeys>> {
  // Made anew where another tab was faster; only what the commit took is handed on.
  const made: DerivingKeys[] = [];
  const to = decodeProviderId(asked.provider);
  try {
    const changed = await changeKeyring(core, async (before, now) => {
      const { after, keys } = await prepareContact(core, before, { asked, now });
      made.push(keys);
      return { after, entries: [...entries, { kind: 'disclosed', what: 'contact', to }], answer: keys };
    });
    await core.checkpointer.flush();
    made.splice(made.indexOf(changed.answer), 1);
    return changed;
  } finally {
    for (const keys of made) wipeDerivingKeys(keys);
  }
}

async function prepareContact(
  core: Core,
  before: Keyring,
  { asked, now }: { readonly asked: ContactToken; readonly now: number },
): Promise<{ readonly after: Keyring; readonly keys: DerivingKeys }> {
  const { epoch } = await expectCertified(core);
  const holder = holderOf(before, asked.provider);
  const agreement = expectAgreement(holder, epoch, asked.agreement);
  const count = holder.count + 1;
  const selecting = { index: asked.index, now, count, random: core.random };
  const keys = copyDerivingKeys(holder, agreement, { byPin: false, selecting });
  return { keys, after: agreement.rule === 'counter' ? withHolder(before, { ...holder, count }) : before };
}

/** The message of a contact that is in the record. */
export async function answerContact(
  core: Core,
  asked: ContactToken,
  contact: KeyChanged<DerivingKeys>,
): Promise<SignedIn> {
  const { answer: keys, place: recorded, moduleId: module, device, epoch, certificate } = contact;
  const { agreement, ticket, token } = asked;
  const place = { device, epoch, ...(await contactPlace(core, recorded, asked)) };
  const provider = decodeProviderId(asked.provider);
  const tags = tagsOf(keys, token, signInContext({ provider, module, agreement, place }));
  return { response: encodeSignIn({ ticket, agreement, ...place, tags }), certificate };
}
