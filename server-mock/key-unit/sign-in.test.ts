// Fig. 2 at the provider: MC-3. Each rule signs in; each bit and each member of a message altered is refused by its code, one at a time; nothing
// of a copy, an older agreement or another route gets through.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { encodeSignIn, type SignInMessage } from '../../src/protocol/derived-keys/sign-in.ts';
import { runs } from '../../src/protocol/testing/runs.ts';
import { distrust, trust } from '../agency/untrusted.ts';
import { proveModule } from '../contacts/prove.ts';
import { acceptanceOf, agreeAsModule, receiveAgreement, sendAcceptance } from '../testing/agreed.ts';
import {
  beginEpoch,
  type ContactBody,
  cloneTestModule,
  enrol,
  enrolTestModule,
  grow,
  makeContact,
  placeOf,
} from '../testing/module.ts';
import {
  type AgreedModule,
  agreeOn,
  askToken,
  bodyOf,
  draftSignIn,
  makeAgreedModule,
  makeSignIn,
  nextSignIn,
  type SignInChange,
  sendSignIn,
} from '../testing/signed-in.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';
import { signInsOf } from './sign-in.ts';

const DAY_MS = 86_400_000;

describe('MC-3: fig. 2', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  let agreed: AgreedModule;
  let other: AgreedModule;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
    agreed = await makeAgreedModule(at, keys, 'north');
    other = await makeAgreedModule(at, keys, 'south');
  });
  afterAll(() => at.close());

  const send = (body: ContactBody) => sendSignIn(at, body);
  const sendMessage = (by: AgreedModule, message: SignInMessage) => send(bodyOf(by, message));

  it.each(['client', 'server', 'date', 'counter'] as const)(
    'MC-3: under the rule `%s` a module signs in, again and again, each message once',
    async (rule) => {
      const by = await makeAgreedModule(at, keys, `rule-${rule}`, rule);
      for (let time = 0; time < 12; time += 1) {
        const body = await makeSignIn(at, by);
        expect(await send(body)).toBe('good');
        expect(await send(body)).toBe('challenge/replayed');
      }
    },
  );

  it('MC-3: of one message that comes twice at once, and of two that name one place, one is good', async () => {
    const token = await askToken(at, agreed);
    const message = nextSignIn(at, agreed, token);
    const again = draftSignIn(at, agreed, token);
    for (const pair of [
      [message, message],
      [nextSignIn(at, agreed, token), again],
    ] as const) {
      const codes = await Promise.all(pair.map((each) => sendMessage(agreed, each)));
      expect(codes.sort()).toEqual(['challenge/replayed', 'good']);
    }
  });

  it('MC-3: makes the next contact, of either kind, begin where it ended', async () => {
    expect(await send(await makeSignIn(at, agreed))).toBe('good');
    const { counter } = placeOf(agreed.module);
    expect((await askToken(at, agreed)).counter).toBe(counter);
    expect(await send(await makeContact(at, agreed.module))).toBe('good');
    expect(await send(await makeSignIn(at, agreed))).toBe('good');
  });

  it('MC-3: every bit of a message that is altered has it refused, and the message as it was is taken then', async () => {
    const whole = encodeSignIn(nextSignIn(at, agreed, await askToken(at, agreed)));
    const certificate = toBase64Url(agreed.module.certificate);
    const codes = new Map<string, number>();
    // Every seventh bit meets each byte; a torture takes them all.
    for (let bit = 0; bit < 8 * whole.length; bit += runs(1) > 1 ? 1 : 7) {
      const altered = Uint8Array.from(whole);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const code = await send({ response: toBase64Url(altered), certificate });
      codes.set(code, 1 + (codes.get(code) ?? 0));
    }
    const refusals = ['challenge/expired', 'challenge/malformed', 'keys/refused', 'keys/retired'];
    expect([...codes.keys()].filter((code) => !refusals.includes(code))).toEqual([]);
    expect(codes.get('keys/refused')).toBeGreaterThan(whole.length / 8);
    expect(await send({ response: toBase64Url(whole), certificate })).toBe('good');
  });

  it.each<[string, string, (message: SignInMessage) => Partial<SignInMessage>]>([
    ['another tag', 'keys/refused', ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, tag: new Uint8Array(16) })) })],
    [
      'another index',
      'keys/refused',
      ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, index: 1 - Math.min(1, tag.index ?? 0) })) }),
    ],
    ['an index beyond the set', 'keys/refused', ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, index: 8 })) })],
    ['no index', 'keys/refused', ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, index: null })) })],
    ['another set', 'keys/refused', ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, reference: 'wallet' })) })],
    [
      'a set that is none',
      'keys/refused',
      ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, reference: 'none' })) }),
    ],
    [
      'a set more',
      'keys/refused',
      ({ tags }) => ({ tags: [...tags, { reference: 'x', index: 0, tag: new Uint8Array(16) }] }),
    ],
    ['an older number', 'keys/retired', ({ agreement }) => ({ agreement: agreement - 1 })],
    ['a later number', 'keys/retired', ({ agreement }) => ({ agreement: agreement + 1 })],
    ['another epoch', 'challenge/malformed', ({ epoch }) => ({ epoch: epoch + 1 })],
    ['another device', 'challenge/malformed', () => ({ device: new Uint8Array(16).fill(1) })],
    ['a later counter', 'keys/refused', ({ counter }) => ({ counter: counter + 1 })],
    ['another head', 'keys/refused', () => ({ head: new Uint8Array(32).fill(2) })],
    ['another past head', 'keys/refused', () => ({ pastHead: new Uint8Array(32).fill(3) })],
    ['a ticket that is none', 'challenge/malformed', () => ({ ticket: new Uint8Array(120) })],
  ])('MC-3: with %s behind its tags is %s', async (_, code, change) => {
    const message = nextSignIn(at, agreed, await askToken(at, agreed));
    expect(await sendMessage(agreed, { ...message, ...change(message) })).toBe(code);
    expect(await sendMessage(agreed, message)).toBe('good');
  });

  it.each<[string, string, SignInChange]>([
    ['for a later agreement', 'keys/retired', { agreement: 2 }],
    ['for a set that a PIN chooses', 'keys/refused', { references: ['wallet'] }],
    ['for both sets', 'keys/refused', { references: ['wallet', 'watch'] }],
    ['from a head that was never met', 'keys/contact', { pastHead: new Uint8Array(32).fill(9) }],
    ['from a counter behind', 'keys/contact', { counter: 1 }],
  ])('MC-3: tags that are made %s are %s', async (_, code, change) => {
    const token = await askToken(at, agreed);
    grow(agreed.module, 1);
    expect(await sendMessage(agreed, draftSignIn(at, agreed, token, change))).toBe(code);
  });

  it('MC-3: what one module answers opens nothing for another, with whose ticket and certificate ever', async () => {
    const mine = await askToken(at, agreed);
    const theirs = await askToken(at, other);
    const message = nextSignIn(at, agreed, mine);
    expect(await sendMessage(other, message)).toBe('challenge/malformed');
    expect(await sendMessage(agreed, { ...message, ticket: theirs.ticket })).toBe('challenge/malformed');
    const life = { device: other.module.device, epoch: other.module.epoch };
    expect(await sendMessage(other, { ...message, ...life, ticket: theirs.ticket })).toBe('keys/refused');
    expect(await sendMessage(agreed, draftSignIn(at, agreed, { ...mine, token: theirs.token }))).toBe('keys/refused');
  });

  it('MC-3: is taken to the last millisecond of its minute, and not after it', async () => {
    const token = await askToken(at, agreed);
    const first = nextSignIn(at, agreed, token);
    const start = at.clock.now;
    at.clock.now = start + 60_000;
    expect(await sendMessage(agreed, first)).toBe('challenge/expired');
    at.clock.now = start + 59_999;
    expect(await sendMessage(agreed, first)).toBe('good');
  });

  it('MC-3: is refused while the module is on the untrusted list, and where its certificate has run out', async () => {
    const body = await makeSignIn(at, agreed);
    const { queries } = at.provider.database;
    await distrust(queries, agreed.module.id, at.clock.now);
    expect(await send(body)).toBe('certificate/untrusted');
    await trust(queries, agreed.module.id);
    expect(await send(body)).toBe('good');
    const late = await openTestProvider();
    try {
      const by = await makeAgreedModule(late, directKeys(late.provider), 'late');
      late.clock.now += 366 * DAY_MS;
      const proving = proveModule(late.provider, await makeSignIn(late, by), { signIn: signInsOf(late.provider) });
      await expect(proving).rejects.toThrow('certificate/expired');
    } finally {
      await late.close();
    }
  });

  it('MC-3: is refused with a certificate that the agreement was not accepted with, until it is accepted with that one', async () => {
    const by = await makeAgreedModule(at, keys, 'renewed');
    at.clock.now += 200 * DAY_MS;
    const before = toBase64Url(by.module.certificate);
    await enrol(at, by.module);
    expect(toBase64Url(by.module.certificate)).not.toBe(before);
    expect(await send(await makeSignIn(at, by))).toBe('keys/retired');
    const { agreement } = await receiveAgreement(at, by.module);
    expect(agreement.number).toBe(1);
    await sendAcceptance(at, by.module, await acceptanceOf(at, by.module, agreement));
    expect(await send(await makeSignIn(at, by))).toBe('good');
  });

  it('MC-3: is not asked of a module that has not accepted, or has no agreement, or is none', async () => {
    const by = await enrolTestModule(at);
    const ask = async (module: string) => codeOfResponse(await at.post('/keys/token', { module }));
    expect(await ask(by.id)).toBe('keys/retired');
    expect(await ask('0'.repeat(32))).toBe('keys/retired');
    await keys.addUnits('north', [by.id]);
    await receiveAgreement(at, by);
    expect(await ask(by.id)).toBe('keys/retired');
  });

  it('MC-3: keeps nothing of a token: two for one request differ, and neither leaves a row', async () => {
    const count = async () => {
      const tables = ['challenges', 'idempotent_answers', 'client_blocks', 'modules', 'rate_windows', 'wrong_pins'];
      const counted = tables.map((table) => `(select count(*) from ${table})`).join(' + ');
      return JSON.stringify(await at.provider.database.queries.execute(`select ${counted} as rows`));
    };
    const before = await count();
    const ask = async () => (await at.post('/keys/token', { module: agreed.module.id }, 'once')).text();
    const [first, second] = [await ask(), await ask()];
    expect(first).not.toBe(second);
    expect(await count()).toBe(before);
    expect(await sendMessage(agreed, nextSignIn(at, agreed, await askToken(at, agreed)))).toBe('good');
  });

  it('MC-3: a ticket tells nobody the head of a record', async () => {
    const { head } = placeOf(agreed.module);
    const { ticket } = await askToken(at, agreed);
    expect(Buffer.from(ticket).includes(Buffer.from(head))).toBe(false);
    const first = await askToken(at, agreed);
    // Nor does a message go through that shows what the ticket has in place of it.
    const shown = first.ticket.subarray(first.ticket.length - 17 - 1 - 32, first.ticket.length - 17 - 1);
    grow(agreed.module, 1);
    expect(await sendMessage(agreed, draftSignIn(at, agreed, first, { pastHead: shown }))).toBe('keys/contact');
  });

  describe('MC-3: a copy', () => {
    it('behind the original is sent to P1, which raises the alarm; no sign-in does', async () => {
      const by = await makeAgreedModule(at, keys, 'copied');
      const copy: AgreedModule = { ...by, module: cloneTestModule(by.module) };
      expect(await send(await makeSignIn(at, by))).toBe('good');
      const listed = async () =>
        JSON.stringify(await at.provider.database.queries.execute('select count(*) as rows from alarms'));
      const before = await listed();
      for (const steps of [0, 3]) {
        grow(copy.module, steps);
        expect(await send(await makeSignIn(at, copy))).toBe('keys/contact');
      }
      expect(await listed()).toBe(before);
      const body = { ...(await makeContact(at, copy.module)), sessions: ['0'.repeat(32)] };
      expect(await codeOfResponse(await at.post('/papers', body))).toBe('record/fork');
      expect(await listed()).not.toBe(before);
      expect(await send(await makeSignIn(at, by))).toBe('good');
    });

    it('that went on in another epoch leaves the original nothing to sign in with', async () => {
      const by = await makeAgreedModule(at, keys, 'restored');
      const copy: AgreedModule = { ...by, module: cloneTestModule(by.module) };
      const body = await makeSignIn(at, copy);
      await beginEpoch(at, by.module);
      expect(await send(body)).toBe('keys/retired');
      expect(await codeOfResponse(await at.post('/keys/token', { module: by.module.id }))).toBe('keys/retired');
      const again = { ...by, agreement: (await agreeAsModule(at, by.module)).agreement };
      expect(again.agreement.number).toBe(2);
      expect(await send(await makeSignIn(at, again))).toBe('good');
    });
  });

  it('MC-3: stands where the protocol says, and on every other route it is no answer to a challenge', async () => {
    const by = await agreeOn(at, agreed.module);
    const none = '0'.repeat(32);
    const refused = async (path: string, more: object) =>
      codeOfResponse(await at.post(path, { ...(await makeSignIn(at, by)), ...more }));
    expect(await refused('/papers', { sessions: [none] })).toBe('session/unknown');
    expect(await refused('/sessions', { programme: none, from: 0, mode: 'display' })).toBe('programme/unknown');
    expect(await refused('/receipts', { receiptFile: 'AA' })).toBe('receipt/malformed');
    expect(await refused('/claims', { claim: 'AA', receiptFile: 'AA' })).toBe('receipt/malformed');
    expect(await refused('/confidential', { concealed: 'AA' })).toBe('keys/refused');
    const kept = await at.post('/backups', { ...(await makeSignIn(at, by)), locator: none, backup: 'AA' });
    expect(kept.status).toBe(200);
    for (const [path, more] of [
      ['/standings', {}],
      ['/keys/transport', {}],
      ['/keys/agreement', {}],
      ['/keys/acceptance', { acceptance: 'AA' }],
      ['/keys/export', { keys: [{ reference: 'watch', random: none }] }],
      ['/keys/pin', { pin: 'AA' }],
      ['/confidential/removal', {}],
    ] as const)
      expect([path, await refused(path, more)]).toEqual([path, 'challenge/malformed']);
  });

  it('MC-3: the rule `date` takes the days around midnight, and no other', async () => {
    const by = await makeAgreedModule(at, keys, 'midnight', 'date');
    const midnight = Math.ceil(at.clock.now / DAY_MS) * DAY_MS;
    for (const [ahead, code] of [
      [-240_000, 'good'],
      [240_000, 'good'],
      [-DAY_MS - 1, 'keys/refused'],
      [DAY_MS, 'keys/refused'],
    ] as const) {
      at.clock.now = midnight;
      const token = await askToken(at, by);
      at.clock.now = midnight + ahead;
      const message = nextSignIn(at, by, token);
      at.clock.now = midnight;
      expect(await sendMessage(by, message)).toBe(code);
    }
  });

  it('MC-3: the rule `counter` takes the next sixteen counts, and none that is over', async () => {
    const by = await makeAgreedModule(at, keys, 'counting', 'counter');
    by.count = 15;
    const first = await makeSignIn(at, by);
    expect(await send(first)).toBe('good');
    by.count = 9;
    expect(await send(await makeSignIn(at, by))).toBe('good');
  });
});
