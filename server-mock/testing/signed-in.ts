// A module in software that signs in with derived keys (docs/protocol.md §24; figs 2 to 4): asks for a token, derives, answers, with the
// protocol's own functions. What it sends can be changed before its tags are made, or behind them.

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import type { SignedKeyAgreement } from '../../src/protocol/derived-keys/agreement.ts';
import { type Card, encodeCard } from '../../src/protocol/derived-keys/card.ts';
import { confidentialContext, pinContext, signInContext } from '../../src/protocol/derived-keys/context.ts';
import { answerToken, concealNumber, deriveDerivedKey } from '../../src/protocol/derived-keys/dea.ts';
import {
  drawIndex,
  indexOfCount,
  indexOfDay,
  liveIndexes,
  type SelectionRule,
} from '../../src/protocol/derived-keys/rules.ts';
import { deriveSeriesNumber } from '../../src/protocol/derived-keys/series.ts';
import {
  encodePinSignIn,
  encodeSignIn,
  type SignInMessage,
  type SignInTag,
} from '../../src/protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { contact } from '../contacts/contact.ts';
import { proveModule } from '../contacts/prove.ts';
import type { KeyRegistry } from '../key-unit/registry.ts';
import { signInsOf } from '../key-unit/sign-in.ts';
import { systemRandom } from '../provider.ts';
import { agreeAsModule, makeTestSet, receiveKeys, TEST_POLICY } from './agreed.ts';
import { type ContactBody, enrolTestModule, grow, makeContact, placeOf, type TestModule } from './module.ts';
import type { TestProvider } from './test-provider.ts';

/** A module with keys, and what it agreed on. */
export type AgreedModule = {
  readonly module: TestModule;
  agreement: SignedKeyAgreement;
  /** By reference, 32 bytes: what is in its slots, `count` series numbers of each series. */
  keys: ReadonlyMap<string, { readonly applicationKey: Uint8Array; readonly count: number }>;
  /** Of the rule `counter`. */
  count: number;
};

/** Enrols a module into a new set of this name, under this rule, and agrees. `TEST_POLICY` says which keys. */
export async function makeAgreedModule(
  at: TestProvider,
  keys: KeyRegistry,
  set: string,
  rule: SelectionRule = 'client',
): Promise<AgreedModule> {
  const module = await enrolTestModule(at);
  await makeTestSet(keys, set, { units: [module.id], policy: { ...TEST_POLICY, rule } });
  return agreeOn(at, module);
}

/** Downloads the keys and agrees. */
export async function agreeOn(at: TestProvider, module: TestModule): Promise<AgreedModule> {
  const received = await receiveKeys(at, module, ['master', 'watch', 'wallet']);
  const { agreement } = await agreeAsModule(at, module);
  return { module, agreement, keys: received, count: 0 };
}

const tokenSchema = z.strictObject({
  ticket: z.string().transform(fromBase64Url),
  token: z.string().transform(fromBase64Url),
  counter: z.number(),
  agreement: z.number(),
  index: z.number().optional(),
});

/** What a module is given to answer. */
export type TestToken = {
  readonly ticket: Uint8Array;
  /** 32 bytes. */
  readonly token: Uint8Array;
  readonly counter: number;
  readonly agreement: number;
  readonly index?: number | undefined;
};

/** Asks for a token in the module's name, which anybody can. */
export async function askToken(at: TestProvider, { module }: Pick<AgreedModule, 'module'>): Promise<TestToken> {
  return tokenSchema.parse(await (await at.post('/keys/token', { module: module.id })).json());
}

/** The derived key at an index of a series under the agreement of this number. */
export function derivedKeyOf({ keys, agreement }: AgreedModule, reference: string, index: number): Uint8Array {
  return deriveDerivedKey(keyOf(keys, 'master'), agreement.number, deriveSeriesNumber(keyOf(keys, reference), index));
}

function keyOf(keys: AgreedModule['keys'], reference: string): Uint8Array {
  const key = keys.get(reference)?.applicationKey;
  if (key === undefined) throw new Error(`no key ${reference}`);
  return key;
}

/** The index that the agreement's rule selects now, and whether it is sent. A test that counts has counted before. */
export function selectIndex(
  at: TestProvider,
  agreed: AgreedModule,
  token: TestToken,
  reference: string,
): { readonly index: number; readonly sent: number | null } {
  const { agreement, count } = agreed;
  const retired = agreement.series.find(({ slot }) => slot.reference === reference)?.retired ?? [];
  const live = liveIndexes(agreed.keys.get(reference)?.count ?? 0, retired);
  if (agreement.rule === 'date') return { index: indexOfDay(live, at.clock.now), sent: null };
  if (agreement.rule === 'counter') return { index: indexOfCount(live, count), sent: null };
  if (agreement.rule === 'server') return { index: token.index ?? Number.NaN, sent: null };
  const index = drawIndex(live, systemRandom);
  return { index, sent: index };
}

/** What a test may have otherwise than an honest module has it, before the tags are made. */
export type SignInChange = Partial<Omit<SignInMessage, 'tags'>> & { readonly references?: readonly string[] };

