// BT-6: the document's own sequence function. Its arithmetic is held against fractions that lose nothing; its grants against the programme's keys.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../bytes.ts';
import { makeGrant, openGrant, verifyGrant } from '../grant.ts';
import { LIMITS } from '../limits.ts';
import { equalRanges, type FrameRange } from '../ranges.ts';
import { webCryptoSuite as suite } from '../suite/webcrypto.ts';
import { runs } from '../testing/runs.ts';
import { bytesOf, type Cast, HOUR, makeCast, NOW, SESSION } from '../vectors/cast.ts';
import { grantLogistic, stepLogistic } from './logistic.ts';
import { isWeakSequence, type SequenceNode, sequenceFunction, sessionSequence } from './sequence.ts';

const ONE = 1n << 128n;
const seed = bytesOf('logistic programme');
const tree = sequenceFunction('tree');
const logistic = sessionSequence('logistic');
const keyAt = (frame: number): Uint8Array => tree.keyAt(seed, frame);
const grantOf = (ranges: readonly FrameRange[], label = 'session') =>
  grantLogistic({ keyAt, ranges, functionSecret: bytesOf(`logistic ${label}`) });
const states = fc.bigInt({ min: 1n, max: ONE - 1n });

describe('BT-6: the logistic map', () => {
  test('is 4x(1−x), rounded down to 2^−128', () => {
    fc.assert(
      fc.property(states, (x) => {
        // In units of 2^−256 nothing is lost: 4x(1−x) is 4·x·(2^128−x) of them.
        const exact = 4n * x * (ONE - x);
        const { x: next } = stepLogistic(x, 1);
        expect(next * ONE <= exact && exact < (next + 1n) * ONE).toBe(true);
      }),
      { numRuns: runs(2000) },
    );
  });

  test('shows the top 32 bits of a step and no more', () => {
    fc.assert(
      fc.property(states, (x) => {
        const { x: next, exposed } = stepLogistic(x, 34);
        expect(BigInt(exposed)).toBe(next >> 96n);
      }),
      { numRuns: runs(200) },
    );
  });

  test('after 34 iterations states that share the 32 bits that were shown lie all over the range; after 20, as in the document, they do not always', () => {
    /** How many sixteenths of the range are met by states that begin with the same 32 bits. */
    const met = (shown: bigint, iterations: number): number => {
      const sixteenths = new Set<number>();
      for (let low = 0n; low < 400n; low += 1n) {
        const x = (shown << 96n) + (low * (1n << 96n)) / 400n + 1n;
        sixteenths.add(stepLogistic(x, iterations).exposed >>> 28);
      }
      return sixteenths.size;
    };
    for (const shown of [1n, 0x1234_5678n, 0x7fff_ffffn, 0x8000_0000n, 0xdead_beefn, 0xffff_fffen]) {
      expect(met(shown, 34)).toBe(16);
    }
    expect(met(0x1234_5678n, 20)).toBeLessThan(16);
  });

  test.each<[string, bigint]>([
    ['1/2, which leads to 1 and then to 0', ONE / 2n],
    ['the smallest state', 1n],
    ['the largest state', ONE - 1n],
    ['1/4, which leads to 3/4', ONE / 4n],
  ])('never stands still: from %s', (_, from) => {
    const seen = new Set<bigint>();
    let x = from;
    for (let step = 0; step < 500; step += 1) {
      x = stepLogistic(x, 1).x;
      expect(x > 0n && x < ONE).toBe(true);
      seen.add(x);
    }
    expect(seen.size).toBe(500);
  });
});

