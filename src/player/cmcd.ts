// What a content request says about itself (CTA-5004, Common Media Client Data, version 1), as one query parameter. By `sid` the
// provider finds in its record what it gave to which session (docs/protocol.md §17). Pure but for the ids that are drawn here.

import { toHex } from '../protocol/bytes.ts';
import { DELIVERY_ID_LENGTH_BYTES } from '../protocol/delivery-id.ts';

/** What is said. Left out where it is not known. */
export type Cmcd = {
  /** The delivery: 32 hex digits. */
  readonly sid: string;
  /** The programme: 32 hex digits. */
  readonly cid?: string;
  /** The display waits for it. */
  readonly su?: boolean;
};

/** The value of the parameter `CMCD`, before it is put into an address: keys in order, texts in quotes, true as the bare key. */
export function encodeCmcd(said: Cmcd): string {
  return Object.entries(said)
    .filter(([, value]) => value !== undefined && value !== false)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, value]) => (value === true ? key : `${key}="${value}"`))
    .join(',');
}

/** A delivery of its own: 16 random bytes in hex. */
export function drawDeliveryId(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(DELIVERY_ID_LENGTH_BYTES)));
}
