// What the command line asks of the claims, whether a server runs or not: a port with two adapters, the database itself
// (direct-registry.ts) and a running server's admin interface. Everything in it is JSON as it stands; bytes are base64url.

import { z } from 'zod';
import type { SessionId } from '../../src/protocol/ids.ts';

const count = z.number().int().nonnegative();
const base64Url = z.string().regex(/^[\w-]*$/);

const summary = {
  session: z.string().regex(/^[0-9a-f]{32}$/),
  module: z.string().regex(/^[0-9a-f]{32}$/),
  /** Null where the programme is not on sale any more. */
  title: z.string().nullable(),
  verdict: z.enum(['paid', 'part', 'refused']),
  currency: z.string(),
  /** Paid back, ten-thousandths of the currency's unit. */
  amountMinor: count,
  /** Milliseconds since 1970. */
  answeredTime: count,
} as const;

const attempt = z.strictObject({
  hash: z.string(),
  status: count,
  askedBytes: count,
  sentBytes: count,
  startedTime: count,
  ownMs: count,
  elapsedMs: count,
  brokenOff: z.boolean(),
});

/** The list of answered claims. */
export const claimSummariesSchema = z.strictObject({ claims: z.array(z.strictObject(summary)) });

/** One answered claim with all that is kept of it. */
export const claimDetailsSchema = z.strictObject({
  ...summary,
  /** COSE bytes. */
  claim: base64Url,
  answer: base64Url,
  contract: base64Url,
  deliveryId: z.string().nullable(),
  /** The record of delivery as far as it is still kept, in the order of the requests. */
  attempts: z.array(attempt),
});

/** One answered claim in a list. */
export type ClaimSummary = z.infer<typeof claimSummariesSchema>['claims'][number];

/** All that is kept of one. */
export type ClaimDetails = z.infer<typeof claimDetailsSchema>;

/** Claims as their keeper looks at them. */
export type ClaimRegistry = {
  /** The thousand answered last, newest first. */
  readonly list: () => Promise<readonly ClaimSummary[]>;
  /** @throws FareboxError `claim/unknown`. */
  readonly find: (session: SessionId) => Promise<ClaimDetails>;
};
