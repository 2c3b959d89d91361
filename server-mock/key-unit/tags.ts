// Whether the tags of a module fit (docs/protocol.md §24; figs 2 and 4): what they would be is worked out for every index that the rule allows,
// and compared in constant time. All of them are, whatever fits; an index that is not live costs what a live one does, and fits nothing.

import { equalBytes } from '../../src/protocol/bytes.ts';
import { answerToken, deriveDerivedKey, TAG_LENGTH_BYTES } from '../../src/protocol/derived-keys/dea.ts';
import { countsAfter, indexesAround, indexOfCount } from '../../src/protocol/derived-keys/rules.ts';
import { deriveSeriesNumber } from '../../src/protocol/derived-keys/series.ts';
import type { SignInTag } from '../../src/protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { AgreedSet } from './agreed-content.ts';
import type { BlockKeys, ClientBlock } from './agreements.ts';

/** What the tags are over, and what goes with them. */
export type Tagged = {
  readonly tags: readonly SignInTag[];
  /** 32 bytes. */
  readonly token: Uint8Array;
  readonly context: Uint8Array;
  /** Of the rule `server`, as the ticket has it. */
  readonly ticketIndex: number | null;
  /** Ms since 1970. */
  readonly now: number;
};

/** An index under which a tag fits; `count` under the rule `counter`, 0 under the others. */
export type Fit = { readonly index: number; readonly count: number };

/** Of one set, every index that fits, by count ascending; none where its tag is wrong or is not there. */
export type SetFits = { readonly reference: string; readonly fits: readonly Fit[] };

const NO_TAG = new Uint8Array(TAG_LENGTH_BYTES);

/** Looks at these sets of a block, in their order. */
export function fitTags(block: ClientBlock, keys: BlockKeys, sets: readonly AgreedSet[], tagged: Tagged): SetFits[] {
  return sets.map((set) => {
    const { reference } = set.slot;
    const seriesKey = keys.series.get(reference);
    if (seriesKey === undefined) throw new FareboxError('server/internal', { reference });
    const sent = tagged.tags.find((tag) => tag.reference === reference);
    const fits = candidatesOf(block, set, sent, tagged).filter(({ index, isAllowed }) => {
      const tag = tagAt({ block, keys, seriesKey, index, tagged });
      const isSame = equalBytes(tag, sent?.tag ?? NO_TAG);
      return isSame && isAllowed && sent !== undefined;
    });
    return { reference, fits };
  });
}

type Candidate = Fit & { readonly isAllowed: boolean };

function candidatesOf(
  { rule, count }: ClientBlock,
  { live }: AgreedSet,
  sent: SignInTag | undefined,
  { ticketIndex, now }: Tagged,
): readonly Candidate[] {
  // An index is sent under one rule and under no other.
  const isAllowed = (rule === 'client') === (sent?.index != null);
  if (rule === 'date') return indexesAround(live, now).map((index) => ({ index, count: 0, isAllowed }));
  if (rule === 'counter')
    return countsAfter(count).map((next) => ({ index: indexOfCount(live, next), count: next, isAllowed }));
  const named = rule === 'client' ? (sent?.index ?? null) : ticketIndex;
  const isLive = named !== null && live.includes(named);
  // Work is done for some index in any case, so that time does not tell a wrong one from a wrong key.
  return [{ index: isLive ? named : (live[0] ?? 0), count: 0, isAllowed: isAllowed && isLive }];
}

function tagAt(at: {
  readonly block: ClientBlock;
  readonly keys: BlockKeys;
  readonly seriesKey: Uint8Array;
  readonly index: number;
  readonly tagged: Tagged;
}): Uint8Array {
  const { block, keys, seriesKey, index, tagged } = at;
  return withDerivedKey({ keys, seriesKey, agreement: block.number, index }, (derivedKey) =>
    answerToken(derivedKey, tagged.token, tagged.context),
  );
}

/** DEA1 for one use; the derived key and its series number are overwritten behind it. */
export function withDerivedKey<Result>(
  of: {
    readonly keys: Pick<BlockKeys, 'master'>;
    readonly seriesKey: Uint8Array;
    readonly agreement: number;
    readonly index: number;
  },
  work: (derivedKey: Uint8Array) => Result,
): Result {
  const seriesNumber = deriveSeriesNumber(of.seriesKey, of.index);
  const derivedKey = deriveDerivedKey(of.keys.master, of.agreement, seriesNumber);
  try {
    return work(derivedKey);
  } finally {
    derivedKey.fill(0);
    seriesNumber.fill(0);
  }
}
