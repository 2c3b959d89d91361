// What an agreement says (docs/protocol.md §24), without its number and whom it is with: written in one way only, so that what was agreed and
// what is wanted are the same where their texts are. Pure.

import { z } from 'zod';
import { decodeSelectionRule, liveIndexes, type SelectionRule } from '../../src/protocol/derived-keys/rules.ts';
import { decodeKeySlot, encodeKeySlot, type KeySlot } from '../../src/protocol/key-unit/references.ts';

/** One series set of an agreement. */
export type AgreedSet = {
  readonly slot: KeySlot;
  /** Series numbers of it. */
  readonly count: number;
  /** Indexes that are over, ascending. */
  readonly retired: readonly number[];
  /** Indexes that are left, ascending; never none. */
  readonly live: readonly number[];
  /** Whether a PIN chooses it. */
  readonly pin: boolean;
};

/** What is agreed, or wanted. `series` by reference, ascending. */
export type AgreedContent = {
  readonly rule: SelectionRule;
  readonly master: KeySlot;
  readonly series: readonly AgreedSet[];
};

const contentSchema = z.tuple([
  z.string(),
  z.string(),
  z.array(z.tuple([z.string(), z.number(), z.boolean(), z.array(z.number())])),
]);

/** Most modules of a set have the same content, and it is read at each sign-in: this many texts are remembered with what they mean. */
const REMEMBERED_CONTENTS = 256;
const remembered = new Map<string, AgreedContent>();

/** The text of a content. */
export function encodeContent({ rule, master, series }: AgreedContent): string {
  const sets = series.map(({ slot, count, pin, retired }) => [encodeKeySlot(slot), count, pin, retired]);
  return JSON.stringify([rule, encodeKeySlot(master), sets]);
}

/** Reads a text of `encodeContent`. */
export function decodeContent(text: string): AgreedContent {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const [rule, master, series] = contentSchema.parse(JSON.parse(text));
  const content: AgreedContent = Object.freeze({
    rule: decodeSelectionRule(rule),
    master: decodeKeySlot(master),
    series: series.map(([slot, count, pin, retired]) =>
      Object.freeze({ slot: decodeKeySlot(slot), count, pin, retired, live: liveIndexes(count, retired) }),
    ),
  });
  if (remembered.size >= REMEMBERED_CONTENTS) remembered.clear();
  remembered.set(text, content);
  return content;
}
