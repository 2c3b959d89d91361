// Progress of a session as a CBOR map and back. Called by session-codec.ts inside the seal.

import type { CborKey, CborValue } from '../../protocol/cbor.ts';
import { isErrorCode } from '../../protocol/errors.ts';
import { decodeRanges } from '../../protocol/ranges.ts';
import { decodeOutcome, encodeOutcome } from './claim-outcome.ts';
import { altered, frameMapMember, type Members, numberMember, textMapMember } from './members.ts';
import type { SessionProgress } from './session-state.ts';

/** The map that is sealed. */
export function encodeProgress(progress: SessionProgress): ReadonlyMap<CborKey, CborValue> {
  const { low, stalls, claim, claimAnswer, contradiction, claimOutcome, mark, ...rest } = progress;
  const members = new Map<CborKey, CborValue>(Object.entries(rest));
  // What only a session with a contract has is left out where there is none of it: so it was sealed before there were contracts.
  if (low.length > 0) members.set('low', low);
  if (stalls.size > 0) members.set('stalls', stalls);
  if (claim !== null) members.set('claim', claim);
  if (claimAnswer !== null) members.set('claimAnswer', claimAnswer);
  if (contradiction !== null) members.set('contradiction', contradiction);
  if (claimOutcome !== null) members.set('claimOutcome', encodeOutcome(claimOutcome));
  if (mark > 0) members.set('mark', mark);
  return members;
}

/** Reads it back. @throws FareboxError `store/altered`. */
export function decodeProgress(members: Members): SessionProgress {
  return {
    decrypted: decodeRanges(members.get('decrypted'), 'store/altered'),
    late: decodeRanges(members.get('late'), 'store/altered'),
    low: members.has('low') ? decodeRanges(members.get('low'), 'store/altered') : [],
    stalls: members.has('stalls') ? decodeStalls(members) : new Map(),
    claim: decodeBytes(members, 'claim'),
    claimAnswer: decodeBytes(members, 'claimAnswer'),
    contradiction: decodeContradiction(members.get('contradiction')),
    claimOutcome: decodeOutcome(members.get('claimOutcome')),
    failures: new Map([...frameMapMember(members, 'failures')].map(([frame, code]) => [frame, decodeCode(code)])),
    reservations: new Map(
      [...frameMapMember(members, 'reservations')].map(([frame, tabs]) => [frame, decodeTabs(tabs)]),
    ),
    count: numberMember(members, 'count'),
    rungs: decodeRungs(members),
    firstTime: numberMember(members, 'firstTime'),
    lastTime: numberMember(members, 'lastTime'),
    lastCounter: numberMember(members, 'lastCounter'),
    mark: members.has('mark') ? numberMember(members, 'mark') : 0,
    positionMs: numberMember(members, 'positionMs'),
  };
}

function decodeContradiction(value: CborValue | undefined): SessionProgress['contradiction'] {
  if (value === undefined) return null;
  const [known, other]: readonly CborValue[] = Array.isArray(value) && value.length === 2 ? value : [];
  if (known instanceof Uint8Array && other instanceof Uint8Array) return [known, other];
  throw altered('contradiction');
}

function decodeStalls(members: Members): Map<number, number> {
  return new Map(
    [...frameMapMember(members, 'stalls')].map(([frame, ms]) => {
      if (typeof ms !== 'number') throw altered('stalls');
      return [frame, ms];
    }),
  );
}

function decodeBytes(members: Members, name: string): Uint8Array | null {
  const bytes = members.get(name);
  if (bytes === undefined) return null;
  if (!(bytes instanceof Uint8Array)) throw altered(name);
  return bytes;
}

function decodeRungs(members: Members): Map<string, number> {
  return new Map(
    [...textMapMember(members, 'rungs')].map(([rung, frames]) => {
      if (typeof frames !== 'number') throw altered('rungs');
      return [rung, frames];
    }),
  );
}

function decodeCode(value: CborValue) {
  if (!isErrorCode(value)) throw altered('failures');
  return value;
}

function decodeTabs(value: CborValue): readonly string[] {
  if (!Array.isArray(value)) throw altered('reservations');
  return value.map((tab: unknown) => {
    if (typeof tab !== 'string') throw altered('reservations');
    return tab;
  });
}
