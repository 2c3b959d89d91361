// The errands between module and provider, cut and done again. Module and provider are scripted here; their own tests are elsewhere.

import { describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import type { ReceiptView, SessionView } from '../worker-module/commands.ts';
import type { SessionStart } from './errands/session.ts';
import {
  BYTES,
  NOW_MS,
  OPEN_SESSION,
  RECEIPT,
  SESSION,
  START,
  STATUS,
  scripted,
  YEAR_MS,
} from './testing/scripted-relay.ts';

describe('the relay', () => {
  it('BT-2: enrols a module that has no certificate, once', async () => {
    const { relay, trace } = scripted({
      status: { ...STATUS, moduleId: null, certificate: null },
      enrolmentRequest: { request: BYTES },
      acceptCertificate: { moduleId: STATUS.moduleId },
    });
    expect(await relay.ensureEnrolled(START.signal)).toBe(STATUS.moduleId);
    expect(trace).toEqual(['status', 'enrolmentRequest', '/api/v1/enrolments', 'acceptCertificate']);
  });

  it('BT-2: leaves an enrolled module as it is', async () => {
    const { relay, trace } = scripted({ status: STATUS });
    expect(await relay.ensureEnrolled(START.signal)).toBe(STATUS.moduleId);
    expect(trace).toEqual(['status']);
  });

  const again = { enrolmentRequest: { request: BYTES }, acceptCertificate: { moduleId: STATUS.moduleId } };

  it('BT-2: renews a certificate of which half the life is over', async () => {
    const { relay, trace } = scripted({ status: STATUS, ...again }, {}, YEAR_MS / 2 + 1);
    expect(await relay.ensureEnrolled(START.signal)).toBe(STATUS.moduleId);
    expect(trace).toEqual(['status', 'enrolmentRequest', '/api/v1/enrolments', 'acceptCertificate']);
  });

  it('BT-2: goes on with the certificate it has where the agency cannot renew it', async () => {
    const refusals = { '/api/v1/enrolments': 'request/malformed' };
    const { relay } = scripted({ status: STATUS, ...again }, refusals, YEAR_MS / 2 + 1);
    expect(await relay.ensureEnrolled(START.signal)).toBe(STATUS.moduleId);
  });

  it('BT-8: says that the time is over of a kept programme that cannot be asked for again', async () => {
    const over = { ...OPEN_SESSION, offline: true, expires: NOW_MS - 1 };
    const refusals = { '/api/v1/challenges': 'network/unreachable' };
    const { relay } = scripted({ status: STATUS, sessions: [over] }, refusals);
    await expect(relay.beginSession(START)).rejects.toMatchObject({ code: 'offline/over' });
    const never = scripted({ status: STATUS, sessions: [] }, refusals);
    await expect(never.relay.beginSession(START)).rejects.toMatchObject({ code: 'network/unreachable' });
  });

  it.each(['certificate/expired', 'certificate/foreign', 'enrolment/needed'])(
    'BT-2: enrols the same keys again where P1 is refused with %s, once',
    async (code) => {
      const session = { sessions: [], status: STATUS, openSession: OPEN_SESSION };
      const answers = { ...session, ...again, answerChallenge: { response: BYTES, certificate: BYTES } };
      const { relay, trace } = scripted(answers, { '/api/v1/sessions': [code] });
      expect(await relay.beginSession(START)).toEqual(OPEN_SESSION);
      expect(trace.filter((name) => name.startsWith('/api'))).toEqual([
        '/api/v1/challenges',
        '/api/v1/sessions',
        '/api/v1/enrolments',
        '/api/v1/sessions',
      ]);
      const still = scripted(answers, { '/api/v1/sessions': code });
      await expect(still.relay.beginSession(START)).rejects.toMatchObject({ code });
      expect(still.trace.filter((name) => name === '/api/v1/enrolments')).toHaveLength(1);
    },
  );

  it('BT-2: asks for one certificate where two errands need it at once', async () => {
    const { relay, trace } = scripted({
      status: { ...STATUS, moduleId: null, certificate: null },
      enrolmentRequest: { request: BYTES },
      acceptCertificate: { moduleId: STATUS.moduleId },
    });
    await Promise.all([relay.ensureEnrolled(START.signal), relay.ensureEnrolled(START.signal)]);
    expect(trace.filter((name) => name === '/api/v1/enrolments')).toHaveLength(1);
  });

  it('BT-3: asks for the grant while the programme is still on its way', async () => {
    const { relay, trace } = scripted({
      sessions: [],
      status: STATUS,
      answerChallenge: { response: BYTES, certificate: BYTES },
      openSession: OPEN_SESSION,
    });
    const material = Promise.withResolvers<Awaited<SessionStart['material']>>();
    const begun = relay.beginSession({ ...START, material: material.promise });
    await vi.waitFor(() => expect(trace).toContain('/api/v1/sessions'));
    expect(trace).not.toContain('openSession');
    material.resolve({ programme: BYTES, manifest: BYTES });
    expect(await begun).toEqual(OPEN_SESSION);
  });

  it('BT-3: opens no session where the programme cannot be had', async () => {
    const { relay, trace } = scripted({
      sessions: [],
      status: STATUS,
      answerChallenge: { response: BYTES, certificate: BYTES },
    });
    const material = Promise.reject(new FareboxError('programme/other-manifest'));
    await expect(relay.beginSession({ ...START, material })).rejects.toMatchObject({
      code: 'programme/other-manifest',
    });
    expect(trace).not.toContain('openSession');
  });

  it('BT-3: begins a session with a challenge, its response and a grant, in this order', async () => {
    const { relay, trace } = scripted({
      sessions: [],
      status: STATUS,
      answerChallenge: { response: BYTES, certificate: BYTES },
      openSession: OPEN_SESSION,
    });
    expect(await relay.beginSession(START)).toEqual(OPEN_SESSION);
    expect(trace).toEqual([
      'sessions',
      'status',
      '/api/v1/challenges',
      'answerChallenge',
      '/api/v1/sessions',
      'openSession',
    ]);
  });

  it('BT-3: takes up an open session that covers the place', async () => {
    const { relay, trace } = scripted({ sessions: [OPEN_SESSION], resumeSession: OPEN_SESSION });
    await relay.beginSession(START);
    expect(trace).toEqual(['sessions', 'resumeSession']);
  });

  it('BT-6: asks for the weak function only where it was chosen, and takes up no session of another one then', async () => {
    const weak = { ...OPEN_SESSION, sequence: 'logistic' } as const;
    const { relay, trace, asked } = scripted({
      sessions: [OPEN_SESSION],
      openSession: weak,
      resumeSession: OPEN_SESSION,
    });
    expect(await relay.beginSession({ ...START, sequence: 'logistic' })).toEqual(weak);
    expect(asked.at(-1)).toMatchObject({ path: '/api/v1/sessions', body: { sequence: 'logistic' } });
    await relay.beginSession(START);
    expect(trace.at(-1)).toBe('resumeSession');
    const other = scripted({ sessions: [], openSession: OPEN_SESSION });
    await other.relay.beginSession(START);
    expect(other.asked.at(-1)?.body).not.toHaveProperty('sequence');
  });

  const unfit: readonly (readonly [string, Partial<SessionView>])[] = [
    ['is of another programme', { programme: '33'.repeat(16) }],
    ['is closed', { state: 'closed' }],
    ['has expired', { expires: NOW_MS }],
    ['does not cover the place', { granted: [[0, 5]] }],
    ['has another way out', { mode: 'frames' }],
  ];
  it.each(unfit)('BT-3: does not take up a session that %s', async (_why, change) => {
    const { relay, trace } = scripted({
      sessions: [{ ...OPEN_SESSION, ...change }],
      status: STATUS,
      answerChallenge: { response: BYTES, certificate: BYTES },
      openSession: OPEN_SESSION,
    });
    await relay.beginSession(START);
    expect(trace.at(-1)).toBe('openSession');
  });

  it('BT-8: settles a session with a contact of its own, and the same request again under the same name', async () => {
    const { relay, trace, asked } = scripted({
      closeSession: { receiptFile: BYTES },
      acceptAcknowledgement: { ...RECEIPT, state: 'accepted' },
    });
    await relay.settle(SESSION);
    expect(trace.slice(0, 6)).toEqual([
      'closeSession',
      'status',
      '/api/v1/challenges',
      'answerChallenge',
      '/api/v1/receipts',
      'acceptAcknowledgement',
    ]);
    await relay.settle(SESSION);
    const receipts = asked.filter(({ path }) => path === '/api/v1/receipts');
    expect(receipts[0]?.body).toEqual({ response: 'Bw', certificate: 'Bw', receiptFile: 'Bw' });
    expect(receipts[0]?.idempotencyKey).toMatch(/^receipts-[0-9a-f]{64}$/);
    expect(receipts[1]?.idempotencyKey).toBe(receipts[0]?.idempotencyKey);
  });

  it('BT-8: sends the same receipt under another name where anything else of the request differs', async () => {
    const { relay, asked } = scripted({
      closeSession: { receiptFile: BYTES },
      answerChallenge: (_argument: unknown, time: number) => ({
        response: Uint8Array.of(time),
        certificate: BYTES,
      }),
      acceptAcknowledgement: { ...RECEIPT, state: 'accepted' },
    });
    await relay.settle(SESSION);
    await relay.settle(SESSION);
    const [first, second] = asked.filter(({ path }) => path === '/api/v1/receipts');
    expect(second?.idempotencyKey).not.toBe(first?.idempotencyKey);
  });

  it('BT-8: settles what was left unanswered, leaves what is accepted or refused, and says what could not be', async () => {
    const accepted: ReceiptView = { ...RECEIPT, session: '44'.repeat(16), state: 'accepted' };
    const refused: ReceiptView = { ...RECEIPT, session: '55'.repeat(16), state: 'refused' };
    const { relay, trace } = scripted(
      { receipts: [accepted, refused, RECEIPT], closeSession: { receiptFile: BYTES } },
      { '/api/v1/receipts': 'receipt/malformed' },
    );
    const failures = await relay.settleAll(START.signal);
    expect(failures.map(({ session, error }) => [session, error.code])).toEqual([[SESSION, 'receipt/malformed']]);
    expect(trace.filter((name) => name === 'closeSession')).toHaveLength(1);
  });

  it('BT-8: stops at the first receipt where the provider refuses this copy: the others wait for the person', async () => {
    const another: ReceiptView = { ...RECEIPT, session: '44'.repeat(16) };
    const { relay, trace } = scripted(
      {
        receipts: [RECEIPT, another],
        closeSession: { receiptFile: BYTES },
        acceptStanding: { standing: 'fork', missing: [] },
      },
      { '/api/v1/receipts': 'record/fork' },
    );
    const failures = await relay.settleAll(START.signal);
    expect(failures.map(({ error }) => error.code)).toEqual(['record/fork']);
    expect(trace.filter((name) => name === '/api/v1/receipts')).toHaveLength(1);
  });
});
