// What `status` says of storage: a passing trouble passes with the next commit, a lost or altered store stays so until it is opened anew.

import { describe, expect, test } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import { makeStorageHealth } from './health.ts';

describe('BT-7: the health of storage', () => {
  test('is ready, and full or refused only until a commit is durable', () => {
    const health = makeStorageHealth();
    expect(health.state()).toBe('ready');
    for (const [code, state] of [
      ['store/full', 'full'],
      ['store/refused', 'refused'],
    ] as const) {
      health.noteError(new FareboxError(code));
      expect(health.state()).toBe(state);
      expect(health.refusal()).toBeNull();
      health.noteDurable();
      expect(health.state()).toBe('ready');
    }
  });

  test('is not touched by what storage has no part in', () => {
    const health = makeStorageHealth();
    health.noteError(new FareboxError('store/conflict'));
    health.noteError(new FareboxError('grant/expired'));
    expect(health.state()).toBe('ready');
  });

  for (const [code, state] of [
    ['store/wiped', 'wiped'],
    ['store/altered', 'altered'],
    ['store/newer-version', 'newer-version'],
    ['store/replaced', 'refused'],
  ] as const) {
    test(`refuses every write with ${code} once that was found, whatever comes after`, () => {
      const health = makeStorageHealth();
      health.noteError(new FareboxError('store/full'));
      health.noteError(new FareboxError(code));
      health.noteDurable();
      health.noteError(new FareboxError('store/full'));
      health.noteError(new FareboxError('store/wiped'));
      expect(health.state()).toBe(state);
      expect(health.refusal()).toBe(code);
    });
  }
});
