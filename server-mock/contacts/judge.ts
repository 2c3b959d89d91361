// Where a module stands (docs/protocol.md §14), judged from what it shows, what the challenge expected and what is known of
// it. Pure: contact.ts reads and writes. Counters of different epochs are never compared here.

import { equalBytes } from '../../src/protocol/bytes.ts';
import type { ChallengeResponse } from '../../src/protocol/challenge.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { sameLife } from '../../src/protocol/life.ts';

/** A place in a record: a counter and the head (32 bytes) that it has there. */
export type Place = { readonly counter: bigint; readonly head: Uint8Array };

/** What a challenge asked, and of whom. */
export type Asked = Place & {
  /** The module that was named; null where none was. */
  readonly module: string | null;
  /** Its present epoch then; null where it was not known. */
  readonly epoch: number | null;
};

/** What the provider knows of a module. */
export type Known = {
  readonly id: string;
  /** Its present epoch, and the device (16 bytes) that it belongs to. */
  readonly epoch: number;
  readonly device: Uint8Array;
  /** The highest place of a contact in it; counter 0 before the first. */
  readonly last: Place;
  /** The place in it of a receipt with the counter that is shown now, where there is one. */
  readonly receipted: Place | null;
};

/** What a contact shows. */
export type Shown = Pick<ChallengeResponse, 'device' | 'epoch' | 'counter' | 'head' | 'pastHead'>;

/** Kinds of bad standing. */
export type AlarmKind = 'regress' | 'fork' | 'superseded';

/** How a contact came out; `expected` is null where the epoch alone decided. */
export type Verdict =
  | { readonly kind: 'good' }
  | { readonly kind: AlarmKind; readonly shown: Place; readonly expected: Place | null };

/**
 * Judges a contact whose signature and challenge hold.
 * @throws FareboxError for what is no word on where the module stands: `challenge/malformed` (the challenge was another module's, or named none and
 * the module was met before), `challenge/expired` (it was asked of an epoch that is over by now), `enrolment/needed` (of an epoch that was never
 * granted here).
 */
export function judgeContact(known: Known, asked: Asked, shown: Shown): Verdict {
  if (asked.module !== null && asked.module !== known.id) throw new FareboxError('challenge/malformed');
  const place: Place = { counter: BigInt(shown.counter), head: shown.head };
  if (shown.epoch > known.epoch) throw new FareboxError('enrolment/needed', { epoch: shown.epoch });
  if (!sameLife(shown, known)) return { kind: 'superseded', shown: place, expected: null };
  if (asked.epoch === null) {
    // Who is new has nothing to be compared with; who was met has to say who it is before it is asked.
    if (known.last.counter > 0n) throw new FareboxError('challenge/malformed');
  } else {
    if (asked.epoch !== known.epoch) throw new FareboxError('challenge/expired');
    if (place.counter < asked.counter) return { kind: 'regress', shown: place, expected: asked };
    if (asked.counter > 0n && !equalBytes(shown.pastHead, asked.head)) {
      return { kind: 'fork', shown: { counter: asked.counter, head: shown.pastHead }, expected: asked };
    }
  }
  for (const met of [known.last, known.receipted]) {
    // One counter has one head, whoever is asked and when.
    if (met !== null && met.counter > 0n && met.counter === place.counter && !equalBytes(met.head, place.head)) {
      return { kind: 'fork', shown: place, expected: met };
    }
  }
  return { kind: 'good' };
}
