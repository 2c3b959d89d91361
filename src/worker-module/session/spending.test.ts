// The rule for one more reservation, at each of its boundaries. What the sums are made of is tested with real sessions in open-session.test.ts.

import { describe, expect, test } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { settingsOf } from '../settings/settings.ts';
import { type BackupRow, ROW_VERSION, type SettingsRow } from '../store/rows.ts';
import { judgeReservation, leftOf, type Spending } from './spending.ts';

const LIMIT = BigInt(MODULE_LIMITS.unsafeValueMinor);
const persistent: SettingsRow = { ...settingsOf(null), persistent: true };
const sums = (dayMinor: bigint, openMinor: bigint): Spending => ({ dayMinor, openMinor });

function backup(verifiedTime: number | null): BackupRow {
  const secret = { nonce: new Uint8Array(12), sealed: new Uint8Array(32) };
  return { name: 'backup', version: ROW_VERSION, secret, locator: new Uint8Array(16), madeTime: 1, verifiedTime };
}

function judged(reservedMinor: bigint, spending: Spending, settings: SettingsRow | null, row: BackupRow | null = null) {
  try {
    return judgeReservation(reservedMinor, spending, { settings, backup: row });
  } catch (error) {
    if (error instanceof FareboxError) return error.code;
    throw error;
  }
}

describe('CARD-3: the day’s allowance', () => {
  test('covers what is exactly left of it, and asks for one ten-thousandth more', () => {
    const settings = { ...persistent, allowanceMinor: 1_000 };
    expect(judged(400n, sums(600n, 0n), settings)).toBe('within');
    expect(judged(401n, sums(600n, 0n), settings)).toBe('ask');
  });

  test('of zero asks for everything that costs, and for nothing that is free', () => {
    const settings = { ...persistent, allowanceMinor: 0 };
    expect(judged(1n, sums(0n, 0n), settings)).toBe('ask');
    expect(judged(0n, sums(0n, 0n), settings)).toBe('within');
  });

  test('that was lowered below what is spent leaves nothing, never less', () => {
    const settings = { ...persistent, allowanceMinor: 500 };
    expect(leftOf(sums(600n, 0n), settings)).toBe(0n);
    expect(judged(0n, sums(600n, 0n), settings)).toBe('within');
  });

  test('is EUR 5.00 where nobody has set one', () => {
    expect(leftOf(sums(0n, 0n), settingsOf(null))).toBe(50_000n);
  });
});

describe('CARD-3: the small limit, while an eviction would lose value', () => {
  const rich = { ...settingsOf(null), allowanceMinor: 10 ** 9 };

  test('is EUR 5.00 over all open grants: what reaches it is opened, what passes it is not', () => {
    expect(LIMIT).toBe(50_000n);
    expect(judged(1n, sums(0n, LIMIT - 1n), rich)).toBe('within');
    expect(judged(2n, sums(0n, LIMIT - 1n), rich)).toBe('store/at-risk');
    expect(judged(LIMIT + 1n, sums(0n, 0n), rich)).toBe('store/at-risk');
  });

  test('counts what is open, and not what was spent today', () => {
    expect(judged(1n, sums(LIMIT, 0n), rich)).toBe('within');
  });

  test('holds with a backup that nobody has shown to open, and ends with one that was', () => {
    expect(judged(LIMIT + 1n, sums(0n, 0n), rich, backup(null))).toBe('store/at-risk');
    expect(judged(LIMIT + 1n, sums(0n, 0n), rich, backup(5))).toBe('within');
  });

  test('ends where the browser has promised not to evict', () => {
    expect(judged(LIMIT + 1n, sums(0n, 0n), { ...rich, persistent: true })).toBe('within');
  });

  test('refuses before the allowance asks: nobody is asked for what is refused anyway', () => {
    expect(judged(LIMIT + 1n, sums(0n, 0n), { ...rich, allowanceMinor: 0 })).toBe('store/at-risk');
  });

  test('says what is open, what the limit is, and why it holds', () => {
    try {
      judgeReservation(LIMIT + 1n, sums(0n, 5n), { settings: rich, backup: null });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'store/at-risk',
        detail: { heldMinor: 50_006, limitMinor: 50_000, reason: 'storage is not persistent and there is no backup' },
      });
    }
  });
});
