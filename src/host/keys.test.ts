// The errands of a module's keys, cut and done again, from two tabs, and with a provider that answers anything. What is typed in the module's own
// surface is not here: only that what comes out of it is carried, and nothing else.

import { describe, expect, it } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import type { CommandName } from '../worker-module/commands.ts';
import { HOST_LIMITS } from './limits.ts';
import { HELD, KEY_PROVIDER, NAMED, scriptedKeys } from './testing/scripted-keys.ts';
import { NOW_MS, STATUS, scripted } from './testing/scripted-relay.ts';

const signal = new AbortController().signal;
const P1 = ['/api/v1/challenges', 'answerChallenge'];
const CONTACT = ['status', ...P1];
type Told = Parameters<typeof scripted>;

/** A page over both ends that has noted nothing of keys yet. */
function page(ends = scriptedKeys(), refusals: Told[1] = {}, bodies: Told[3] = {}, answers: Told[0] = {}) {
  const made = scripted({ ...ends.answers, ...answers }, refusals, NOW_MS, { ...ends.bodies, ...bodies });
  made.notes.delete('keys');
  const fetchKeys = async () => (await made.relay.keys()).fetchKeys(signal);
  const requests = () => made.trace.filter((name) => name.startsWith('/api/v1/keys'));
  return { ...made, ...ends, fetchKeys, requests };
}

/** A page of a module that has its keys, and an agreement. */
async function heldPage(...told: Parameters<typeof page>) {
  const ends = told[0] ?? scriptedKeys();
  await page(ends).fetchKeys();
  const made = page(ends, told[1], told[2], told[3]);
  made.notes.set('keys', HELD);
  return made;
}

