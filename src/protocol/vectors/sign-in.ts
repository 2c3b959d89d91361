// Vectors of signing in with derived keys (docs/protocol.md §24, figs 2 to 4). For build.ts.

import { toHex } from '../bytes.ts';
import { type Card, encodeCard } from '../derived-keys/card.ts';
import { confidentialContext, pinContext, signInContext } from '../derived-keys/context.ts';
import { answerToken, concealNumber, deriveDerivedKey } from '../derived-keys/dea.ts';
import { deriveSeriesNumber } from '../derived-keys/series.ts';
import {
  blindHead,
  deriveTokenKey,
  encodePinSignIn,
  encodeSignIn,
  encodeTicket,
  tokenOf,
} from '../derived-keys/sign-in.ts';
import { decodeModuleId, decodeProviderId } from '../ids.ts';
import { bytesOf, NOW } from './cast.ts';

const PARTIES = {
  provider: decodeProviderId(bytesOf('sign-in provider', 16)),
  module: decodeModuleId(bytesOf('unit', 16)),
  agreement: 3,
};
const PLACE = {
  device: bytesOf('sign-in device', 16),
  epoch: 2,
  counter: 1_000,
  head: bytesOf('sign-in head'),
  pastHead: bytesOf('sign-in past head'),
};
/** Ascending; the first is the one under which a number is concealed. */
const SETS = [
  { reference: 'news', seriesKey: bytesOf('news series'), index: 63 },
  { reference: 'watch', seriesKey: bytesOf('watch series'), index: 4_095 },
] as const;
const PIN_SETS = [{ reference: 'wallet', seriesKey: bytesOf('wallet series'), index: 5 }] as const;
const CARD: Card = { number: '4111111111111111', expiry: '2031-12', verification: '012', pin: '4711' };

/** Ticket and token, a sign-in message of two sets under the rule `client`, what goes with a PIN, and a concealed card. */
export function signInVectors() {
  const keyEncryptionKey = bytesOf('key encryption key');
  const masterKey = bytesOf('master key');
  const tokenKey = deriveTokenKey(keyEncryptionKey);
  const head = blindHead(tokenKey, PLACE.pastHead);
  const expected = { epoch: PLACE.epoch, expires: NOW + 60_000, counter: 998, head, index: null };
  const nonce = bytesOf('ticket nonce', 16);
  const ticket = encodeTicket({ module: PARTIES.module, ...expected, nonce });
  const token = tokenOf(tokenKey, ticket);
  const derive = (seriesKey: Uint8Array, index: number) =>
    deriveDerivedKey(masterKey, PARTIES.agreement, deriveSeriesNumber(seriesKey, index));
  const tagsOf = (sets: typeof SETS | typeof PIN_SETS, context: Uint8Array) =>
    sets.map(({ reference, seriesKey, index }) => ({
      reference,
      index,
      tag: answerToken(derive(seriesKey, index), token, context),
    }));
  const context = signInContext({ ...PARTIES, place: PLACE });
  const tags = tagsOf(SETS, context);
  const pinTags = tagsOf(PIN_SETS, pinContext(PARTIES));
  const cardNonce = bytesOf('card nonce', 12);
  const cardContext = confidentialContext({ ...PARTIES, token });
  const confidential = encodeCard(CARD);
  const [first] = SETS;
  const concealed = concealNumber(derive(first.seriesKey, first.index), {
    nonce: cardNonce,
    context: cardContext,
    confidential,
  });
  const setsJson = (sets: typeof SETS | typeof PIN_SETS) =>
    sets.map(({ reference, seriesKey, index }) => ({ reference, seriesKey: toHex(seriesKey), index }));
  const tagsJson = (made: ReturnType<typeof tagsOf>) => made.map((line) => ({ ...line, tag: toHex(line.tag) }));
  const { agreement, provider, module } = PARTIES;
  return {
    provider,
    module,
    agreement,
    keyEncryptionKey: toHex(keyEncryptionKey),
    tokenKey: toHex(tokenKey),
    masterKey: toHex(masterKey),
    sets: setsJson(SETS),
    pinSets: setsJson(PIN_SETS),
    expected: { ...expected, head: toHex(expected.head), nonce: toHex(nonce) },
    ticket: toHex(ticket),
    token: toHex(token),
    place: {
      ...PLACE,
      device: toHex(PLACE.device),
      head: toHex(PLACE.head),
      pastHead: toHex(PLACE.pastHead),
    },
    context: toHex(context),
    tags: tagsJson(tags),
    signIn: toHex(encodeSignIn({ ticket, agreement, ...PLACE, tags })),
    pinTags: tagsJson(pinTags),
    pinSignIn: toHex(encodePinSignIn({ ticket, agreement, tags: pinTags })),
    card: { ...CARD },
    cardNonce: toHex(cardNonce),
    confidential: toHex(confidential),
    concealed: toHex(concealed),
  };
}
