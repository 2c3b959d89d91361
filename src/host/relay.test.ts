// The errands between module and provider, cut and done again. Module and provider are scripted here; their own tests are elsewhere.

import { describe, expect, it, vi } from 'vitest';
import { issueCertificate } from '../protocol/certificate.ts';
import { FareboxError } from '../protocol/errors.ts';
import { signerFromSecret } from '../protocol/suite/secret-signer.ts';
import type { CommandName, ModuleStatus, ReceiptView, SessionView } from '../worker-module/commands.ts';
import type { ModuleConnection } from './connect.ts';
import { createProvider } from './provider.ts';
import { createRelay, type SessionStart } from './relay.ts';

const PROGRAMME = '11'.repeat(16);
const SESSION = '22'.repeat(16);
const BYTES = Uint8Array.of(7);
const NOW_MS = 1_000_000;

const OPEN_SESSION: SessionView = {
  session: SESSION,
  programme: PROGRAMME,
  title: 'Harbour',
  state: 'open',
  currency: 'EUR',
  priceMinor: 20,
  creditMinor: 1_000,
  expires: NOW_MS + 1,
  frameCount: 30,
  frameDurationMs: 2_000,
  granted: [[5, 10]],
  decrypted: [],
  lateFrames: [],
  failedFrames: [],
  count: 0,
  amountMinor: 0,
  counter: 1,
  openedTime: 0,
  positionMs: 0,
};
const START: SessionStart = {
  programmeId: PROGRAMME,
  material: Promise.resolve({ programme: BYTES, manifest: BYTES }),
  from: 5,
  signal: new AbortController().signal,
};
const YEAR_MS = 365 * 86_400_000;
const agency = signerFromSecret(new Uint8Array(32).fill(1));
const CERTIFICATE = await issueCertificate({
  signer: agency,
  role: 'module',
  subjectKey: signerFromSecret(new Uint8Array(32).fill(2)).publicKey,
  sealingKey: new Uint8Array(32).fill(3),
  issuedAt: 0,
  expires: YEAR_MS,
});
const STATUS: ModuleStatus = {
  moduleId: 'aa'.repeat(16),
  certificate: CERTIFICATE,
  counter: 0,
  head: new Uint8Array(32),
  storage: 'ready',
  droppedCalls: 0,
};
const RECEIPT: ReceiptView = {
  session: SESSION,
  title: 'Harbour',
  state: 'durable',
  closedTime: 0,
  count: 1,
  currency: 'EUR',
  amountMinor: 20,
};

/** A script of answers by command; each errand's trace is in `trace`. */
function scripted(
  answers: Partial<Record<CommandName, unknown>>,
  refusals: Readonly<Record<string, string | readonly string[]>> = {},
  nowMs = NOW_MS,
) {
  const asked = new Map<string, number>();
  const trace: string[] = [];
  const call = async (name: CommandName) => {
    trace.push(name);
    if (!(name in answers)) throw new FareboxError('module/refused', { name });
    return structuredClone(answers[name]);
  };
  const module: Pick<ModuleConnection, 'call'> = { call: call as ModuleConnection['call'] };
  const bodies: Readonly<Record<string, object>> = {
    '/api/v1/enrolments': { certificate: 'Bw' },
    '/api/v1/challenges': { challenge: 'Bw', providerCertificate: 'Bw' },
    '/api/v1/sessions': { grant: 'Bw', providerCertificate: 'Bw' },
    '/api/v1/receipts': { acknowledgement: 'Bw' },
  };
  const idempotencyKeys: string[] = [];
  const provider = createProvider('http://provider.example', {
    fetch: async (input, init) => {
      const { pathname } = new URL(String(input));
      trace.push(pathname);
      idempotencyKeys.push(new Headers(init?.headers).get('Idempotency-Key') ?? '');
      const refusal = refusals[pathname];
      const time = asked.get(pathname) ?? 0;
      asked.set(pathname, time + 1);
      // A list refuses one time after the other and then no more.
      const code = typeof refusal === 'object' ? refusal[time] : refusal;
      return code === undefined ? Response.json(bodies[pathname]) : Response.json({ error: { code } }, { status: 400 });
    },
    pause: async () => undefined,
    chance: () => 0,
  });
  return { relay: createRelay({ module, provider, wallClockMs: () => nowMs }), trace, idempotencyKeys };
}

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

  const unfit: readonly (readonly [string, Partial<SessionView>])[] = [
    ['is of another programme', { programme: '33'.repeat(16) }],
    ['is closed', { state: 'closed' }],
    ['has expired', { expires: NOW_MS }],
    ['does not cover the place', { granted: [[0, 5]] }],
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

  it('BT-8: settles a session, and the same receipt again under the same name', async () => {
    const { relay, trace, idempotencyKeys } = scripted({
      closeSession: { receiptFile: BYTES },
      acceptAcknowledgement: { ...RECEIPT, state: 'accepted' },
    });
    await relay.settle(SESSION);
    await relay.settle(SESSION);
    expect(trace.slice(0, 3)).toEqual(['closeSession', '/api/v1/receipts', 'acceptAcknowledgement']);
    expect(idempotencyKeys[0]).toMatch(/^receipt-[0-9a-f]{64}$/);
    expect(idempotencyKeys[1]).toBe(idempotencyKeys[0]);
  });

  it('BT-8: settles what was left unanswered, leaves what is accepted, and says what could not be', async () => {
    const accepted: ReceiptView = { ...RECEIPT, session: '44'.repeat(16), state: 'accepted' };
    const { relay, trace } = scripted(
      { receipts: [accepted, RECEIPT], closeSession: { receiptFile: BYTES } },
      { '/api/v1/receipts': 'receipt/conflict' },
    );
    const failures = await relay.settleAll(START.signal);
    expect(failures.map(({ session, error }) => [session, error.code])).toEqual([[SESSION, 'receipt/conflict']]);
    expect(trace).toEqual(['receipts', 'closeSession', '/api/v1/receipts']);
  });
});
