// Fig. 3 from the module's side (docs/protocol.md §24, MC-4): a card that the person types on the module's own surface, concealed under a
// derived key for one provider, with a contact as in fig. 2. Called by commands/. The host carries it and can read none of it.

import { encodeCard } from '../../protocol/derived-keys/card.ts';
import { isExpiryOver } from '../../protocol/derived-keys/card-digits.ts';
import { confidentialContext } from '../../protocol/derived-keys/context.ts';
import { concealNumber } from '../../protocol/derived-keys/dea.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeProviderId } from '../../protocol/ids.ts';
import { NONCE_LENGTH_BYTES } from '../../protocol/suite/suite.ts';
import type { ContactToken } from '../commands.ts';
import type { Core } from '../core.ts';
import type { KeyChanged } from '../keys/keyring.ts';
import { type DerivingKeys, wipeDerivingKeys, withDerivedKey } from './deriving.ts';
import { answerContact, expectSignIn, recordSignIn, type SignedIn } from './sign-in.ts';
import { expectAnswer, typedInTime } from './typed.ts';

/**
 * Asks the person for a card and conceals it. What the sign-in would be refused for is said before anyone is asked; what leaves, and the contact
 * that it leaves with, are in the record in one durable commit before it is concealed.
 * @throws FareboxError `consent/*`, `keys/expired-card`, and as `signIn`; `challenge/expired` as well where the person took longer than the token
 * is good for: the same command with the next token goes through without asking again.
 */
export async function giveCard(
  core: Core,
  asked: ContactToken,
): Promise<SignedIn & { readonly concealed: Uint8Array }> {
  const since = core.clock.now();
  await expectSignIn(core, asked);
  const name = `card ${asked.provider}`;
  const confidential = await typedInTime(core, { name, since, type: () => askCard(core, asked.provider) });
  try {
    const to = decodeProviderId(asked.provider);
    const contact = await recordSignIn(core, asked, [{ kind: 'disclosed', what: 'card', to }]);
    try {
      const concealed = conceal(core, { asked, contact, confidential });
      return { ...(await answerContact(core, asked, contact)), concealed };
    } finally {
      wipeDerivingKeys(contact.answer);
    }
  } finally {
    confidential.fill(0);
  }
}

/** N1, which the caller overwrites. The text that it was typed as is out of reach, like all text in a browser; nothing refers to it any more. */
async function askCard(core: Core, provider: string): Promise<Uint8Array> {
  const card = await expectAnswer(core, { kind: 'card', party: `provider ${provider}` }, 'card');
  if (isExpiryOver(card.expiry, core.clock.now())) throw new FareboxError('keys/expired-card');
  const { number, expiry, verification, pin } = card;
  return encodeCard({ number, expiry, verification, pin });
}

/** EN1 under the DK of the first set of the message that goes with it. */
function conceal(
  core: Core,
  {
    asked,
    contact,
    confidential,
  }: {
    readonly asked: ContactToken;
    readonly contact: KeyChanged<DerivingKeys>;
    readonly confidential: Uint8Array;
  },
): Uint8Array {
  const { answer: keys, moduleId: module } = contact;
  const { agreement, token } = asked;
  const context = confidentialContext({ provider: decodeProviderId(asked.provider), module, agreement, token });
  const [first] = keys.series;
  if (first === undefined) throw new FareboxError('module/internal', { expected: 'a set' });
  const nonce = core.random(NONCE_LENGTH_BYTES);
  return withDerivedKey(keys, first, (derivedKey) => concealNumber(derivedKey, { nonce, context, confidential }));
}
