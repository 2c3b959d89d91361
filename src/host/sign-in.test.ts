// Contacts by the module's keys in place of P1: where they are made, where they are not, and that whatever refuses one is not seen by the person.

import { describe, expect, it } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import { agreedProvider } from './errands/key-note.ts';
import { HELD, KEY_PROVIDER, scriptedKeys } from './testing/scripted-keys.ts';
import { BYTES, NOW_MS, OPEN_SESSION, RECEIPT, SESSION, START, STATUS, scripted } from './testing/scripted-relay.ts';

const signal = new AbortController().signal;
const ANSWERS = {
  sessions: [],
  receipts: [],
  openSession: OPEN_SESSION,
  closeSession: { receiptFile: BYTES },
  acceptAcknowledgement: null,
  enrolmentRequest: { request: BYTES },
  acceptCertificate: { moduleId: STATUS.moduleId },
};
const TOKEN = ['/api/v1/keys/token', 'signIn'];
const P1 = ['/api/v1/challenges', 'answerChallenge'];
type Told = Parameters<typeof scripted>;

/** A page of a module that has keys and an agreement; it has caught up, so what a contact by keys needs is here. */
async function heldPage(refusals: Told[1] = {}, answers: Told[0] = {}, bodies: Told[3] = {}) {
  const ends = scriptedKeys();
  ends.module.joined = true;
  ends.module.agreement = 1;
  const all = { ...ANSWERS, ...ends.answers, ...answers };
  const made = scripted(all, refusals, NOW_MS, { ...ends.bodies, ...bodies });
  made.notes.set('keys', HELD);
  await made.relay.catchUp(signal);
  made.trace.splice(0);
  const begin = () => made.relay.beginSession({ ...START, sessions: [] });
  const isHeld = () =>
    agreedProvider({ notes: { read: (name) => made.notes.get(name) ?? null, write: () => undefined } });
  return { ...made, ...ends, begin, isHeld };
}

describe('a contact by keys', () => {
  it('MC-1: takes one request for a token in place of the challenge', async () => {
    const { begin, trace, asked } = await heldPage({}, { signIn: { response: Uint8Array.of(9), certificate: BYTES } });
    expect(await begin()).toEqual(OPEN_SESSION);
    expect(trace).toEqual(['status', ...TOKEN, '/api/v1/sessions', 'openSession']);
    expect(asked.at(-2)?.body).toEqual({ module: STATUS.moduleId });
    expect(asked.at(-1)?.body).toMatchObject({ response: 'CQ' });
  });

  it('MC-1: gives the module what the provider said, and whose keys to answer with', async () => {
    const given: unknown[] = [];
    const signIn = (argument: unknown) => {
      given.push(argument);
      return { response: BYTES, certificate: BYTES };
    };
    const token = { ticket: 'Bw', token: 'A'.repeat(43), counter: 5, agreement: 3, index: 2 };
    const { begin } = await heldPage({}, { signIn }, { '/api/v1/keys/token': token });
    await begin();
    expect(given).toEqual([
      {
        ...{ provider: KEY_PROVIDER, ticket: BYTES, token: new Uint8Array(32) },
        ...{ counter: 5, agreement: 3, index: 2 },
      },
    ]);
  });

  it('MC-1: is made ahead of the press, and leaves one request', async () => {
    const { relay, trace, begin } = await heldPage();
    await relay.prepare();
    expect(trace.splice(0)).toEqual(['status', ...TOKEN]);
    expect(await begin()).toEqual(OPEN_SESSION);
    expect(trace).toEqual(['/api/v1/sessions', 'openSession']);
  });

  it('MC-1: carries a receipt as well', async () => {
    const { relay, trace } = await heldPage({}, { receipts: [RECEIPT] });
    expect(await relay.settleAll(signal)).toEqual([]);
    expect(trace).toEqual([
      ...['receipts', 'closeSession', 'status', ...TOKEN],
      ...['/api/v1/receipts', 'acceptAcknowledgement'],
    ]);
  });

  it('MC-1: is not made for a standing, nor for what gives keys', async () => {
    const acceptStanding = { standing: 'good', missing: [], counts: null };
    const { relay, trace } = await heldPage({}, { acceptStanding });
    await relay.reconcile(signal);
    await (await relay.keys()).fetchKeys(signal);
    expect(trace.filter((name) => name === 'signIn')).toEqual([]);
    // The standing; then agreement, keys and acceptance.
    expect(trace.filter((name) => name === 'answerChallenge')).toHaveLength(4);
  });

  it('MC-1: is not waited for: a press before anything is loaded goes by P1', async () => {
    const ends = scriptedKeys();
    const { relay, trace, notes } = scripted({ ...ANSWERS, ...ends.answers }, {}, NOW_MS, ends.bodies);
    notes.set('keys', HELD);
    await relay.beginSession({ ...START, sessions: [] });
    expect(trace).toEqual(['status', ...P1, '/api/v1/sessions', 'openSession']);
  });

  it('MC-1: is not tried where nothing was agreed', async () => {
    const { relay, trace } = scripted({ ...ANSWERS, ...scriptedKeys().answers });
    await relay.prepare();
    await relay.beginSession(START);
    expect(trace).not.toContain('/api/v1/keys/token');
  });
});

const OVER = ['keys/retired', 'keys/refused', 'keys/unknown-unit', 'keys/malformed', 'certificate/expired'];
const ONCE = ['keys/contact', 'challenge/replayed', 'challenge/expired', 'challenge/malformed'];