describe('keys by download', () => {
  it('SD-1, SD-5, MC-3: come with the transport key, the agreement, the keys that it names, and its acceptance', async () => {
    const { fetchKeys, trace, slots, notes } = page();
    expect(await fetchKeys()).toEqual({ imported: ['master', 'watch'], agreement: 1 });
    expect(trace).toEqual([
      ...[...CONTACT, '/api/v1/keys/transport', 'acceptTransportKey'],
      ...[...CONTACT, '/api/v1/keys/agreement', 'drawKeyRequests'],
      ...[...CONTACT, '/api/v1/keys/export', 'importKey', 'importKey', 'acceptAgreement'],
      ...[...CONTACT, '/api/v1/keys/acceptance', 'keys'],
    ]);
    // The one that a PIN chooses comes with its PIN.
    expect([...slots]).toEqual([
      ['master', 1],
      ['watch', 1],
    ]);
    expect(notes.get('keys')).toBe(HELD);
  });

  it('SD-5: a second time get what is missing and nothing else', async () => {
    const ends = scriptedKeys();
    await page(ends).fetchKeys();
    const again = page(ends);
    again.notes.set('keys', HELD);
    expect(await again.fetchKeys()).toEqual({ imported: [], agreement: 1 });
    expect(again.requests()).toEqual(['/api/v1/keys/agreement', '/api/v1/keys/acceptance']);
    ends.provider.named = NAMED.map((key) => (key.reference === 'watch' ? { ...key, version: 2 } : key));
    ends.provider.number = 2;
    expect(await again.fetchKeys()).toEqual({ imported: ['watch'], agreement: 2 });
    expect(ends.slots.get('watch')).toBe(2);
  });

  it('SD-5: are whole after a second attempt, wherever the first was cut', async () => {
    const whole = page();
    await whole.fetchKeys();
    for (let cut = 0; cut < whole.trace.length; cut += 1) {
      const ends = scriptedKeys();
      const first = page(ends, {}, cutBodies(ends, cut), cutAnswers(ends, cut));
      // A name is spoken before it is answered: the answer that is lost is the one of the last name.
      await expect(first.fetchKeys(), `cut at ${whole.trace[cut]}`).rejects.toThrow();
      const again = page(ends);
      const noted = first.notes.get('keys');
      if (noted !== undefined) again.notes.set('keys', noted);
      expect((await again.fetchKeys()).agreement).toBe(1);
      expect([ends.slots.get('master'), ends.slots.get('watch'), ends.module.agreement]).toEqual([1, 1, 1]);

      /** The module does what it is told, and its answer is lost. */
      function cutAnswers({ answers }: typeof ends, at: number): Told[0] {
        const lost = (name: CommandName, does: unknown) => (argument: unknown, time: number) => {
          const value = typeof does === 'function' ? does(argument, time) : does;
          return first.trace.length - 1 === at && first.trace.at(-1) === name ? new FareboxError('module/dead') : value;
        };
        const all: [CommandName, unknown][] = [...entriesOf(answers), ['status', STATUS]];
        return Object.fromEntries(all.map(([name, does]) => [name, lost(name, does)]));
      }
      /** The provider does what it is asked, and its answer comes broken. */
      function cutBodies({ bodies }: typeof ends, at: number): Told[3] {
        const usual = {
          '/api/v1/challenges': () => ({ challenge: 'Bw', providerCertificate: 'Bw' }),
          '/api/v1/keys/transport': () => ({ transportKey: 'Bw', providerCertificate: 'Bw' }),
        };
        const all = { ...usual, ...bodies };
        return Object.fromEntries(
          Object.entries(all).map(([path, does]) => [
            path,
            (body: unknown) => (first.trace.length - 1 === at ? { broken: true } : does(body)),
          ]),
        );
      }
    }
  });

  it('SD-5: are fetched once for all who ask at once, and two tabs do each other no harm', async () => {
    const ends = scriptedKeys();
    const one = page(ends);
    await Promise.all([one.fetchKeys(), one.fetchKeys()]);
    expect(one.requests()).toHaveLength(4);
    const fresh = scriptedKeys();
    const [left, right] = [page(fresh), page(fresh)];
    await Promise.all([left.fetchKeys(), right.fetchKeys()]);
    expect([...fresh.slots.values(), fresh.module.agreement]).toEqual([1, 1, 1]);
    expect([left.notes.get('keys'), right.notes.get('keys')]).toEqual([HELD, HELD]);
  });

  it('SD-4: leave a newer one that another tab has brought', async () => {
    const older = () => new FareboxError('keys/old-reference');
    const { fetchKeys } = page(scriptedKeys(), {}, {}, { importKey: older });
    expect((await fetchKeys()).agreement).toBe(1);
  });

  it.each(['keys/retired', 'keys/unknown-slot', 'keys/no-such-key', 'keys/replayed', 'keys/certificate'])(
    'MC-5: begin from the transport key where something was changed in between (%s), and not for ever',
    async (code) => {
      const once = await heldPage(undefined, { '/api/v1/keys/acceptance': [code] });
      expect((await once.fetchKeys()).agreement).toBe(1);
      expect(once.requests().filter((path) => path.endsWith('transport'))).toHaveLength(1);
      const always = page(scriptedKeys(), { '/api/v1/keys/acceptance': code });
      await expect(always.fetchKeys()).rejects.toMatchObject({ code });
      expect(always.requests().filter((path) => path.endsWith('acceptance'))).toHaveLength(HOST_LIMITS.keyRounds);
    },
  );

  it('SD-4: are refused with the code that the provider names for one of them', async () => {
    const answers = { answers: [{ error: 'keys/other-unit' }, { error: 'keys/other-unit' }] };
    const { fetchKeys, trace } = page(scriptedKeys(), {}, { '/api/v1/keys/export': answers });
    await expect(fetchKeys()).rejects.toMatchObject({ code: 'keys/other-unit' });
    expect(trace).not.toContain('importKey');
  });

  it('SD-4: of one provider with the agreement of another are no agreement', async () => {
    const accepted = { acceptAgreement: () => ({ acceptance: Uint8Array.of(7) }) };
    const { fetchKeys, notes } = page(scriptedKeys(), {}, {}, accepted);
    await expect(fetchKeys()).rejects.toMatchObject({ code: 'keys/malformed' });
    expect(notes.get('keys')).not.toContain('held');
  });
});

