// Errands of a module that was copied, lost or restored (docs/protocol.md §14), and the provider's copy of its backup (§15).

import { describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import { HOST_LIMITS } from './limits.ts';
import {
  BYTES,
  NOW_MS,
  OPEN_SESSION,
  RECEIPT,
  REPORT,
  SESSION,
  START,
  STATUS,
  scripted,
} from './testing/scripted-relay.ts';

const { signal } = START;
const PENDING = { ...STATUS, epochPending: true };
const ENROLS = { enrolmentRequest: { request: BYTES }, acceptCertificate: { moduleId: STATUS.moduleId } };
const GOOD = { standing: 'good', missing: [] };
const paths = (trace: readonly string[]) => trace.filter((name) => name.startsWith('/api'));
const session = (at: number) => at.toString(16).padStart(32, '0');

describe('a pending epoch', () => {
  it('BT-2: is enrolled before any contact, and reconciled after it', async () => {
    const { relay, trace } = scripted({
      ...ENROLS,
      status: (_argument: unknown, time: number) => (time === 0 ? PENDING : { ...STATUS, epoch: 2 }),
      acceptStanding: GOOD,
    });
    expect(await relay.ensureEnrolled(signal)).toBe(STATUS.moduleId);
    expect(trace.slice(0, 4)).toEqual(['status', 'enrolmentRequest', '/api/v1/enrolments', 'acceptCertificate']);
    await vi.waitFor(() => expect(trace).toContain('acceptStanding'));
    expect(paths(trace)).toEqual(['/api/v1/enrolments', '/api/v1/challenges', '/api/v1/standings']);
  });

  it('BT-2: that is taken already learns which is the newest, and asks for the one after it', async () => {
    const { relay, trace } = scripted(
      { ...ENROLS, status: PENDING, acceptStanding: { standing: 'superseded', missing: [] } },
      { '/api/v1/enrolments': ['module/superseded'] },
    );
    expect(await relay.ensureEnrolled(signal)).toBe(STATUS.moduleId);
    expect(trace.slice(0, 10)).toEqual([
      'status',
      'enrolmentRequest',
      '/api/v1/enrolments',
      '/api/v1/challenges',
      'answerChallenge',
      '/api/v1/standings',
      'acceptStanding',
      'enrolmentRequest',
      '/api/v1/enrolments',
      'acceptCertificate',
    ]);
  });

  it('BT-2: that is refused for another reason is refused, and nothing else is asked', async () => {
    const { relay, trace } = scripted(
      { ...ENROLS, status: PENDING },
      { '/api/v1/enrolments': 'certificate/untrusted' },
    );
    await expect(relay.ensureEnrolled(signal)).rejects.toMatchObject({ code: 'certificate/untrusted' });
    expect(paths(trace)).toEqual(['/api/v1/enrolments']);
  });
});

describe('a copy that the provider refuses', () => {
  it.each(['record/regress', 'record/fork', 'module/superseded'] as const)(
    'BT-2: has the provider say so signed after %s, and the refusal is what is told',
    async (code) => {
      const { relay, trace } = scripted(
        { sessions: [], acceptStanding: { standing: 'fork', missing: [SESSION] }, openSession: OPEN_SESSION },
        { '/api/v1/sessions': code },
      );
      await expect(relay.beginSession(START)).rejects.toMatchObject({ code });
      expect(paths(trace)).toEqual([
        '/api/v1/challenges',
        '/api/v1/sessions',
        '/api/v1/challenges',
        '/api/v1/standings',
      ]);
      expect(trace).toContain('acceptStanding');
    },
  );

  it('BT-2: is told the refusal where the provider cannot say more just then', async () => {
    const { relay } = scripted(
      { sessions: [] },
      { '/api/v1/sessions': 'record/fork', '/api/v1/standings': 'request/malformed' },
    );
    await expect(relay.beginSession(START)).rejects.toMatchObject({ code: 'record/fork' });
  });
});

describe('reconciling', () => {
  it('BT-8: brings home the papers that this copy lacks, fifty a request, each with a contact of its own', async () => {
    const missing = Array.from({ length: 120 }, (_, at) => session(at));
    const { relay, trace, asked } = scripted({
      acceptStanding: (_argument: unknown, time: number) => (time === 0 ? { standing: 'good', missing } : GOOD),
      acceptPapers: { kept: 1 },
    });
    expect(await relay.reconcile(signal)).toBe('good');
    const wanted = asked.filter(({ path }) => path === '/api/v1/papers').map(({ body }) => body);
    expect(wanted).toEqual([
      { response: 'Bw', certificate: 'Bw', sessions: missing.slice(0, 50) },
      { response: 'Bw', certificate: 'Bw', sessions: missing.slice(50, 100) },
      { response: 'Bw', certificate: 'Bw', sessions: missing.slice(100) },
    ]);
    expect(trace.filter((name) => name === '/api/v1/challenges')).toHaveLength(5);
  });

  it('BT-8: asks for no papers for a copy that is not the good one', async () => {
    const { relay, trace } = scripted({ acceptStanding: { standing: 'superseded', missing: [SESSION] } });
    expect(await relay.reconcile(signal)).toBe('superseded');
    expect(trace).not.toContain('/api/v1/papers');
  });

  it('BT-8: that a page did not come to the end of is done by the next one', async () => {
    const cut = scripted({
      acceptStanding: { standing: 'good', missing: [SESSION] },
      acceptPapers: new FareboxError('module/dead'),
    });
    await expect(cut.relay.reconcile(signal)).rejects.toMatchObject({ code: 'module/dead' });
    const next = scripted({
      ...{ status: { ...STATUS, epoch: 2 }, receipts: [], acceptStanding: GOOD, restoreReport: null },
    });
    for (const [name, text] of cut.notes) next.notes.set(name, text);
    await next.relay.catchUp(signal);
    expect(paths(next.trace)).toEqual(['/api/v1/challenges', '/api/v1/standings']);
    await next.relay.catchUp(signal);
    expect(paths(next.trace)).toHaveLength(2);
  });

  it('BT-8: ends where the provider has nothing of what it named', async () => {
    const { relay, trace } = scripted({
      acceptStanding: { standing: 'good', missing: [SESSION] },
      acceptPapers: { kept: 0 },
    });
    await relay.reconcile(signal);
    expect(trace.filter((name) => name === '/api/v1/papers')).toHaveLength(1);
  });

  it('BT-8: ends after as many rounds as a standing has sessions, whatever the provider names', async () => {
    const { relay, trace } = scripted({
      acceptStanding: { standing: 'good', missing: [SESSION] },
      acceptPapers: { kept: 1 },
    });
    await relay.reconcile(signal);
    expect(trace.filter((name) => name === '/api/v1/standings')).toHaveLength(HOST_LIMITS.reconcileRounds);
  });

  it('BT-8: cut between papers, begins anew with what is still missing', async () => {
    const missing = Array.from({ length: 51 }, (_, at) => session(at));
    const { relay, asked } = scripted({
      acceptStanding: (_argument: unknown, time: number) =>
        time === 0 ? { standing: 'good', missing } : { standing: 'good', missing: missing.slice(50, 52 - time) },
      acceptPapers: (_argument: unknown, time: number) => (time === 1 ? new FareboxError('module/dead') : { kept: 1 }),
    });
    await expect(relay.reconcile(signal)).rejects.toMatchObject({ code: 'module/dead' });
    expect(await relay.reconcile(signal)).toBe('good');
    expect(asked.filter(({ path }) => path === '/api/v1/papers')).toHaveLength(3);
  });
});

describe('catching up', () => {
  it.each([
    ['locked', { lock: 'locked' }],
    ['wiped', { storage: 'wiped' }],
    ['altered', { storage: 'altered' }],
    ['of a newer version', { storage: 'newer-version' }],
  ])('BT-7: leaves a module that is %s to the person', async (_how, change) => {
    const { relay, trace } = scripted({ status: { ...STATUS, ...change } });
    expect(await relay.catchUp(signal)).toEqual([]);
    expect(trace).toEqual(['status']);
  });

  it('BT-8: settles, and asks a module of the first epoch nothing else', async () => {
    const { relay, trace } = scripted({ receipts: [] });
    await relay.catchUp(signal);
    // Once for receipts without an answer, once for claims.
    expect(trace).toEqual(['status', 'receipts', 'receipts', 'status']);
  });

  it.each([
    ['was never told where it stands', { standing: 'unknown' }, null],
    ['has a restore that nobody was asked about', {}, REPORT],
  ])('BT-8: reconciles a module of a later epoch that %s', async (_why, change, report) => {
    const { relay, trace } = scripted({
      status: { ...STATUS, epoch: 2, ...change },
      restoreReport: report,
      receipts: [],
      acceptStanding: GOOD,
    });
    await relay.catchUp(signal);
    expect(trace).toContain('acceptStanding');
  });

  it('BT-8: leaves a later epoch alone that was reconciled', async () => {
    const { relay, trace } = scripted({
      status: { ...STATUS, epoch: 2 },
      restoreReport: { ...REPORT, reconciled: true },
      receipts: [],
    });
    await relay.catchUp(signal);
    expect(paths(trace)).toEqual([]);
  });
});

describe("the provider's copy of the backup", () => {
  const SAFETY = { ...STATUS.safety, backup: 'verified', backupTime: 1 };
  const COPY = { backup: BYTES, locator: '66'.repeat(16), passkeyLocators: [] };
  const BESIDE = { ...COPY, passkeyLocators: ['77'.repeat(16)] };
  const HOUR_MS = HOST_LIMITS.backupEveryMs;
  const settled = {
    closeSession: { receiptFile: BYTES },
    acceptAcknowledgement: { ...RECEIPT, state: 'accepted' },
    backupCopy: COPY,
    receipts: [],
  };

  it('BT-8: is renewed after a receipt was settled', async () => {
    const { relay, asked } = scripted({ ...settled, status: { ...STATUS, safety: SAFETY } });
    await relay.settle(SESSION);
    await vi.waitFor(() => expect(asked.map(({ path }) => path)).toContain('/api/v1/backups'));
    expect(asked.at(-1)?.body).toEqual({ response: 'Bw', certificate: 'Bw', locator: COPY.locator, backup: 'Bw' });
  });

  it('BT-8: is left under the words’ locator and under the passkey’s, each with a contact of its own', async () => {
    const { relay, asked, trace } = scripted({ ...settled, status: { ...STATUS, safety: SAFETY } });
    await relay.leaveBackup(BESIDE, signal);
    const bodies = asked.filter(({ path }) => path === '/api/v1/backups').map(({ body }) => body);
    const sent = { response: 'Bw', certificate: 'Bw', backup: 'Bw' };
    expect(bodies).toEqual(['66', '77'].map((digits) => ({ ...sent, locator: digits.repeat(16) })));
    expect(trace.filter((name) => name === 'answerChallenge')).toHaveLength(2);
    expect(new Set(asked.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(asked.length);
  });

  it('BT-8: that reached one of its two places only is not noted, and is left in both again', async () => {
    const { relay, asked, notes } = scripted(
      { ...settled, status: { ...STATUS, safety: SAFETY }, backupCopy: BESIDE },
      { '/api/v1/backups': [undefined, 'request/malformed'] },
    );
    const places = () => asked.filter(({ path }) => path === '/api/v1/backups').length;
    await relay.catchUp(signal);
    expect([places(), notes.has('backup-copy')]).toEqual([2, false]);
    await relay.catchUp(signal);
    expect([places(), notes.has('backup-copy')]).toEqual([4, true]);
  });

  it('BT-8: is asked of nobody who has made none', async () => {
    const { relay, trace } = scripted(settled);
    await relay.catchUp(signal);
    expect(trace).not.toContain('backupCopy');
  });

  it('BT-8: is renewed once an hour, and only where something has changed', async () => {
    let nowMs = NOW_MS;
    let counter = 5;
    const { relay, trace } = scripted(
      { ...settled, status: () => ({ ...STATUS, counter, safety: SAFETY }) },
      {},
      () => nowMs,
    );
    const copies = async () => {
      await relay.catchUp(signal);
      return trace.filter((name) => name === '/api/v1/backups').length;
    };
    expect(await copies()).toBe(1);
    counter = 9;
    nowMs += HOUR_MS - 1;
    expect(await copies()).toBe(1);
    nowMs += 1;
    expect(await copies()).toBe(2);
    nowMs += 5 * HOUR_MS;
    expect(await copies()).toBe(2);
    counter = 10;
    expect(await copies()).toBe(3);
    // A clock set back must not keep the copy old for as long as it was ahead.
    counter = 11;
    nowMs -= 3 * HOUR_MS;
    expect(await copies()).toBe(4);
  });

  it('BT-8: that could not be left fails no receipt, and is tried again', async () => {
    const { relay, notes, trace } = scripted(
      { ...settled, status: { ...STATUS, safety: SAFETY } },
      { '/api/v1/backups': ['request/malformed'] },
    );
    expect(await relay.catchUp(signal)).toEqual([]);
    expect(notes.has('backup-copy')).toBe(false);
    await relay.catchUp(signal);
    expect(trace.filter((name) => name === '/api/v1/backups')).toHaveLength(2);
  });

  it('BT-8: that was just made is left at once, and a failure is told', async () => {
    const { relay } = scripted({}, { '/api/v1/backups': ['request/malformed'] });
    await expect(relay.leaveBackup(COPY, signal)).rejects.toMatchObject({ code: 'request/malformed' });
    await relay.leaveBackup(COPY, signal);
  });
});
