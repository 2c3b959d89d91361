// Claims of signed objects: their numbers (docs/protocol.md §10) and the reader through which every verifier takes them.
// A number once given is never given again. The reader refuses what is missing, of another type, or not expected.

import { isCurrency } from './amount.ts';
import type { CborKey, CborValue } from './cbor.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';
import { decodeRanges, type FrameRange } from './ranges.ts';

/** Registered claims of RFC 8392 and RFC 8747, then private-use ones in the order in which they were given. */
export const CLAIMS = {
  iss: 1,
  sub: 2,
  aud: 3,
  exp: 4,
  iat: 6,
  cnf: 8,
  type: -70_001,
  version: -70_002,
  role: -70_003,
  sealingKey: -70_004,
  nonce: -70_005,
  ids: -70_006,
  programme: -70_007,
  title: -70_008,
  frameCount: -70_009,
  frameDurationMs: -70_010,
  sequence: -70_011,
  currency: -70_012,
  priceMinor: -70_013,
  modes: -70_014,
  replay: -70_015,
  manifest: -70_016,
  challenge: -70_017,
  counter: -70_018,
  head: -70_019,
  session: -70_020,
  programmeHash: -70_021,
  mode: -70_022,
  ranges: -70_023,
  reservedMinor: -70_024,
  creditMinor: -70_025,
  hpkeSuite: -70_026,
  hpkeEnc: -70_027,
  sealedGrant: -70_028,
  grantHash: -70_029,
  frames: -70_030,
  count: -70_031,
  rungs: -70_032,
  firstTime: -70_033,
  lastTime: -70_034,
  onTime: -70_035,
  late: -70_036,
  failed: -70_037,
  withheld: -70_038,
  amountMinor: -70_039,
  receiptHash: -70_040,
  sequenceNumber: -70_041,
  device: -70_042,
  epoch: -70_043,
  pastHead: -70_044,
  verdict: -70_045,
  since: -70_046,
  sessions: -70_047,
  contract: -70_048,
  contractHash: -70_049,
  lateFrames: -70_050,
  lostFrames: -70_051,
  stalls: -70_052,
  belowRung: -70_053,
  lines: -70_054,
  claimHash: -70_055,
  delivery: -70_056,
  deliveryId: -70_057,
  live: -70_070,
  number: -70_071,
  previous: -70_072,
  from: -70_073,
  to: -70_074,
  segments: -70_075,
  commitments: -70_076,
  ended: -70_077,
  offline: -70_090,
  board: -70_095,
  began: -70_096,
  keySet: -70_100,
  sealedKey: -70_101,
  rule: -70_102,
  master: -70_103,
  series: -70_104,
  agreementHash: -70_105,
} as const;

/** Name of a claim. */
export type ClaimName = keyof typeof CLAIMS;

/** Claims by number, as they are signed. */
export type ClaimsMap = ReadonlyMap<CborKey, CborValue>;

const NAMES: ReadonlyMap<CborKey, string> = new Map(Object.entries(CLAIMS).map(([name, number]) => [number, name]));

/** Name of a claim's number, or the number as text where it is not ours; for people who look at a raw object. */
export function claimName(number: CborKey): string {
  return NAMES.get(number) ?? String(number);
}

function isClaimName(name: string): name is ClaimName {
  return Object.hasOwn(CLAIMS, name);
}

/** Claims by number from claims by name; what is undefined is left out. */
export function claimsOf(members: Readonly<Partial<Record<ClaimName, CborValue | undefined>>>): ClaimsMap {
  const claims = new Map<CborKey, CborValue>();
  for (const [name, value] of Object.entries(members)) {
    if (isClaimName(name) && value !== undefined) claims.set(CLAIMS[name], value);
  }
  return claims;
}

/** Takes claims out one by one; every getter throws the code that the reader was made with. */
export type ClaimsReader = Readonly<{
  /** Which of the accepted versions the object has. */
  version: number;
  has(name: ClaimName): boolean;
  /** The value as it is. */
  raw(name: ClaimName): CborValue;
  /** A text of 1 to `maxLength` UTF-16 units. */
  text(name: ClaimName, maxLength?: number): string;
  /** Bytes of exactly this length. */
  bytes(name: ClaimName, lengthBytes: number): Uint8Array;
  /** Bytes of any length up to the bound. */
  bytesUpTo(name: ClaimName, maxLengthBytes: number): Uint8Array;
  /** An integer from 0 to `max` (2^53−1 unless told). */
  count(name: ClaimName, max?: number): number;
  /** Money: an integer from 0 to `LIMITS.amountMinor`. */
  minor(name: ClaimName): bigint;
  /** An ISO 4217 code. */
  currency(name: ClaimName): string;
  /** Seconds since 1970 (CWT), given as milliseconds. */
  time(name: ClaimName): number;
  /** Ranges of frames. */
  ranges(name: ClaimName): readonly FrameRange[];
  /** Throws where a claim is left that no getter asked for: an unknown claim is a wire this version does not know. */
  end(): void;
}>;

const MAX_SECONDS = 8_640_000_000_000; // The last second that a Date can hold.

/** A reader over verified claims. `type` and `version` are checked at once; `versions` are those that are accepted, 1 unless told. Throws `code`. */
export function readClaims(
  claims: ClaimsMap,
  expected: { readonly type: string; readonly code: FareboxErrorCode; readonly versions?: readonly number[] },
): ClaimsReader {
  const asked = new Set<CborKey>();
  const refuse = (name: ClaimName): never => {
    throw new FareboxError(expected.code, { claim: name });
  };
  const raw = (name: ClaimName): CborValue => {
    const value = claims.get(CLAIMS[name]);
    asked.add(CLAIMS[name]);
    return value === undefined ? refuse(name) : value;
  };
  const bytesUpTo = (name: ClaimName, maxLengthBytes: number): Uint8Array => {
    const value = raw(name);
    return value instanceof Uint8Array && value.length <= maxLengthBytes ? value : refuse(name);
  };
  const count = (name: ClaimName, max = Number.MAX_SAFE_INTEGER): number => {
    const value = raw(name);
    return typeof value === 'number' && value >= 0 && value <= max ? value : refuse(name);
  };
  const reader: Omit<ClaimsReader, 'version'> = {
    has: (name) => claims.has(CLAIMS[name]),
    raw,
    text(name, maxLength = LIMITS.titleLength) {
      const value = raw(name);
      return typeof value === 'string' && value.length > 0 && value.length <= maxLength ? value : refuse(name);
    },
    bytes(name, lengthBytes) {
      const value = bytesUpTo(name, lengthBytes);
      return value.length === lengthBytes ? value : refuse(name);
    },
    bytesUpTo,
    count,
    minor(name) {
      const value = BigInt(count(name));
      return value <= LIMITS.amountMinor ? value : refuse(name);
    },
    currency(name) {
      const value = raw(name);
      return isCurrency(value) ? value : refuse(name);
    },
    time: (name) => 1000 * count(name, MAX_SECONDS),
    ranges: (name) => decodeRanges(raw(name), expected.code),
    end() {
      for (const number of claims.keys()) {
        if (!asked.has(number)) throw new FareboxError(expected.code, { claim: claimName(number) });
      }
    },
  };
  if (reader.text('type') !== expected.type) refuse('type');
  const version = reader.count('version');
  if (!(expected.versions ?? [1]).includes(version)) refuse('version');
  return { ...reader, version };
}
