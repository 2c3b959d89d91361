// The errand of claims: what is asked of whom in which order, and what happens where it was cut before.

import { describe, expect, it } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import type { ClaimView, ReceiptView } from '../worker-module/commands.ts';
import { setClaimsByItself } from './errands/claim-setting.ts';
import { claimAll } from './errands/claims.ts';
import { BYTES, RECEIPT, SESSION, scripted } from './testing/scripted-relay.ts';

const signal = new AbortController().signal;
const POSSIBLE: ClaimView = { state: 'possible', verdict: null, paidMinor: 0, contradictions: [] };
const receiptWith = (claim: ClaimView | null, changes: Partial<ReceiptView> = {}): ReceiptView => ({
  ...RECEIPT,
  state: 'accepted',
  claim,
  ...changes,
});
const MADE = { claim: BYTES, receiptFile: BYTES };
const claiming = (answers: Parameters<typeof scripted>[0] = {}, refusals: Parameters<typeof scripted>[1] = {}) =>
  scripted({ makeClaim: MADE, acceptClaimAnswer: receiptWith(null), acceptPapers: { kept: 1 }, ...answers }, refusals);

describe('BT-9: a claim', () => {
  it('is signed by the module, brought with a contact, and its answer given to the module', async () => {
    const { relay, trace, asked } = claiming();
    await relay.claim(SESSION, signal);
    const order = trace.filter((name) => /makeClaim|challenge|claims|acceptClaim|answerChallenge/i.test(name));
    expect(order).toEqual([
      'makeClaim',
      '/api/v1/challenges',
      'answerChallenge',
      '/api/v1/claims',
      'acceptClaimAnswer',
    ]);
    expect(asked.find(({ path }) => path === '/api/v1/claims')?.body).toMatchObject({ claim: 'Bw', receiptFile: 'Bw' });
  });

  it('that the provider knows another one of comes back with the papers', async () => {
    const { relay, trace } = claiming({}, { '/api/v1/claims': 'claim/answered' });
    await relay.claim(SESSION, signal);
    expect(trace).toContain('/api/v1/papers');
    expect(trace.at(-1)).toBe('acceptPapers');
    const stuck = claiming({ acceptPapers: { kept: 0 } }, { '/api/v1/claims': 'claim/answered' });
    await expect(stuck.relay.claim(SESSION, signal)).rejects.toThrow('claim/answered');
  });

  it('that is refused for what it is, is said', async () => {
    const { relay, trace } = claiming({}, { '/api/v1/claims': 'claim/too-early' });
    await expect(relay.claim(SESSION, signal)).rejects.toThrow('claim/too-early');
    expect(trace).not.toContain('acceptClaimAnswer');
  });
});

describe('BT-9: claims by themselves', () => {
  const all = async (
    receipts: readonly ReceiptView[],
    byItself: boolean,
    answers: Parameters<typeof scripted>[0] = {},
  ) => {
    const notes = new Map<string, string>();
    const kept = {
      read: (name: string) => notes.get(name) ?? null,
      write: (name: string, text: string) => void notes.set(name, text),
    };
    setClaimsByItself(kept, byItself);
    const claimed: string[] = [];
    const module = {
      call: (async (name: string, argument: { session: string }) => {
        if (name === 'receipts') return receipts;
        if (name === 'makeClaim') {
          claimed.push(argument.session);
          if (answers.makeClaim instanceof FareboxError && claimed.length === 1) throw answers.makeClaim;
          return MADE;
        }
        return null;
      }) as never,
    };
    const provider = { sendClaim: async () => ({ verdict: BYTES }) } as never;
    const contact = { response: BYTES, certificate: BYTES, signal };
    await claimAll({ module, provider, notes: kept }, (_signal, send) => send(contact), signal);
    return claimed;
  };
  const made: ClaimView = { ...POSSIBLE, state: 'made' };
  const answered: ClaimView = { ...POSSIBLE, state: 'answered', verdict: 'paid' };

  it('are made only where the person has set it; what was made is brought in any case', async () => {
    const receipts = [
      receiptWith(POSSIBLE, { session: 'possible' }),
      receiptWith(made, { session: 'made' }),
      receiptWith(answered, { session: 'answered' }),
      receiptWith(null, { session: 'none' }),
      receiptWith(POSSIBLE, { session: 'durable', state: 'durable' }),
    ];
    expect(await all(receipts, false)).toEqual(['made']);
    expect(await all(receipts, true)).toEqual(['possible', 'made']);
  });

  it('do not stop at one that is refused, but at a refusal of this copy', async () => {
    const receipts = ['a', 'b'].map((session) => receiptWith(made, { session }));
    expect(await all(receipts, false, { makeClaim: new FareboxError('claim/none') })).toEqual(['a', 'b']);
    await expect(all(receipts, false, { makeClaim: new FareboxError('record/fork') })).rejects.toThrow('record/fork');
  });
});