describe('BT-6: the sequence function logistic', () => {
  const ranges: readonly FrameRange[] = [
    [5, 9],
    [12, 14],
  ];
  const frames = [5, 6, 7, 8, 12, 13];

  test('gives the programme’s keys, one after the other and at chosen places, and covers exactly what was granted', () => {
    const state = logistic.restore(grantOf(ranges));
    expect(frames.slice(0, 4).map(() => toHex(state.next()))).toEqual(frames.slice(0, 4).map((n) => toHex(keyAt(n))));
    expect(state.at(13)).toEqual(keyAt(13));
    expect(state.snapshot()).toEqual([]);
    expect(equalRanges(logistic.covered(grantOf(ranges)), ranges)).toBe(true);
    for (const frame of frames) expect(logistic.restore(grantOf(ranges)).at(frame)).toEqual(keyAt(frame));
  });

  test('does not go backwards: what lies behind a frame that was taken is spent, also in a snapshot', () => {
    const state = logistic.restore(grantOf(ranges));
    expect(state.at(8)).toEqual(keyAt(8));
    for (const frame of [5, 6, 7, 8]) expect(() => state.at(frame)).toThrow('sequence/spent');
    expect(state.covers(7)).toBe(false);
    expect(() => state.next()).toThrow('sequence/not-covered');
    const left = state.snapshot();
    const again = logistic.restore(left, ranges);
    expect(() => again.at(8)).toThrow('sequence/spent');
    expect(again.at(12)).toEqual(keyAt(12));
  });

  test('a snapshot taken anywhere goes on as the state does, and holds no key of a frame', () => {
    fc.assert(
      fc.property(fc.subarray(frames, { minLength: 1 }), (taken) => {
        let state = logistic.restore(grantOf(ranges));
        for (const frame of taken) {
          expect(state.at(frame)).toEqual(keyAt(frame));
          const snapshot = state.snapshot();
          const secrets = snapshot.map(({ secret }) => toHex(secret));
          expect(frames.some((n) => secrets.includes(toHex(keyAt(n))))).toBe(false);
          state = logistic.restore(snapshot, ranges);
        }
      }),
      { numRuns: runs(30) },
    );
  });

  test('is another function in each session: other masks over the same keys, and no state unmasks another’s leaf', () => {
    const one = grantOf(ranges, 'one');
    const two = grantOf(ranges, 'two');
    const secrets = [...one, ...two].map(({ secret }) => toHex(secret));
    expect(new Set(secrets).size).toBe(secrets.length);
    const mixed = logistic.restore([...one.slice(0, 1), ...two.slice(1)]);
    expect(mixed.at(5)).not.toEqual(keyAt(5));
  });

  test.each([4, 9, 10, 14, -1, 0.5, Number.NaN])('has no key for %s', (frame) => {
    const state = logistic.restore(grantOf(ranges));
    expect(() => state.at(frame)).toThrow('sequence/not-covered');
    expect(state.covers(frame)).toBe(false);
  });

  const [state, first, second] = grantOf(ranges);
  const altered = (offset: number, value: number): SequenceNode => {
    const secret = Uint8Array.from(state?.secret ?? []);
    secret[offset] = value;
    return { level: 0, index: 0, secret };
  };
  const nodes = (...list: (SequenceNode | undefined)[]) => list.filter((node) => node !== undefined);
  test.each<[string, SequenceNode[]]>([
    ['leaves without a state', nodes(first, second)],
    ['a state without leaves', nodes(state)],
    ['two states', nodes(state, state, first)],
    ['leaves out of order', nodes(state, second, first)],
    ['a leaf twice', nodes(state, first, first)],
    ['a leaf behind the state', nodes(altered(19, 6), first)],
    ['fewer iterations than 34', nodes(altered(20, 33), first)],
    ['more iterations than 65', nodes(altered(20, 66), first)],
    ['a state of 0', nodes({ level: 0, index: 0, secret: concatState('00') }, first)],
    ['a state of 3/4', nodes({ level: 0, index: 0, secret: concatState('c0') }, first)],
    ['a secret of 31 bytes', nodes({ level: 0, index: 0, secret: new Uint8Array(31) }, first)],
    ['a leaf too far on', nodes(state, { level: 32, index: 5 + LIMITS.logisticFrames, secret: new Uint8Array(32) })],
  ])('refuses %s', (_, wrong) => {
    expect(() => logistic.restore(wrong)).toThrow('sequence/malformed');
  });

  /** A state node whose x begins with this byte and goes on with zeros, otherwise as granted. */
  function concatState(firstByte: string): Uint8Array {
    const secret = Uint8Array.from(state?.secret ?? []);
    secret.fill(0, 0, 16);
    secret[0] = Number.parseInt(firstByte, 16);
    return secret;
  }

  test('is not granted over nothing, over a longer way than its bound, or by a short secret', () => {
    expect(() => grantOf([])).toThrow('sequence/malformed');
    expect(() => grantOf([[0, LIMITS.logisticFrames + 1]])).toThrow('sequence/malformed');
    expect(() => grantLogistic({ keyAt, ranges, functionSecret: bytesOf('s', 31) })).toThrow('sequence/malformed');
  });

  test('is weak and says so, and makes no programme’s keys', () => {
    expect([isWeakSequence('logistic'), isWeakSequence('tree'), isWeakSequence('hkdf')]).toEqual([true, false, false]);
    expect(() => sequenceFunction('logistic')).toThrow('sequence/unknown');
  });
});

describe('BT-6: a grant', () => {
  let cast: Cast;
  beforeAll(async () => {
    cast = await makeCast();
  });
  const make = (logisticSecret: Uint8Array | null) =>
    makeGrant({
      signer: cast.provider.signer,
      module: cast.module.certificate,
      programme: cast.programme,
      session: SESSION,
      mode: 'display',
      ranges: [[2, 6]],
      creditMinor: 0n,
      issuedAt: NOW,
      expires: NOW + HOUR,
      sessionKey: bytesOf('session key'),
      seed: cast.seed,
      logisticSecret,
    });
  const open = async (bytes: Uint8Array) => {
    const grant = await verifyGrant({
      bytes,
      provider: cast.provider.certificate,
      module: cast.module.certificate.subject,
      programme: cast.programme,
      now: NOW,
      suite,
    });
    return { grant, ...(await openGrant(grant, cast.module.sealing)) };
  };

  test('names the programme’s function unless logistic was asked for', async () => {
    expect((await open(await make(null))).grant.sequence).toBe('tree');
  });

  test('of logistic opens to the programme’s keys over the same frames', async () => {
    const { grant, nodes } = await open(await make(bytesOf('this session')));
    expect(grant.sequence).toBe('logistic');
    const state = sessionSequence(grant.sequence).restore(nodes);
    for (const frame of [2, 3, 5]) expect(state.at(frame)).toEqual(tree.keyAt(cast.seed, frame));
    expect(() => state.at(4)).toThrow('sequence/spent');
  });
});
