// The word beside the passphrase field: what must never be called strong, and what may be.

import { describe, expect, it } from 'vitest';
import { strengthOf } from './passphrase-strength.ts';

describe('the strength of a passphrase', () => {
  it.each([
    '',
    'secret',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    'abcdefghijklmnopqrstuvwxyz',
    '123412341234123412341234',
    'passwordpasswordpassword',
  ])('calls %j weak', (passphrase) => {
    expect(strengthOf(passphrase)).toBe('weak');
  });

  it.each(['purple kettle', 'Tr4mway-Lamp'])('calls %j fair', (passphrase) => {
    expect(strengthOf(passphrase)).toBe('fair');
  });

  it.each(['otter harvest mantle frozen bracket', '9f$Kq2!vLx7@Rp'])('calls %j strong', (passphrase) => {
    expect(strengthOf(passphrase)).toBe('strong');
  });

  it('never falls when a character is added', () => {
    const order: readonly string[] = ['weak', 'fair', 'strong'];
    const whole = 'Forty 4 lamps, none of them lit at noon';
    const steps = [...whole].map((_, index) => order.indexOf(strengthOf(whole.slice(0, index + 1))));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});
