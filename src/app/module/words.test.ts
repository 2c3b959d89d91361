// What the Module page says of each state, and the amounts that a person writes there.

import { describe, expect, it } from 'vitest';
import type { ModuleStatus } from '../../worker-module/commands.ts';
import { formatAny, isAtRisk, needsOf, parseAny, sayPlace, sayRecipient, sayStorage } from './words.ts';

const SAFE: ModuleStatus['safety'] = {
  persistent: true,
  backup: 'none',
  backupTime: null,
  backupPasskey: false,
  usageBytes: null,
  quotaBytes: null,
  unsafeLimitMinor: 50_000,
};
const UNSAFE: ModuleStatus['safety'] = { ...SAFE, persistent: false };
const WELL: ModuleStatus = {
  moduleId: 'aa'.repeat(16),
  certificate: null,
  epoch: 1,
  epochPending: false,
  counter: 1,
  head: new Uint8Array(32),
  storage: 'ready',
  lock: 'none',
  factors: [],
  idleLockMinutes: null,
  keysMovable: true,
  standing: 'good',
  safety: SAFE,
  allowance: { dayMinor: 0, leftMinor: 0 },
  droppedCalls: 0,
};

describe('what needs the person', () => {
  const needs = (change: Partial<ModuleStatus>) => needsOf({ ...WELL, ...change }).map(({ part }) => part);

  it('BT-7: is nothing where all is well', () => expect(needs({})).toEqual([]));

  it.each([
    ['a lost store', { storage: 'wiped', lock: 'locked' }, ['trouble']],
    ['an altered store', { storage: 'altered' }, ['trouble']],
    ['a store of a newer version', { storage: 'newer-version' }, ['trouble']],
    ['a full store', { storage: 'full', safety: UNSAFE }, ['trouble']],
    ['a lock', { lock: 'locked', standing: 'fork' }, ['lock']],
    ['an older copy', { standing: 'regress' }, ['trouble']],
    ['two copies', { standing: 'fork' }, ['trouble']],
    ['a copy that was replaced', { standing: 'superseded' }, ['trouble']],
    ['a pending epoch', { standing: 'superseded', epochPending: true }, ['trouble']],
    ['storage that nobody promised', { safety: UNSAFE }, ['storage', 'backup']],
    ['a backup that nobody checked', { safety: { ...UNSAFE, backup: 'unverified' } }, ['storage', 'backup']],
    ['a checked backup', { safety: { ...UNSAFE, backup: 'verified' } }, []],
    ['a standing that was never asked', { standing: 'unknown' }, []],
    ['a module that has done nothing', { moduleId: null, safety: UNSAFE }, []],
  ] as const)('BT-7: names what %s asks for', (_what, change, parts) => expect(needs(change)).toEqual(parts));

  it('BT-7: is at risk until the browser promised or a backup was checked', () => {
    expect(isAtRisk({ safety: SAFE })).toBe(false);
    expect(isAtRisk({ safety: { ...UNSAFE, backup: 'unverified' } })).toBe(true);
    expect(isAtRisk({ safety: { ...UNSAFE, backup: 'verified' } })).toBe(false);
  });

  it.each([
    ['ready', SAFE, 'kept'],
    ['ready', UNSAFE, 'may be cleared'],
    ['wiped', SAFE, 'lost'],
    ['altered', SAFE, 'lost'],
    ['full', SAFE, 'full'],
    ['refused', SAFE, 'refused'],
    ['newer-version', SAFE, 'newer'],
  ] as const)('BT-7: says of storage that is %s in a word how it stands', (storage, safety, word) =>
    expect(sayStorage({ storage, safety })[1]).toBe(word),
  );
});

describe('where things are and went', () => {
  it('BT-8: says where each thing of a restore was', () => {
    expect(sayPlace({ outcome: 'found', place: 'checkpoint' })).toBe('in the checkpoint');
    expect(sayPlace({ outcome: 'unreachable', place: 'backup' })).toBe(
      'in the backup; the provider could not be asked',
    );
    expect(sayPlace({ outcome: 'used', place: 'provider' })).toBe('the provider has it from another copy');
    expect(sayPlace({ outcome: 'not-found', place: 'backup' })).toBe('the provider has never heard of it');
  });

  it('says to whom something was let out', () => {
    expect(sayRecipient({ what: 'contact', to: '77d04e21'.repeat(4) })).toBe('to provider 77d04e21');
    expect(sayRecipient({ what: 'enrolment', to: null })).toBe('to the agency');
    expect(sayRecipient({ what: 'backup', to: null })).toBe('to you');
  });
});

describe('amounts of no one currency', () => {
  it('are written with their sign where one is known, and bare where none is', () => {
    expect(formatAny(50_000, 'EUR')).toBe('€5.00');
    expect(formatAny(50_000, null)).toBe('5.00');
    expect(formatAny(50_050, null)).toBe('5.0050');
  });

  it.each([
    ['5', 50_000],
    ['5.5', 55_000],
    ['2,50', 25_000],
    [' 0 ', 0],
    ['0.01', 100],
    ['9999999.99', 99_999_999_900],
  ])('are read from %j as whole minor units', (written, minor) => expect(parseAny(written)).toBe(minor));

  it.each(['', '-1', '1.005', '5 €', '1e3', '10000000', '1,000.00', 'NaN', '.5'])('are not read from %j', (written) =>
    expect(parseAny(written)).toBeNull(),
  );
});
