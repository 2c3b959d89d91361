// What the keys part says: one row for each key and each place for one, and nothing about a PIN that it could not know.

import { describe, expect, it } from 'vitest';
import type { KeySetView, KeySlotView } from '../../worker-module/commands.ts';
import { rowsOf, sayEvent, sayFetched, sayKeys, sayPinTrouble, spellCheckValue } from './keys-part-words.ts';

const slot = (reference: string, change: Partial<KeySlotView> = {}): KeySlotView => ({
  ...{ reference, version: 1, kind: 'series', checkValue: '3f9ac1', pin: false, importedTime: 0 },
  ...change,
});
const SET: KeySetView = {
  provider: 'cd'.repeat(16),
  set: '00'.repeat(16),
  transportCheckValue: '000000',
  agreement: {
    number: 1,
    rule: 'client',
    pins: [
      { reference: 'messages', version: 1 },
      { reference: 'wallet', version: 2 },
    ],
  },
  count: 0,
  slots: [
    slot('coupons', { kind: 'key' }),
    slot('master', { kind: 'master' }),
    slot('wallet', { pin: true, checkValue: null }),
    slot('watch'),
  ],
  history: [],
};

describe('the keys in words', () => {
  it('SD-3, MC-5: has a row for each key, and for each that comes with its PIN', () => {
    expect(rowsOf(SET).map(({ title, pin }) => [title, pin])).toEqual([
      ['Master key', 'none'],
      ['coupons', 'none'],
      ['Watching', 'none'],
      ['Messages', 'missing'],
      ['Wallet', 'renew'],
    ]);
  });

  it('MC-5: asks for no PIN again where the version is the one that was agreed, or nothing is agreed', () => {
    const agreed = { number: 1, rule: 'client', pins: [{ reference: 'wallet', version: 1 }] } as const;
    for (const agreement of [agreed, null]) {
      const row = rowsOf({ ...SET, agreement }).find(({ reference }) => reference === 'wallet');
      expect(row?.pin).toBe('set');
    }
  });

  it('says how they stand', () => {
    expect(sayKeys(undefined)).toEqual(['absent', 'none yet']);
    expect(sayKeys({ ...SET, agreement: null })).toEqual(['unsure', 'to be agreed']);
    expect(sayKeys(SET)).toEqual(['good', 'agreed']);
  });

  it.each([
    [{ imported: [], agreement: 2 }, 'You have every key there is. Agreement 2 holds.'],
    [{ imported: ['watch'], agreement: 1 }, 'One key came, and agreement 1 holds.'],
    [{ imported: ['master', 'watch'], agreement: 1 }, '2 keys came, and agreement 1 holds.'],
  ])('says what came of fetching: %j', (fetched, said) => expect(sayFetched(fetched)).toBe(said));

  it.each([
    [{ what: 'joined' as const }, 'The provider took this module into a set'],
    [{ what: 'imported' as const, reference: 'watch', version: 1 }, 'Watching (watch/1) came'],
    [{ what: 'replaced' as const, reference: 'x', version: 2 }, 'x (x/2) took the place of an older one'],
    [{ what: 'agreed' as const, number: 4 }, 'Agreement 4 was accepted'],
    [{ what: 'pin' as const, reference: 'wallet', version: 1 }, 'A PIN was chosen for Wallet (wallet/1)'],
  ])('says what happened: %j', (event, said) =>
    expect(sayEvent({ time: 0, reference: null, version: null, number: null, ...event })).toBe(said),
  );

  it('MC-5: says nothing more of a wrong PIN than that it is one', () => {
    expect(sayPinTrouble('keys/refused')).toBe('Not recognised.');
    expect(sayPinTrouble('keys/too-many')).toContain('Too many PINs');
    expect(spellCheckValue('3f9ac1')).toBe('3f 9a c1');
  });
});
