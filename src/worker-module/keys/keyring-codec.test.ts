// The keyring at its largest: every bound of it at once still fits into the one row, and is read back.

import { expect, test } from 'vitest';
import { decodeProviderId, hashObject } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { bytesOf, NOW } from '../../protocol/vectors/cast.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { KeySlotState, KeySlots } from './key-slots.ts';
import type { Keyring } from './keyring.ts';
import { decodeKeyring, encodeKeyring } from './keyring-codec.ts';

const longest = (at: number) => `${'a'.repeat(LIMITS.keyReferenceLength - 4)}-${String(at).padStart(3, '0')}`;
const slot = (at: number) => ({ reference: longest(at), version: LIMITS.keyVersions });
const times = <T>(count: number, make: (at: number) => T): readonly T[] =>
  Array.from({ length: count }, (_none, at) => make(at));

function fullest(holder: number): KeySlots {
  return {
    transport: {
      provider: decodeProviderId(bytesOf(`provider ${holder}`, 16)),
      ...{ set: bytesOf('set', 16), transportKey: bytesOf('T'), issuedAt: NOW },
    },
    requests: times(MODULE_LIMITS.keyRequests, (at) => ({
      ...{ random: bytesOf(`R ${at}`, 16), reference: longest(at), drawnTime: NOW },
    })),
    slots: times(
      MODULE_LIMITS.keySlots,
      (at): KeySlotState => ({
        ...slot(at),
        ...{ kind: 'series', count: LIMITS.seriesNumbers, masked: true, importedTime: NOW },
        applicationKey: bytesOf(`TA ${at}`),
      }),
    ),
    agreement: {
      ...{ number: LIMITS.agreements, rule: 'counter', master: slot(0), epoch: LIMITS.epochs },
      series: times(LIMITS.seriesSets, (at) => ({
        ...{ slot: slot(at), retired: times(LIMITS.seriesNumbers, (index) => index), pin: true },
      })),
      ...{ issuedAt: NOW, acceptedTime: NOW, agreementHash: hashObject(bytesOf('agreement')) },
    },
    newest: LIMITS.agreements,
    count: Number.MAX_SAFE_INTEGER,
    history: times(MODULE_LIMITS.keyEvents, (at) => ({ time: NOW, what: 'replaced', ...slot(at), number: null })),
  };
}

test('SD-5: keys of sixteen providers, each at every bound, are one row', () => {
  const keyring: Keyring = {
    pinSecret: bytesOf('PIN secret'),
    triedTimes: times(MODULE_LIMITS.pinTries, () => NOW),
    holders: times(MODULE_LIMITS.keyHolders, fullest),
  };
  const bytes = encodeKeyring(keyring);
  expect(bytes.length).toBeLessThan(LIMITS.cborSizeBytes / 2);
  expect(decodeKeyring(bytes)).toEqual(keyring);
});

test('what a newer build wrote is left alone', () => {
  const bytes = encodeKeyring({ pinSecret: bytesOf('PIN secret'), triedTimes: [], holders: [] });
  const at = bytes.lastIndexOf(1);
  expect(() => decodeKeyring(bytes.with(at, 2))).toThrow('store/newer-version');
});
