// What a stolen key is worth once it is retired: MC-6. The keys are derived in the test before the retirement, and used behind it as whoever stole
// them would, with the module's own record and certificate in hand. The module was not heard of in between.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { encodeCard } from '../../src/protocol/derived-keys/card.ts';
import { confidentialContext, signInContext } from '../../src/protocol/derived-keys/context.ts';
import { answerToken, concealNumber } from '../../src/protocol/derived-keys/dea.ts';
import { decodeTicket, encodeTicket } from '../../src/protocol/derived-keys/sign-in.ts';
import { agreeAsModule, receiveKeys } from '../testing/agreed.ts';
import { grow, placeOf } from '../testing/module.ts';
import {
  type AgreedModule,
  askToken,
  bodyOf,
  derivedKeyOf,
  makeAgreedModule,
  makeCardDelivery,
  type TestToken,
} from '../testing/signed-in.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';

const CARD = { number: '4111111111111111', expiry: '2031-12', verification: '012', pin: null };

/** Derived keys of `watch` under the agreement that is in force, as a thief has them, by index. */
type Stolen = { readonly agreement: number; readonly derivedKeys: ReadonlyMap<number, Uint8Array> };

/** The one whose index is going to be retired, and another. */
const INDEXES = [3, 5] as const;

function steal(from: AgreedModule): Stolen {
  const derivedKeys = new Map(INDEXES.map((index) => [index, derivedKeyOf(from, 'watch', index)]));
  return { agreement: from.agreement.number, derivedKeys };
}

describe('MC-6: retired keys', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
  });
  afterAll(() => at.close());

  /** A card under a stolen key, beside a sign-in under it: what opens where the key is good. `agreement`: the number that the thief writes. */
  async function present(of: AgreedModule, token: TestToken, stolen: Stolen, index: number, agreement: number) {
    const { module } = of;
    const derivedKey = stolen.derivedKeys.get(index);
    if (derivedKey === undefined) throw new Error('not stolen');
    grow(module, 1);
    const pastHead = (token.counter > 0 ? module.heads[token.counter] : undefined) ?? new Uint8Array(32);
    const place = { device: module.device, epoch: module.epoch, ...placeOf(module), pastHead };
    const parties = { provider: at.provider.id, module: module.id, agreement };
    const tag = answerToken(derivedKey, token.token, signInContext({ ...parties, place }));
    const message = { ticket: token.ticket, agreement, ...place, tags: [{ reference: 'watch', index, tag }] };
    const context = confidentialContext({ ...parties, token: token.token });
    const nonce = new Uint8Array(12).fill(agreement);
    const concealed = concealNumber(derivedKey, { nonce, context, confidential: encodeCard(CARD) });
    return at.post('/confidential', { ...bodyOf(of, message), concealed: toBase64Url(concealed) });
  }

  /** Tries every stolen key under the old number and the new one, with a token from before the retirement and one of now. */
  async function tryAll(of: AgreedModule, before: TestToken, stolen: Stolen, newest: number): Promise<string[]> {
    const fresh = await at.post('/keys/token', { module: of.module.id });
    const tokens = fresh.status === 200 ? [before, await askToken(at, of)] : [before];
    const codes = new Set<string>();
    for (const token of tokens) {
      for (const index of INDEXES) {
        for (const agreement of new Set([stolen.agreement, newest])) {
          const answer = await present(of, token, stolen, index, agreement);
          expect(answer.status).not.toBe(200);
          codes.add(await codeOfResponse(answer));
        }
      }
    }
    return [...codes].sort();
  }

  it.each<[string, (set: string, module: string) => Promise<unknown>]>([
    ['an index', (set) => keys.retire(set, 'watch', null, { index: 3 })],
    ['an index of this module alone', (set, unit) => keys.retire(set, 'watch', null, { index: 3, unit })],
    ['the rule', (set) => keys.setRule(set, 'date', null)],
    ['the rule of this module alone', (set, unit) => keys.setRule(set, 'server', unit)],
    ['the series set', (set) => keys.addApp(set, { reference: 'watch', kind: 'series', count: 8 })],
    ['the master key', (set) => keys.addApp(set, { reference: 'master', kind: 'master', count: 0 })],
    ['every key', (set) => keys.renew(set)],
    ['the set', (set) => keys.retire(set, null, null)],
  ])('MC-6: after %s was retired no stolen key signs in or conceals anything, at once', async (what, retire) => {
    const set = what.replaceAll(' ', '-');
    const of = await makeAgreedModule(at, keys, set);
    const stolen = steal(of);
    expect((await present(of, await askToken(at, of), stolen, 3, 1)).status).toBe(200);
    const before = await askToken(at, of);
    await retire(set, of.module.id);
    expect(await codeOfResponse(await at.post('/keys/token', { module: of.module.id }))).toBe('keys/retired');
    expect(await tryAll(of, before, stolen, 2)).toEqual(['keys/retired']);
    if (what === 'the set') return;

    // The module comes again by P1, gets what it lacks, and signs in; the thief does not.
    const again = {
      ...of,
      keys: await receiveKeys(at, of.module, ['master', 'watch', 'wallet']),
      agreement: (await agreeAsModule(at, of.module)).agreement,
    };
    expect(again.agreement.number).toBe(2);
    expect(await tryAll(again, before, stolen, 2)).toEqual(['keys/refused', 'keys/retired']);
    expect((await at.post('/confidential', await makeCardDelivery(at, again, CARD))).status).toBe(200);
  });

  it('MC-6: a stolen series key and all its numbers give nothing without the master key, nor it without them', async () => {
    const of = await makeAgreedModule(at, keys, 'halves');
    const other = await makeAgreedModule(at, keys, 'other-halves');
    const half = (reference: string): AgreedModule => {
      const own = other.keys.get(reference);
      if (own === undefined) throw new Error('no key');
      return { ...of, keys: new Map([...of.keys, [reference, own]]) };
    };
    for (const reference of ['master', 'watch']) {
      const token = await askToken(at, of);
      for (const index of INDEXES)
        expect(await codeOfResponse(await present(of, token, steal(half(reference)), index, 1))).toBe('keys/refused');
    }
  });

  it('MC-6: a stolen key without the record cannot say where the record stands', async () => {
    const of = await makeAgreedModule(at, keys, 'no-record');
    expect((await present(of, await askToken(at, of), steal(of), 3, 1)).status).toBe(200);
    const { module } = of;
    const known = module.heads;
    module.heads = known.map(() => new Uint8Array(32).fill(5));
    const token = await askToken(at, of);
    expect(await codeOfResponse(await present(of, token, steal(of), 3, 1))).toBe('keys/contact');
    // Nor does a ticket of the thief's own making help, whose token nobody can make.
    const made = encodeTicket({ ...decodeTicket(token.ticket), counter: 0 });
    expect(await codeOfResponse(await present(of, { ...token, ticket: made }, steal(of), 3, 1))).toBe('keys/refused');
    module.heads = known;
  });
});