describe('keys that nobody asked for', () => {
  it('SD-1: come when the page catches up, once', async () => {
    const { relay, requests } = page(scriptedKeys(), {}, {}, { receipts: [] });
    expect(await relay.catchUp(signal)).toEqual([]);
    expect(requests()).toHaveLength(4);
    await relay.catchUp(signal);
    expect(requests()).toHaveLength(4);
  });

  it('SD-1: that the provider has none of are told to nobody, and asked for again a day later', async () => {
    let nowMs = NOW_MS;
    const refusals = { '/api/v1/keys/transport': 'keys/unknown-unit' };
    const { relay, notes, trace } = scripted({ ...scriptedKeys().answers, receipts: [] }, refusals, () => nowMs);
    notes.delete('keys');
    const asked = () => trace.filter((name) => name === '/api/v1/keys/transport').length;
    expect(await relay.catchUp(signal)).toEqual([]);
    nowMs += HOST_LIMITS.keysEveryMs - 1;
    await relay.catchUp(signal);
    expect(asked()).toBe(1);
    nowMs += 1;
    await relay.catchUp(signal);
    expect(asked()).toBe(2);
    // Whoever presses is told, at once.
    await expect((await relay.keys()).fetchKeys(signal)).rejects.toMatchObject({ code: 'keys/unknown-unit' });
    expect(asked()).toBe(3);
  });

  it.each([
    ['has no number yet', { certificate: null, moduleId: null }],
    ['is locked', { lock: 'locked' as const }],
    ['is known to be an older copy', { standing: 'regress' as const }],
    ['was replaced by another device', { standing: 'superseded' as const }],
  ])('SD-1: are not asked for by a module that %s', async (_which, change) => {
    const { relay, requests } = page(scriptedKeys(), {}, {}, { receipts: [], status: { ...STATUS, ...change } });
    await relay.catchUp(signal);
    expect(requests()).toEqual([]);
  });
});

