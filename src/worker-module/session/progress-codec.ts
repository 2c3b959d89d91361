// Progress of a session as a CBOR map and back. Called by session-codec.ts inside the seal.

import type { CborKey, CborValue } from '../../protocol/cbor.ts';
import { isErrorCode } from '../../protocol/errors.ts';
import { decodeRanges } from '../../protocol/ranges.ts';
import { altered, frameMapMember, type Members, numberMember, textMapMember } from './members.ts';
import type { SessionProgress } from './session-state.ts';

/** The map that is sealed. */
export function encodeProgress(progress: SessionProgress): ReadonlyMap<CborKey, CborValue> {
  return new Map<CborKey, CborValue>(Object.entries(progress));
}

/** Reads it back. @throws FareboxError `store/altered`. */
export function decodeProgress(members: Members): SessionProgress {
  return {
    decrypted: decodeRanges(members.get('decrypted'), 'store/altered'),
    late: decodeRanges(members.get('late'), 'store/altered'),
    failures: new Map([...frameMapMember(members, 'failures')].map(([frame, code]) => [frame, decodeCode(code)])),
    reservations: new Map(
      [...frameMapMember(members, 'reservations')].map(([frame, tabs]) => [frame, decodeTabs(tabs)]),
    ),
    count: numberMember(members, 'count'),
    rungs: decodeRungs(members),
    firstTime: numberMember(members, 'firstTime'),
    lastTime: numberMember(members, 'lastTime'),
    lastCounter: numberMember(members, 'lastCounter'),
    positionMs: numberMember(members, 'positionMs'),
  };
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
