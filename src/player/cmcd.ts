// What a content request says about itself (CTA-5004, Common Media Client Data, version 1), as the value of one query parameter. By `sid` the
// provider finds in its record what it gave to which session (docs/protocol.md §17). Pure but for the ids that are drawn here; what is
// said of which request is decided in cmcd-content.ts.

import { toHex } from '../protocol/bytes.ts';
import { DELIVERY_ID_LENGTH_BYTES } from '../protocol/delivery-id.ts';

/** What kind of thing is asked for: manifest, audio, video, captions, other. */
export type CmcdObjectType = 'm' | 'a' | 'v' | 'c' | 'o';

/** What is said, under the standard's names, in its units. What is not known is left out; what is no number that can be said, too. */
export type Cmcd = {
  /** Bitrate of the object as it was encoded, kbit/s. */
  readonly br?: number | undefined;
  /** Buffered ahead of play when it is asked for, ms. */
  readonly bl?: number | undefined;
  /** Play stood still for want of content since the request before. */
  readonly bs?: boolean;
  /** The programme: 32 hex digits. */
  readonly cid?: string;
  /** How long the object plays, ms. */
  readonly d?: number | undefined;
  /** Throughput that was measured, kbit/s. */
  readonly mtp?: number | undefined;
  /** What is asked for next, as an address relative to this one. */
  readonly nor?: string | undefined;
  readonly ot?: CmcdObjectType;
  /** Speed of play: 0 where it does not play. */
  readonly pr?: number | undefined;
  /** Throughput that would be enough, kbit/s. */
  readonly rtp?: number | undefined;
  /** Streaming format: `o`, none of the known ones. */
  readonly sf?: 'o';
  /** The delivery: 32 hex digits. */
  readonly sid?: string;
  /** On demand or live. */
  readonly st?: 'v' | 'l';
  /** Play waits for it: at the start, after a seek, or because it stands still. */
  readonly su?: boolean;
  /** The highest bitrate that this client could ask for of this kind, kbit/s. */
  readonly tb?: number | undefined;
};

const WHOLE = (value: number): number => Math.round(value);
const HUNDREDS = (value: number): number => Math.round(value / 100) * 100;

/** How the standard wants each number: whole, to the nearest hundred, or as a decimal. */
const NUMBERS = [
  ['br', WHOLE],
  ['bl', HUNDREDS],
  ['d', WHOLE],
  ['mtp', HUNDREDS],
  ['pr', decimal],
  ['rtp', HUNDREDS],
  ['tb', WHOLE],
] as const;
const TEXTS = ['cid', 'nor', 'sid'] as const;
const TOKENS = ['ot', 'sf', 'st'] as const;
const FLAGS = ['bs', 'su'] as const;

/** Numbers of a structured field have no more digits than this (RFC 8941 §3.3.1). */
const LARGEST = 999_999_999_999_900;
/** Longest text that the standard lets a client say. */
const TEXT_LENGTH = 64;

/** The value of the parameter `CMCD`, before it is put into an address: keys in order of the alphabet, texts in quotes, tokens and numbers bare, what is true as its key alone. */
export function encodeCmcd(said: Cmcd): string {
  const numbers = NUMBERS.flatMap(([key, round]) => {
    const value = said[key];
    if (value === undefined || !(value >= 0 && value <= LARGEST)) return [];
    // A speed of 1 is what everybody takes it to be.
    return key === 'pr' && value === 1 ? [] : [`${key}=${round(value)}`];
  });
  const texts = TEXTS.flatMap((key) => {
    const value = said[key];
    if (value === undefined) return [];
    const quoted = `${key}="${value.replaceAll(/["\\]/g, '\\$&')}"`;
    return key !== 'nor' && value.length > TEXT_LENGTH ? [] : [quoted];
  });
  const tokens = TOKENS.flatMap((key) => (said[key] === undefined ? [] : [`${key}=${said[key]}`]));
  const flags = FLAGS.filter((key) => said[key] === true);
  return [...numbers, ...texts, ...tokens, ...flags]
    .sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
    .join(',');
}

function keyOf(pair: string): string {
  return pair.split('=', 1)[0] ?? pair;
}

/** At most three places behind the point, as a structured field says a decimal. */
function decimal(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** A delivery of its own: 16 random bytes in hex. */
export function drawDeliveryId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(DELIVERY_ID_LENGTH_BYTES)));
}