/** A whole sign-in message from where the record stands. */
export function draftSignIn(
  at: TestProvider,
  agreed: AgreedModule,
  token: TestToken,
  { references = ['watch'], ...change }: SignInChange = {},
): SignInMessage {
  const { module, agreement } = agreed;
  const { device, epoch, heads } = module;
  const pastHead = (token.counter > 0 ? heads[token.counter] : undefined) ?? new Uint8Array(32);
  const place = { device, epoch, ...placeOf(module), pastHead };
  const message = { ticket: token.ticket, agreement: agreement.number, ...place, ...change };
  const parties = { provider: at.provider.id, module: module.id, agreement: message.agreement };
  const context = signInContext({ ...parties, place: message });
  return { ...message, tags: tagsOf(at, agreed, token, references, context) };
}

function tagsOf(
  at: TestProvider,
  agreed: AgreedModule,
  token: TestToken,
  references: readonly string[],
  context: Uint8Array,
): readonly SignInTag[] {
  return references.map((reference) => {
    const { index, sent } = selectIndex(at, agreed, token, reference);
    return { reference, index: sent, tag: answerToken(derivedKeyOf(agreed, reference, index), token.token, context) };
  });
}

/** A message as a contact is sent. */
export function bodyOf({ module }: AgreedModule, message: SignInMessage): ContactBody {
  return { response: toBase64Url(encodeSignIn(message)), certificate: toBase64Url(module.certificate) };
}

/** A sign-in as an honest module makes it: asks, counts, writes its entry, answers. */
export async function makeSignIn(at: TestProvider, agreed: AgreedModule): Promise<ContactBody> {
  const token = await askToken(at, agreed);
  return bodyOf(agreed, nextSignIn(at, agreed, token));
}

/** The same for a token that is there. */
export function nextSignIn(at: TestProvider, agreed: AgreedModule, token: TestToken): SignInMessage {
  agreed.count += 1;
  grow(agreed.module, 1);
  return draftSignIn(at, agreed, token);
}

/** What a PIN sign-in sends. A wrong PIN gives a series key that exists nowhere: `wrong` has one drawn. */
export async function makePinSignIn(
  at: TestProvider,
  agreed: AgreedModule,
  wrong = false,
): Promise<ContactBody & { readonly pin: string }> {
  const token = await askToken(at, agreed);
  agreed.count += 1;
  const { module, agreement } = agreed;
  const references = agreement.series.filter(({ pin }) => pin).map(({ slot }) => slot.reference);
  const context = pinContext({ provider: at.provider.id, module: module.id, agreement: agreement.number });
  const unmasked = wrong ? withDrawnKeys(agreed, references) : agreed;
  const tags = tagsOf(at, unmasked, token, references, context);
  const pin = encodePinSignIn({ ticket: token.ticket, agreement: agreement.number, tags });
  return { ...(await makeContact(at, module)), pin: toBase64Url(pin) };
}

function withDrawnKeys(agreed: AgreedModule, references: readonly string[]): AgreedModule {
  const drawn = new Map(agreed.keys);
  for (const reference of references) {
    const count = agreed.keys.get(reference)?.count ?? 0;
    drawn.set(reference, { applicationKey: new Uint8Array(randomBytes(32)), count });
  }
  return { ...agreed, keys: drawn };
}

/** A sign-in with a card concealed under its keys; `bytes` in place of the card's own. */
export async function makeCardDelivery(
  at: TestProvider,
  agreed: AgreedModule,
  card: Card,
  bytes: Uint8Array = encodeCard(card),
): Promise<ContactBody & { readonly concealed: string }> {
  const token = await askToken(at, agreed);
  agreed.count += 1;
  grow(agreed.module, 1);
  // The index is drawn once: the card is under the one that the message names.
  const { index, sent } = selectIndex(at, agreed, token, 'watch');
  const derivedKey = derivedKeyOf(agreed, 'watch', index);
  const draft = draftSignIn(at, agreed, token);
  const parties = { provider: at.provider.id, module: agreed.module.id, agreement: agreed.agreement.number };
  const tag = answerToken(derivedKey, token.token, signInContext({ ...parties, place: draft }));
  const message = { ...draft, tags: [{ reference: 'watch', index: sent, tag }] };
  const context = confidentialContext({ ...parties, token: token.token });
  const nonce = new Uint8Array(randomBytes(12));
  const concealed = concealNumber(derivedKey, { nonce, context, confidential: bytes });
  return { ...bodyOf(agreed, message), concealed: toBase64Url(concealed) };
}

/** Sends a contact and, where it is believed, keeps what it changed. @returns `good`, or the code of what it was refused for. */
export async function sendSignIn({ provider }: TestProvider, body: ContactBody): Promise<string> {
  try {
    const proven = await proveModule(provider, body, { signIn: signInsOf(provider) });
    await provider.database.transaction((tx) => contact(provider, tx, proven));
    return 'good';
  } catch (thrown) {
    if (thrown instanceof FareboxError) return thrown.code;
    throw thrown;
  }
}