describe('a PIN', () => {
  it('MC-5: is chosen for a key that was asked for anew, in one command of the module', async () => {
    const { relay, trace, slots } = await heldPage();
    const slot = await (await relay.keys()).choosePin('wallet', signal);
    expect(slot).toMatchObject({ reference: 'wallet', version: 1 });
    expect(trace).toEqual(['keys', 'drawKeyRequests', ...CONTACT, '/api/v1/keys/export', 'choosePin']);
    expect(slots.get('wallet')).toBe(1);
  });

  it('MC-5: that the person does not choose leaves everything as it was', async () => {
    const refused = () => new FareboxError('consent/refused');
    const { relay, slots } = await heldPage(undefined, {}, {}, { choosePin: refused });
    await expect((await relay.keys()).choosePin('wallet', signal)).rejects.toMatchObject({ code: 'consent/refused' });
    expect(slots.has('wallet')).toBe(false);
  });

  it('MC-5: opens what the provider says, in a contact by P1 that is made after the person has typed it', async () => {
    const { relay, trace, asked } = await heldPage();
    expect(await (await relay.keys()).signInWithPin(signal)).toEqual({ application: 'wallet' });
    expect(trace).toEqual([
      ...['status', 'keys', '/api/v1/keys/token', 'signInWithPin'],
      ...[...CONTACT, '/api/v1/keys/pin'],
    ]);
    expect(asked.at(-1)?.body).toEqual({ response: 'Bw', certificate: 'Bw', pin: 'Bw' });
  });

  it.each(['keys/refused', 'keys/too-many'])('MC-5: is tried once where the provider says %s', async (code) => {
    const { relay, trace, notes } = await heldPage(undefined, { '/api/v1/keys/pin': code });
    await expect((await relay.keys()).signInWithPin(signal)).rejects.toMatchObject({ code });
    expect(trace.filter((name) => name === 'signInWithPin')).toHaveLength(1);
    expect(notes.get('keys')).toBe(HELD);
  });

  it('MC-5: is asked for under the agreement that holds: what was retired is fetched before', async () => {
    const ends = scriptedKeys();
    const { relay, trace } = await heldPage(ends);
    ends.provider.number = 2;
    expect(await (await relay.keys()).signInWithPin(signal)).toEqual({ application: 'wallet' });
    expect(trace.indexOf('acceptAgreement')).toBeLessThan(trace.indexOf('signInWithPin'));
    expect(trace.filter((name) => name === 'signInWithPin')).toHaveLength(1);
    const refused = await heldPage(undefined, { '/api/v1/keys/token': ['keys/retired'] });
    expect(await (await refused.relay.keys()).signInWithPin(signal)).toEqual({ application: 'wallet' });
  });

  it('MC-4, MC-5: that took longer to type than a token is good for is answered to the next one, once', async () => {
    const late = (times: number, value: object) => (_argument: unknown, time: number) =>
      time < times ? new FareboxError('challenge/expired') : value;
    const slow = await heldPage(undefined, {}, {}, { signInWithPin: late(1, { pin: Uint8Array.of(8) }) });
    expect(await (await slow.relay.keys()).signInWithPin(signal)).toEqual({ application: 'wallet' });
    expect(slow.trace.filter((name) => name === '/api/v1/keys/token')).toHaveLength(2);
    expect(slow.asked.at(-1)?.body).toMatchObject({ pin: 'CA' });
    const card = { response: Uint8Array.of(7), certificate: Uint8Array.of(7), concealed: Uint8Array.of(8) };
    const slower = await heldPage(undefined, {}, {}, { giveCard: late(2, card) });
    await expect((await slower.relay.keys()).giveCard(signal)).rejects.toMatchObject({ code: 'challenge/expired' });
    expect(slower.trace.filter((name) => name === 'giveCard')).toHaveLength(2);
  });

  it('MC-5: of a terminal that has no keys yet has them fetched first', async () => {
    const { relay, slots } = page();
    await (await relay.keys()).choosePin('wallet', signal);
    expect([...slots.keys()]).toEqual(['master', 'watch', 'wallet']);
  });
});

describe('a card', () => {
  it('MC-4: goes to the provider as the module has concealed it, with the contact that it was made for', async () => {
    const { relay, trace, asked } = await heldPage();
    expect(await (await relay.keys()).giveCard(signal)).toEqual({ last4: '4242', expiry: '2027-08' });
    expect(trace).toEqual(['status', 'keys', '/api/v1/keys/token', 'giveCard', '/api/v1/confidential']);
    expect(asked.at(-1)?.body).toEqual({ response: 'Bw', certificate: 'Bw', concealed: 'Bw' });
  });

  it('MC-4: that does not open at the provider is told, and not sent in any other way; what did not fit is agreed anew', async () => {
    const { relay, trace, provider, module } = await heldPage(undefined, { '/api/v1/confidential': ['keys/refused'] });
    provider.number = 2;
    await expect((await relay.keys()).giveCard(signal)).rejects.toMatchObject({ code: 'keys/refused' });
    expect(trace.filter((name) => name === '/api/v1/confidential')).toHaveLength(1);
    expect(trace.filter((name) => name === '/api/v1/keys/transport')).toHaveLength(1);
    expect(module.agreement).toBe(2);
    expect(await (await relay.keys()).giveCard(signal)).toMatchObject({ last4: '4242' });
  });

  it('MC-4: is taken back by P1', async () => {
    const { relay, trace } = await heldPage();
    await (await relay.keys()).removeCard(signal);
    expect(trace).toEqual([...CONTACT, '/api/v1/confidential/removal']);
  });
});