describe('a contact by keys that is refused', () => {
  it.each([...OVER, ...ONCE])('MC-1: is made by P1 in the same breath where its request says %s', async (code) => {
    const { begin, trace } = await heldPage({ '/api/v1/sessions': [code] });
    expect(await begin()).toEqual(OPEN_SESSION);
    expect(trace.slice(0, 4)).toEqual(['status', ...TOKEN, '/api/v1/sessions']);
    expect(trace.filter((name) => name === 'signIn')).toHaveLength(1);
    expect(trace.filter((name) => name === '/api/v1/sessions')).toHaveLength(2);
  });

  it.each([...OVER, ...ONCE])('MC-1: is made by P1 in the same breath where no token is given: %s', async (code) => {
    const { begin, trace } = await heldPage({ '/api/v1/keys/token': [code] });
    expect(await begin()).toEqual(OPEN_SESSION);
    expect(trace).not.toContain('signIn');
    expect(trace.filter((name) => name === '/api/v1/sessions')).toHaveLength(1);
  });

  it.each([
    'keys/retired',
    'keys/unknown-unit',
    'keys/unknown-slot',
    'challenge/expired',
    'module/refused',
    'keys/altered',
  ])('MC-1: is made by P1 in the same breath where the module says %s', async (code) => {
    const { begin, trace } = await heldPage({}, { signIn: () => new FareboxError(code as 'keys/retired') });
    expect(await begin()).toEqual(OPEN_SESSION);
    expect(trace.filter((name) => name === '/api/v1/sessions')).toHaveLength(1);
  });

  it.each([{}, { ticket: 'Bw' }, { ticket: 'A'.repeat(70_000) }])(
    'MC-1: is made by P1 where the answer is no token: %#',
    async (body) => {
      const { begin, isHeld } = await heldPage({}, {}, { '/api/v1/keys/token': body });
      expect(await begin()).toEqual(OPEN_SESSION);
      expect(isHeld()).toBe(KEY_PROVIDER);
    },
  );

  it.each(ONCE)('MC-1: is no reason to fetch keys where only the contact was no good: %s', async (code) => {
    const { begin, isHeld, trace } = await heldPage({ '/api/v1/sessions': [code] });
    await begin();
    expect(isHeld()).toBe(KEY_PROVIDER);
    await begin();
    expect(trace.filter((name) => name === 'signIn')).toHaveLength(2);
  });

  it.each(OVER)('MC-5: has the keys fetched behind it where what was agreed is over: %s', async (code) => {
    const { begin, provider, module, trace, isHeld } = await heldPage({ '/api/v1/sessions': [code] });
    provider.number = 2;
    await begin();
    await expect.poll(isHeld).toBe(KEY_PROVIDER);
    expect(module.agreement).toBe(2);
    // Nothing fits and nothing else is wanted: only who asks for the transport key has it agreed anew.
    expect(trace.includes('/api/v1/keys/transport')).toBe(code === 'keys/refused');
    trace.splice(0);
    await begin();
    expect(trace).toEqual(['status', ...TOKEN, '/api/v1/sessions', 'openSession']);
  });

  it('MC-5: is not tried again where no new keys were to be had', async () => {
    const { begin, trace } = await heldPage({
      ...{ '/api/v1/keys/token': 'keys/unknown-unit', '/api/v1/keys/agreement': 'keys/unknown-unit' },
      '/api/v1/keys/transport': 'keys/unknown-unit',
    });
    await begin();
    await expect.poll(() => trace.filter((name) => name === '/api/v1/keys/transport').length).toBe(1);
    await expect.poll(() => trace.at(-1)).toBe('/api/v1/keys/transport');
    trace.splice(0);
    await begin();
    expect(trace).toEqual(['status', ...P1, '/api/v1/sessions', 'openSession']);
  });

  it.each(['credit/exhausted', 'request/malformed'])('MC-1: for what was asked (%s) is told, once', async (code) => {
    const { begin, trace } = await heldPage({ '/api/v1/sessions': code });
    await expect(begin()).rejects.toMatchObject({ code });
    expect(trace.filter((name) => name === '/api/v1/sessions')).toHaveLength(1);
  });

  it('MC-1: ends with the error of P1 where that is refused too', async () => {
    const { begin } = await heldPage({ '/api/v1/sessions': ['keys/contact', 'record/fork'] });
    await expect(begin()).rejects.toMatchObject({ code: 'record/fork' });
  });

  it('MC-1: was made ahead and is refused: P1, and no third attempt', async () => {
    const { relay, begin, trace } = await heldPage({ '/api/v1/sessions': ['challenge/replayed'] });
    await relay.prepare();
    trace.splice(0);
    expect(await begin()).toEqual(OPEN_SESSION);
    expect(trace).toEqual(['/api/v1/sessions', ...P1, '/api/v1/sessions', 'openSession']);
  });

  it('MC-1: was made ahead and overtaken is not sent: its place would be behind the last', async () => {
    const { relay, begin, trace } = await heldPage();
    await relay.prepare();
    await relay.settle(SESSION, signal);
    trace.splice(0);
    expect(await begin()).toEqual(OPEN_SESSION);
    // What follows a receipt goes on beside it.
    const ofSession = trace.filter((name) => !['status', 'receipts'].includes(name));
    expect(ofSession).toEqual([...TOKEN, '/api/v1/sessions', 'openSession']);
    // One that is asked for ahead again is made again.
    await relay.prepare();
    expect(trace.filter((name) => name === 'signIn')).toHaveLength(2);
  });
});
