// A contact that was made ahead of the press on play: used once, while it is young, and never where it may be taken for a copy's.

import { describe, expect, it } from 'vitest';
import { HOST_LIMITS } from './limits.ts';
import { BYTES, NOW_MS, OPEN_SESSION, START, STATUS, scripted } from './testing/scripted-relay.ts';

const ANSWERS = {
  sessions: [],
  status: STATUS,
  answerChallenge: { response: BYTES, certificate: BYTES },
  openSession: OPEN_SESSION,
  enrolmentRequest: { request: BYTES },
  acceptCertificate: { moduleId: STATUS.moduleId },
};
const P1 = ['/api/v1/challenges', 'answerChallenge'];

describe('a contact made ahead', () => {
  it('BT-3: leaves one request between the press and the grant', async () => {
    const { relay, trace } = scripted(ANSWERS);
    await relay.prepare();
    expect(trace.splice(0)).toEqual(['status', ...P1]);
    expect(await relay.beginSession({ ...START, sessions: [] })).toEqual(OPEN_SESSION);
    expect(trace).toEqual(['/api/v1/sessions', 'openSession']);
  });

  it('BT-3: is waited for where it is being made: the session has no contact of its own beside it', async () => {
    const { relay, trace } = scripted(ANSWERS);
    const preparing = relay.prepare();
    await relay.beginSession({ ...START, sessions: [] });
    await preparing;
    expect(trace).toEqual(['status', ...P1, '/api/v1/sessions', 'openSession']);
  });

  it('BT-4: carries a session that is made ready before the press, and says so to the module alone', async () => {
    const opened: unknown[] = [];
    const openSession = (argument: unknown) => {
      opened.push(argument);
      return OPEN_SESSION;
    };
    const { relay, asked } = scripted({ ...ANSWERS, openSession });
    await relay.beginSession({ ...START, sessions: [], ahead: true });
    expect(opened).toMatchObject([{ ahead: true }]);
    expect(asked.at(-1)?.path).toBe('/api/v1/sessions');
    expect(JSON.stringify(asked.at(-1)?.body)).not.toContain('ahead');
  });

  it('BT-8: a session that nobody has watched is settled, and nothing else follows from it', async () => {
    const closeSession = { receiptFile: BYTES };
    const { relay, trace } = scripted({ ...ANSWERS, closeSession, acceptAcknowledgement: null });
    await relay.release(OPEN_SESSION.session);
    expect(trace).toEqual(['closeSession', 'status', ...P1, '/api/v1/receipts', 'acceptAcknowledgement']);
  });

  it('BT-3: is used for one session; the next one has a contact of its own', async () => {
    const { relay, trace } = scripted(ANSWERS);
    await relay.prepare();
    await relay.beginSession(START);
    trace.splice(0);
    await relay.beginSession(START);
    expect(trace).toEqual(['sessions', 'status', ...P1, '/api/v1/sessions', 'openSession']);
  });

  it('BT-3: is asked for once, however often and however many at once', async () => {
    const { relay, trace } = scripted(ANSWERS);
    await Promise.all([relay.prepare(), relay.prepare()]);
    await relay.prepare();
    expect(trace.filter((name) => name === '/api/v1/challenges')).toHaveLength(1);
  });

  it('BT-2: enrols whoever is about to watch', async () => {
    const status = { ...STATUS, moduleId: null, certificate: null };
    const { relay, trace } = scripted({ ...ANSWERS, status });
    await relay.prepare();
    expect(trace).toEqual(['status', 'enrolmentRequest', '/api/v1/enrolments', 'acceptCertificate', ...P1]);
  });

  it.each([
    ['is locked', { lock: 'locked' as const }],
    ['has lost its store', { storage: 'lost' as const }],
    ['waits for another epoch', { epochPending: true }],
  ])('BT-2: is not made of a module that %s', async (_why, change) => {
    const { relay, trace } = scripted({ ...ANSWERS, status: { ...STATUS, ...change } });
    await relay.prepare();
    expect(trace).toEqual(['status']);
  });

  it.each([
    ['too old', HOST_LIMITS.preparedContactMs],
    ['from the future, by a clock that was set back', -1],
  ])('BT-3: is not used where it is %s', async (_why, laterMs) => {
    let nowMs = NOW_MS - 1;
    const { relay, trace } = scripted(ANSWERS, {}, () => nowMs);
    await relay.prepare();
    trace.splice(0);
    nowMs += laterMs;
    await relay.beginSession(START);
    expect(trace.filter((name) => name === '/api/v1/challenges')).toHaveLength(1);
  });

  it('BT-2: is forgotten where the module may have changed', async () => {
    const { relay, trace } = scripted(ANSWERS);
    await relay.prepare();
    relay.forgetPrepared();
    await relay.beginSession(START);
    expect(trace.filter((name) => name === '/api/v1/challenges')).toHaveLength(2);
  });

  it.each(['challenge/expired', 'challenge/unknown', 'challenge/replayed', 'challenge/malformed'])(
    'BT-3: is made anew, once, where the provider says %s',
    async (code) => {
      const { relay, trace } = scripted(ANSWERS, { '/api/v1/sessions': [code] });
      await relay.prepare();
      expect(await relay.beginSession(START)).toEqual(OPEN_SESSION);
      expect(trace.filter((name) => name.startsWith('/api'))).toEqual([
        '/api/v1/challenges',
        '/api/v1/sessions',
        '/api/v1/challenges',
        '/api/v1/sessions',
      ]);
      const still = scripted(ANSWERS, { '/api/v1/sessions': code });
      await still.relay.prepare();
      await expect(still.relay.beginSession(START)).rejects.toMatchObject({ code });
    },
  );

  it('BT-3: that could not be made is made when it is needed, with the error for the person', async () => {
    const { relay, trace } = scripted(ANSWERS, { '/api/v1/challenges': ['request/malformed'] });
    await expect(relay.prepare()).rejects.toMatchObject({ code: 'request/malformed' });
    expect(await relay.beginSession(START)).toEqual(OPEN_SESSION);
    expect(trace.filter((name) => name === '/api/v1/challenges')).toHaveLength(2);
  });

  it('BT-3: that the provider refuses for what is asked is not tried twice', async () => {
    const { relay, trace } = scripted(ANSWERS, { '/api/v1/sessions': 'credit/exhausted' });
    await relay.prepare();
    await expect(relay.beginSession(START)).rejects.toMatchObject({ code: 'credit/exhausted' });
    expect(trace.filter((name) => name === '/api/v1/sessions')).toHaveLength(1);
  });

  it('BT-3: the frame that is delivered first is named to the module with the grant', async () => {
    const opened: unknown[] = [];
    const openSession = (argument: unknown) => {
      opened.push(argument);
      return OPEN_SESSION;
    };
    for (const rung of ['video/720p', null]) {
      const { relay } = scripted({ ...ANSWERS, openSession });
      await relay.beginSession({ ...START, firstRung: () => rung });
    }
    expect(opened[0]).toMatchObject({ first: { frame: START.from, rung: 'video/720p' } });
    expect(opened[1]).not.toHaveProperty('first');
  });
});