describe('answers on keys', () => {
  const key = { reference: 'watch', version: 1, pin: false };
  const agreement = { agreement: 'Bw', providerCertificate: 'Bw' };
  const exported = { sealedKey: 'Bw', slot: 'watch/1', signature: 'Bw', certificate: 'Bw' };
  it.each<[string, string, object]>([
    ['no list of keys', 'agreement', agreement],
    ['more keys than an agreement names', 'agreement', { ...agreement, keys: many(10) }],
    ['a key twice', 'agreement', { ...agreement, keys: [key, key] }],
    ['a name that is none', 'agreement', { ...agreement, keys: [{ ...key, reference: '../x' }] }],
    ['a version of 0', 'agreement', { ...agreement, keys: [{ ...key, version: 0 }] }],
    ['a version beyond all', 'agreement', { ...agreement, keys: [{ ...key, version: 65_536 }] }],
    ['nothing about a PIN', 'agreement', { ...agreement, keys: [{ ...key, pin: 'no' }] }],
    ['no bytes', 'agreement', { ...agreement, agreement: '%', keys: [key] }],
    ['too few answers', 'export', { answers: [exported] }],
    ['too many answers', 'export', { answers: [exported, exported, exported] }],
    ['an error that is none', 'export', { answers: [exported, { error: 'keys/what' }] }],
    ['a slot of any length', 'export', { answers: [exported, { ...exported, slot: 'a'.repeat(39) }] }],
    ['no signature', 'export', { answers: [exported, { ...exported, signature: 5 }] }],
    ['no number', 'acceptance', { number: '1' }],
    ['an answer without end', 'transport', { transportKey: 'A'.repeat(70_000), providerCertificate: 'Bw' }],
  ])('SD-4: with %s are refused, and the module is given nothing of them', async (_what, path, body) => {
    const { fetchKeys, slots, notes } = page(scriptedKeys(), {}, { [`/api/v1/keys/${path}`]: body });
    await expect(fetchKeys()).rejects.toMatchObject({ code: 'network/wrong-content' });
    expect(path === 'acceptance' ? 2 : 0).toBe(slots.size);
    expect(notes.get('keys') ?? '').not.toContain(KEY_PROVIDER);
  });

  const token = { ticket: 'Bw', token: 'A'.repeat(43), counter: 0, agreement: 1 };
  it.each<[string, string, object]>([
    ['a short token', 'keys/token', { ...token, token: 'Bw' }],
    ['a ticket without end', 'keys/token', { ...token, ticket: 'A'.repeat(3_000) }],
    ['an index below all', 'keys/token', { ...token, index: -1 }],
    ['a counter that is none', 'keys/token', { ...token, counter: 1.5 }],
    ['an application that is none', 'keys/pin', { application: 'javascript:1' }],
  ])('MC-5: with %s are refused', async (_what, path, body) => {
    const { relay } = await heldPage(undefined, {}, { [`/api/v1/${path}`]: body });
    await expect((await relay.keys()).signInWithPin(signal)).rejects.toMatchObject({ code: 'network/wrong-content' });
  });

  it.each([{ last4: '42424', expiry: '2027-08' }, { last4: '4242', expiry: '2027-13' }, { last4: '4242' }, 'none'])(
    'MC-4: with a card that is none are refused: %j',
    async (card) => {
      const { relay } = await heldPage(undefined, {}, { '/api/v1/confidential': { card } });
      await expect((await relay.keys()).giveCard(signal)).rejects.toMatchObject({ code: 'network/wrong-content' });
    },
  );

  function many(length: number): object[] {
    return Array.from({ length }, (_, place) => ({ ...key, reference: `set-${place}` }));
  }
});

function entriesOf(answers: object): [CommandName, unknown][] {
  return Object.entries(answers).map(([name, does]) => [name as CommandName, does]);
}
