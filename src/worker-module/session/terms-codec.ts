// Terms of a session as a CBOR map and back. Called by session-codec.ts inside the seal.

import type { CborKey, CborValue } from '../../protocol/cbor.ts';
import { decodeContentHash, decodeProgrammeId, decodeProviderId } from '../../protocol/ids.ts';
import { decodeLiveTerms, encodeLiveTerms, type LiveTerms } from '../../protocol/live-terms.ts';
import { decodeReplay, encodeReplay, OUTPUT_MODES, type OutputMode } from '../../protocol/programme.ts';
import { decodeRanges } from '../../protocol/ranges.ts';
import { decodeSessionSequenceName } from '../../protocol/sequence/sequence.ts';
import { altered, type Members, numberMember, textMember } from './members.ts';
import { decodeSessionContract, encodeSessionContract } from './session-contract.ts';
import type { SessionTerms } from './session-state.ts';

/** The map that is sealed. */
export function encodeTerms(terms: SessionTerms): ReadonlyMap<CborKey, CborValue> {
  const { replay, contract, live, offline, ...rest } = terms;
  const members = new Map<CborKey, CborValue>([...Object.entries(rest), ['replay', encodeReplay(replay)]]);
  if (contract !== null) members.set('contract', encodeSessionContract(contract));
  if (live !== null) members.set('live', encodeLiveTerms(live));
  if (offline) members.set('offline', true);
  return members;
}

/** Reads it back. @throws FareboxError `store/altered`. */
export function decodeTerms(members: Members): SessionTerms {
  const sequence = decodeSessionSequenceName(textMember(members, 'sequence'), 'store/altered');
  return {
    provider: decodeProviderId(members.get('provider'), 'store/altered'),
    programme: decodeProgrammeId(members.get('programme'), 'store/altered'),
    programmeHash: decodeContentHash(members.get('programmeHash'), 'store/altered'),
    manifestHash: decodeContentHash(members.get('manifestHash'), 'store/altered'),
    grantHash: decodeContentHash(members.get('grantHash'), 'store/altered'),
    title: textMember(members, 'title'),
    currency: textMember(members, 'currency'),
    priceMinor: BigInt(numberMember(members, 'priceMinor')),
    creditMinor: BigInt(numberMember(members, 'creditMinor')),
    expires: numberMember(members, 'expires'),
    frameCount: numberMember(members, 'frameCount'),
    frameDurationMs: numberMember(members, 'frameDurationMs'),
    granted: decodeRanges(members.get('granted'), 'store/altered'),
    replay: decodeReplay(members.get('replay') ?? null, 'store/altered'),
    sequence,
    contract: decodeSessionContract(members.get('contract')),
    mode: decodeMode(members),
    live: decodeLive(members),
    offline: decodeOffline(members),
  };
}

/** What is for the line says nothing of it. */
function decodeOffline(members: Members): boolean {
  if (!members.has('offline')) return false;
  if (members.get('offline') !== true) throw altered('offline');
  return true;
}

/** What is not live says nothing of it. */
function decodeLive(members: Members): LiveTerms | null {
  const live = members.get('live');
  return live === undefined ? null : decodeLiveTerms(live, numberMember(members, 'frameCount'), 'store/altered');
}

/** What was sealed before there were other ways out says nothing of them, and was for the display. */
function decodeMode(members: Members): OutputMode {
  if (!members.has('mode')) return 'display';
  const mode = OUTPUT_MODES.find((known) => known === members.get('mode'));
  if (mode === undefined) throw altered('mode');
  return mode;
}
