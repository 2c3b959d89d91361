// Fig. 4 at the provider: MC-5. A wrong PIN is refused, counted though it is refused, and told from nothing else that is wrong.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodePinSignIn, encodePinSignIn, type PinSignIn } from '../../src/protocol/derived-keys/sign-in.ts';
import { enrolTestModule, makeContact } from '../testing/module.ts';
import { type AgreedModule, makeAgreedModule, makePinSignIn, makeSignIn } from '../testing/signed-in.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describe('MC-5: fig. 4', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
  });
  afterAll(() => at.close());

  const agreed = (rule: 'client' | 'server' | 'date' | 'counter' = 'client'): Promise<AgreedModule> =>
    makeAgreedModule(at, keys, `pins-${crypto.randomUUID().slice(0, 8)}`, rule);

  /** The application, or the code. */
  async function outcomeOf(response: Response): Promise<string> {
    if (response.status !== 200) return codeOfResponse(response);
    return JSON.stringify(await response.json());
  }
  const right = async (by: AgreedModule) => outcomeOf(await at.post('/keys/pin', await makePinSignIn(at, by)));
  const wrong = async (by: AgreedModule) => outcomeOf(await at.post('/keys/pin', await makePinSignIn(at, by, true)));
  const WALLET = JSON.stringify({ application: 'wallet' });

  it.each(['client', 'server', 'date', 'counter'] as const)(
    'MC-5: under the rule `%s` the right PIN says which application, a wrong one nothing',
    async (rule) => {
      const by = await agreed(rule);
      expect([await right(by), await wrong(by), await right(by)]).toEqual([WALLET, 'keys/refused', WALLET]);
    },
  );

  it('MC-5: takes ten wrong PINs in any day, whatever was right between them, then looks at none until the oldest is a day old', async () => {
    const by = await agreed();
    const start = at.clock.now;
    for (let time = 0; time < 10; time += 1) {
      at.clock.now = start + time * HOUR_MS;
      expect(await wrong(by)).toBe('keys/refused');
      if (time < 9) expect(await right(by)).toBe(WALLET);
    }
    expect([await right(by), await wrong(by)]).toEqual(['keys/too-many', 'keys/too-many']);
    at.clock.now = start + DAY_MS - 1;
    expect(await right(by)).toBe('keys/too-many');
    at.clock.now = start + DAY_MS;
    expect([await right(by), await wrong(by), await right(by)]).toEqual([WALLET, 'keys/refused', 'keys/too-many']);
    at.clock.now = start + DAY_MS + HOUR_MS;
    expect(await right(by)).toBe(WALLET);
  });

  it('MC-5: says for how long it looks at none', async () => {
    const by = await agreed();
    for (let time = 0; time < 10; time += 1) await wrong(by);
    at.clock.now += HOUR_MS;
    const refused = await at.post('/keys/pin', await makePinSignIn(at, by));
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, String(23 * 3_600)]);
  });

  it('MC-5: counts a wrong PIN once however often its request is sent, and never again for another request with it', async () => {
    const by = await agreed();
    const body = await makePinSignIn(at, by, true);
    const post = async (key: string) => codeOfResponse(await at.post('/keys/pin', body, key));
    for (let time = 0; time < 12; time += 1) expect(await post('the same')).toBe('keys/refused');
    expect(await post('another')).toBe('challenge/replayed');
    expect(await right(by)).toBe(WALLET);
    const listed = await keys.agreements(null);
    expect(listed.find(({ module }) => module === by.module.id)?.wrongPins).toBe(1);
  });

  it('MC-5: counts twenty wrong PINs that come at once as they came one by one', async () => {
    const by = await agreed();
    const bodies = [];
    for (let time = 0; time < 20; time += 1) bodies.push(await makePinSignIn(at, by, true));
    const codes = await Promise.all(bodies.map(async (body) => codeOfResponse(await at.post('/keys/pin', body))));
    expect(codes.filter((code) => code === 'keys/refused')).toHaveLength(10);
    expect(codes.filter((code) => code === 'keys/too-many')).toHaveLength(10);
  });

  it('MC-5: keeps the contact of a wrong PIN, so that the next one goes on behind it', async () => {
    const by = await agreed();
    expect(await wrong(by)).toBe('keys/refused');
    expect((await at.post('/keys/token', { module: by.module.id }).then((answer) => answer.json())).counter).toBe(
      by.module.heads.length - 1,
    );
  });

  it('MC-5: under the rule `counter` stays in step through a day of wrong PINs and beyond', async () => {
    const by = await agreed('counter');
    for (let time = 0; time < 25; time += 1) await wrong(by);
    at.clock.now += DAY_MS;
    expect(await right(by)).toBe(WALLET);
    const proven = await at.post('/papers', { ...(await makeSignIn(at, by)), sessions: ['0'.repeat(32)] });
    expect(await codeOfResponse(proven)).toBe('session/unknown');
  });

  it.each<[string, string, (message: PinSignIn) => Partial<PinSignIn>]>([
    ['another tag', 'keys/refused', ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, tag: new Uint8Array(16) })) })],
    ['an index that is none', 'keys/refused', ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, index: 4_000 })) })],
    ['no index', 'keys/refused', ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, index: null })) })],
    [
      'a set that no PIN chooses',
      'keys/refused',
      ({ tags }) => ({ tags: tags.map((tag) => ({ ...tag, reference: 'watch' })) }),
    ],
    [
      'a set more',
      'keys/refused',
      ({ tags }) => ({ tags: [...tags, { reference: 'x', index: 0, tag: new Uint8Array(16) }] }),
    ],
    ['another number', 'keys/retired', ({ agreement }) => ({ agreement: agreement + 1 })],
    ['a ticket that is none', 'challenge/malformed', () => ({ ticket: new Uint8Array(9) })],
  ])('MC-5: with %s is %s', async (_, code, change) => {
    const by = await agreed();
    const body = await makePinSignIn(at, by);
    const message = decodePinSignIn(fromBase64Url(body.pin));
    const altered = toBase64Url(encodePinSignIn({ ...message, ...change(message) }));
    expect(await codeOfResponse(await at.post('/keys/pin', { ...body, pin: altered }))).toBe(code);
    const { wrongPins } = (await keys.agreements(null)).find(({ module }) => module === by.module.id) ?? {};
    expect(wrongPins).toBe(code === 'keys/refused' ? 1 : 0);
  });

  it('MC-5: a PIN’s message with another module’s contact, or late, is no answer, and costs nobody a try', async () => {
    const by = await agreed();
    const other = await agreed();
    const { pin } = await makePinSignIn(at, by, true);
    const post = async (of: AgreedModule) =>
      codeOfResponse(await at.post('/keys/pin', { ...(await makeContact(at, of.module)), pin }));
    expect(await post(other)).toBe('challenge/malformed');
    at.clock.now += 60_000;
    expect(await post(by)).toBe('challenge/expired');
    const counts = (await keys.agreements(null)).filter(({ module }) =>
      [by, other].some((of) => of.module.id === module),
    );
    expect(counts.map(({ wrongPins }) => wrongPins)).toEqual([0, 0]);
  });

  it('MC-5: is refused for a module that agreed on nothing', async () => {
    const by = await agreed();
    const stranger = await enrolTestModule(at);
    const { pin } = await makePinSignIn(at, by);
    const body = { ...(await makeContact(at, stranger)), pin };
    expect(await codeOfResponse(await at.post('/keys/pin', body))).toBe('challenge/malformed');
  });

  it('MC-5: with one wrong try after another, all PINs of four digits take 999 days', async () => {
    const by = await agreed();
    const start = at.clock.now;
    const tryAsFast = async (wanted: number): Promise<number> => {
      for (let tried = 0; tried < wanted; ) {
        const answer = await at.post('/keys/pin', await makePinSignIn(at, by, true));
        const waitSeconds = answer.headers.get('Retry-After');
        if (waitSeconds === null) tried += 1;
        else at.clock.now += 1_000 * Number(waitSeconds);
      }
      return at.clock.now - start;
    };
    // Ten in the first moment, and each further ten a day later: 10 000 are 999 days behind the first.
    const [ten, forty] = [await tryAsFast(10), await tryAsFast(30)];
    expect([ten, forty]).toEqual([0, 3 * DAY_MS]);
    const days = (10_000 / 10 - 1) * ((forty - ten) / 3 / DAY_MS);
    expect(days).toBe(999);
  });
});
