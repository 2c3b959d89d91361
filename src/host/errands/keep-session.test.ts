// The errand of keeping a programme: one session however often it is asked for, what the same programme held before settled first, and nothing
// of it cut in a way that asking again would not put right.

import { describe, expect, it } from 'vitest';
import { BYTES, NOW_MS, OPEN_SESSION, PROGRAMME, SESSION, scripted } from '../testing/scripted-relay.ts';

const KEPT = { ...OPEN_SESSION, session: '44'.repeat(16), offline: true };
const start = (playing: string | null = null) => ({
  ...{ programmeId: PROGRAMME, programme: BYTES, manifest: BYTES, playing },
  signal: new AbortController().signal,
});
const settling = { closeSession: { receiptFile: BYTES }, acceptAcknowledgement: null };

describe('keeping a session', () => {
  it('BT-3: asks for all of the programme, for the display, with no delivery id', async () => {
    const { relay, asked } = scripted({ sessions: [], openSession: KEPT });
    expect(await relay.keepSession(start())).toEqual(KEPT);
    const [request] = asked.filter(({ path }) => path === '/api/v1/sessions');
    expect(request?.body).toEqual({
      ...{ response: 'Bw', certificate: 'Bw', programme: PROGRAMME, from: 0, mode: 'display', offline: true },
    });
    expect(request?.idempotencyKey).toMatch(/^sessions-[0-9a-f]{64}$/);
  });

  it('gives the session that the module keeps already, and asks nobody', async () => {
    const { relay, trace } = scripted({ sessions: [OPEN_SESSION, KEPT] });
    expect(await relay.keepSession(start())).toEqual(KEPT);
    expect(trace).toEqual(['sessions']);
  });

  it.each([
    ['whose time is over', { ...KEPT, expires: NOW_MS }],
    ['of another programme', { ...KEPT, programme: '55'.repeat(16) }],
    ['that was ended', { ...KEPT, state: 'closed' as const }],
  ])('asks for a new one beside one %s', async (_what, other) => {
    const { relay, trace } = scripted({ sessions: [other], openSession: KEPT, ...settling });
    expect(await relay.keepSession(start())).toEqual(KEPT);
    expect(trace).toContain('/api/v1/sessions');
  });

  it('settles what the programme holds set aside, but never what plays', async () => {
    const resting = scripted({ sessions: [OPEN_SESSION], openSession: KEPT, ...settling });
    await resting.relay.keepSession(start());
    const place = resting.trace.indexOf('/api/v1/receipts');
    expect(place).toBeGreaterThan(resting.trace.indexOf('closeSession'));
    expect(place).toBeLessThan(resting.trace.indexOf('/api/v1/sessions'));
    const playing = scripted({ sessions: [OPEN_SESSION], openSession: KEPT, ...settling });
    await playing.relay.keepSession(start(SESSION));
    expect(playing.trace).not.toContain('closeSession');
  });

  it.each(['grant/offline', 'credit/exhausted'])('tells %s, and opens nothing', async (code) => {
    const { relay, trace } = scripted({ sessions: [] }, { '/api/v1/sessions': code });
    await expect(relay.keepSession(start())).rejects.toThrow(code);
    expect(trace).not.toContain('openSession');
  });
});
