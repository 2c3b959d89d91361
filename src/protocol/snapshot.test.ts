// Snapshots: BT-7. What a lost store is begun anew from comes back as it was written, and anything else is refused whole.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { equalBytes } from './bytes.ts';
import { type CborKey, type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { decodeModuleId, decodeSessionId, idBytes } from './ids.ts';
import { noDevice } from './life.ts';
import { LIMITS } from './limits.ts';
import { decodeSnapshot, encodeSnapshot, SNAPSHOT_SESSION_STATES, type Snapshot } from './snapshot.ts';
import { runs } from './testing/runs.ts';
import { withMember } from './vectors/altered.ts';
import { bytesOf, type Cast, makeCast, SESSION } from './vectors/cast.ts';
import { snapshotOf } from './vectors/keeping.ts';
import { sealGrant, tellStory } from './vectors/story.ts';

let cast: Cast;
let snapshot: Snapshot;
beforeAll(async () => {
  cast = await makeCast();
  snapshot = await snapshotOf(cast, await tellStory(cast, await sealGrant(cast)));
});

/** Members of a CBOR map with one of them set, or taken out where the value is undefined. */
function changed(map: CborValue | undefined, name: string, value: CborValue | undefined): Map<CborKey, CborValue> {
  const members = new Map<CborKey, CborValue>(map instanceof Map ? map : []);
  if (value === undefined) members.delete(name);
  else members.set(name, value);
  return members;
}

/** A decoded snapshot with one member of its first session or receipt changed. */
function withThing(
  whole: CborValue,
  list: 'sessions' | 'receipts',
  name: string,
  value: CborValue | undefined,
): CborValue {
  const things = whole instanceof Map ? whole.get(list) : undefined;
  if (!Array.isArray(things)) throw new Error('no such list');
  const [first, ...rest]: readonly CborValue[] = things;
  return changed(whole, list, [changed(first, name, value), ...rest]);
}

describe('BT-7: a snapshot', () => {
  test('comes back as it was written', () => {
    expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual(snapshot);
  });

  test.each(SNAPSHOT_SESSION_STATES)('keeps a session that is %s', (state) => {
    const sessions = snapshot.sessions.map((kept) => ({ ...kept, state }));
    expect(decodeSnapshot(encodeSnapshot({ ...snapshot, sessions }))).toEqual({ ...snapshot, sessions });
  });

  test('of a module before enrolment, without lock and sessions, comes back as well', () => {
    const settings = { idleLockMs: null, allowanceMinor: 0 };
    const fresh = { ...snapshot, certificate: null, counter: 0, settings, sessions: [], receipts: [] };
    expect(decodeSnapshot(encodeSnapshot(fresh))).toEqual(fresh);
    const receipts = snapshot.receipts.map((kept) => ({ ...kept, acknowledgement: null }));
    expect(decodeSnapshot(encodeSnapshot({ ...snapshot, receipts })).receipts).toEqual(receipts);
  });

  test('of a module from before there were epochs has no keys in it that could be read', () => {
    const none = new Uint8Array(0);
    const old = { ...snapshot, signingKey: none, openingKey: none, device: noDevice(), epoch: 0 };
    expect(decodeSnapshot(encodeSnapshot(old))).toEqual(old);
  });

  test.each<[string, CborValue | undefined]>([
    ['type', 'farebox/backup'],
    ['version', 0],
    ['version', '1'],
    ['module', bytesOf('module', 15)],
    ['module', bytesOf('module', 16)],
    ['signingKey', undefined],
    ['signingKey', new Uint8Array(0)],
    ['signingKey', bytesOf('key', 47)],
    ['signingKey', bytesOf('key', 129)],
    ['openingKey', undefined],
    ['openingKey', new Uint8Array(0)],
    ['openingKey', bytesOf('key', 47)],
    ['openingKey', 'key'],
    ['signingPublicKey', bytesOf('another key')],
    ['signingPublicKey', bytesOf('key', 31)],
    ['openingPublicKey', bytesOf('key', 33)],
    ['device', bytesOf('device', 15)],
    ['device', new Uint8Array(16)],
    ['epoch', 0],
    ['epoch', 2 ** 32],
    ['enrolmentRequest', null],
    ['enrolmentRequest', new Uint8Array(0)],
    ['certificate', undefined],
    ['certificate', new Uint8Array(0)],
    ['counter', -1],
    ['head', bytesOf('head', 31)],
    ['settings', undefined],
    ['settings', []],
    ['settings', new Map([['allowanceMinor', 0]])],
    ['settings', new Map([['idleLockMs', null]])],
    [
      'settings',
      new Map([
        ['idleLockMs', 0],
        ['allowanceMinor', 0],
      ]),
    ],
    [
      'settings',
      new Map([
        ['idleLockMs', 1],
        ['allowanceMinor', -1],
      ]),
    ],
    [
      'settings',
      new Map([
        ['idleLockMs', 1],
        ['allowanceMinor', 1],
        ['more', 1],
      ]),
    ],
    ['sessions', undefined],
    ['sessions', new Map()],
    ['sessions', [1]],
    ['receipts', undefined],
    ['receipts', [[]]],
    ['secrets', bytesOf('tree')],
  ])('with another %s (%s) is malformed', (name, value) => {
    expect(() => decodeSnapshot(withMember(encodeSnapshot(snapshot), name, value))).toThrow('backup/malformed');
  });

  test.each<[string, CborValue | undefined]>([
    ['session', bytesOf('s', 15)],
    ['session', idBytes(SESSION)],
    ['state', 'over'],
    ['state', undefined],
    ['openedTime', -1],
    ['openedCounter', 0],
    ['programme', new Uint8Array(0)],
    ['grant', undefined],
    ['providerCertificate', null],
    ['terms', undefined],
    ['progress', 'progress'],
    ['secrets', bytesOf('tree')],
    ['secretsKey', null],
  ])('with a session of another %s (%s) is malformed', (name, value) => {
    const bytes = encodeCbor(withThing(decodeCbor(encodeSnapshot(snapshot)), 'sessions', name, value));
    expect(() => decodeSnapshot(bytes)).toThrow('backup/malformed');
  });

  test.each<[string, CborValue | undefined]>([
    ['session', undefined],
    ['closedTime', -1],
    ['receipt', new Uint8Array(0)],
    ['certificate', null],
    ['acknowledgement', undefined],
    ['acknowledgement', new Uint8Array(0)],
    ['more', 1],
  ])('with a receipt of another %s (%s) is malformed', (name, value) => {
    const bytes = encodeCbor(withThing(decodeCbor(encodeSnapshot(snapshot)), 'receipts', name, value));
    expect(() => decodeSnapshot(bytes)).toThrow('backup/malformed');
  });

  test('with two receipts for one session is malformed', () => {
    const receipts = [...snapshot.receipts, ...snapshot.receipts];
    expect(() => decodeSnapshot(encodeSnapshot({ ...snapshot, receipts }))).toThrow('backup/malformed');
  });

  test('of another module than its key is malformed', () => {
    const other = { ...snapshot, module: decodeModuleId(cast.otherModule.signer.kid) };
    expect(() => decodeSnapshot(encodeSnapshot(other))).toThrow('backup/malformed');
  });

  test('of a newer version is told from a broken one', () => {
    expect(() => decodeSnapshot(withMember(encodeSnapshot(snapshot), 'version', 2))).toThrow('backup/newer-version');
  });

  test('that is no CBOR is malformed', () => {
    expect(() => decodeSnapshot(bytesOf('noise', 90))).toThrow('backup/malformed');
    expect(() => decodeSnapshot(encodeCbor([]))).toThrow('backup/malformed');
    expect(() => decodeSnapshot(new Uint8Array(LIMITS.backupSizeBytes + 1))).toThrow('backup/malformed');
  });

  test('holds twenty thousand sessions and as many receipts, and not one more', () => {
    const many = (count: number): Snapshot => {
      const ids = Array.from({ length: count }, (_, at) => decodeSessionId(at.toString(16).padStart(32, '0')));
      const [session, receipt] = [snapshot.sessions[0], snapshot.receipts[0]];
      if (session === undefined || receipt === undefined) throw new Error('nothing to repeat');
      const small = { programme: bytesOf('p', 1), grant: bytesOf('g', 1), providerCertificate: bytesOf('c', 1) };
      return {
        ...snapshot,
        sessions: ids.map((id) => ({ ...session, ...small, session: id })),
        receipts: ids.map((id) => ({ ...receipt, session: id, acknowledgement: null })),
      };
    };
    const full = many(LIMITS.snapshotThings);
    const read = decodeSnapshot(encodeSnapshot(full));
    expect([read.sessions.length, read.receipts.length]).toEqual([20_000, 20_000]);
    expect(read.sessions.at(-1)).toEqual(full.sessions.at(-1));
    const { sessions, receipts } = many(LIMITS.snapshotThings + 1);
    expect(() => encodeSnapshot({ ...snapshot, sessions })).toThrow('backup/too-large');
    expect(() => encodeSnapshot({ ...snapshot, receipts })).toThrow('backup/too-large');
  });

  test('that is structured garbage gives a coded error or a snapshot that encodes back', () => {
    const scalar = fc.oneof(
      fc.integer({ min: -1, max: 2 ** 33 }),
      fc.string({ maxLength: 8 }),
      fc.uint8Array({ maxLength: 50 }),
      fc.constant(null),
    );
    const tiny = { programme: bytesOf('p', 1), grant: bytesOf('g', 1), providerCertificate: bytesOf('c', 1) };
    const small = {
      ...snapshot,
      sessions: snapshot.sessions.map((kept) => ({ ...kept, ...tiny })),
      receipts: snapshot.receipts.map((kept) => ({ ...kept, receipt: bytesOf('r', 1), certificate: bytesOf('c', 1) })),
    };
    const nested = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
    const whole = decodeCbor(encodeSnapshot(small));
    const names = whole instanceof Map ? [...whole.keys()].map(String) : [];
    expect(names).toHaveLength(16);
    const members = ['session', 'state', 'openedCounter', 'terms', 'receipt', 'acknowledgement', 'more'];
    const change = fc.oneof(
      fc.tuple(fc.constantFrom(...names), nested).map(([name, value]) => changed(whole, name, value)),
      fc
        .tuple(fc.constantFrom<'sessions' | 'receipts'>('sessions', 'receipts'), fc.constantFrom(...members), nested)
        .map(([list, name, value]) => withThing(whole, list, name, value)),
    );
    fc.assert(
      fc.property(change.map(encodeCbor), (bytes) => {
        try {
          expect(equalBytes(encodeSnapshot(decodeSnapshot(bytes)), bytes)).toBe(true);
        } catch (thrown) {
          if (!(thrown instanceof FareboxError)) throw thrown;
          expect(['backup/malformed', 'backup/newer-version']).toContain(thrown.code);
        }
      }),
      { numRuns: runs(20_000) },
    );
  });
});
