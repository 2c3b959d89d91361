// The captions of a slot: BT-10. What is refused is refused whole, by one code, whatever made it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalBytes } from './bytes.ts';
import { type Cue, type CueRun, type CueSettings, decodeCaptions, encodeCaptions } from './captions.ts';
import { type CborValue, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { runs } from './testing/runs.ts';
import { bytesOf } from './vectors/cast.ts';
import { CAPTIONS_SLOT, CUES } from './vectors/tracks.ts';

const PLACE: CueSettings = { line: -1, position: 50, align: 'center' };
const cue = (changes: Partial<Cue> = {}): Cue => ({
  ...{ startMs: 4_000, endMs: 5_000, lines: [[{ text: 'tick', style: 0 }]], settings: PLACE },
  ...changes,
});

function refused(bytes: Uint8Array): unknown {
  try {
    decodeCaptions(bytes, CAPTIONS_SLOT);
  } catch (cause) {
    if (!(cause instanceof FareboxError)) throw cause;
    expect(cause.code).toBe('captions/malformed');
    return cause.detail?.member;
  }
  throw new Error('it was read');
}

/** The code that bytes are refused with, or whether what is read of them is written as they were. */
function readAgain(bytes: Uint8Array): readonly [string | null, boolean] {
  try {
    return [null, equalBytes(encodeCaptions(decodeCaptions(bytes, CAPTIONS_SLOT)), bytes)];
  } catch (cause) {
    return [cause instanceof FareboxError ? cause.code : String(cause), false];
  }
}

describe('BT-10: captions', () => {
  test('come back as they were written, cues that reach beyond their slot included', () => {
    expect(decodeCaptions(encodeCaptions(CUES), CAPTIONS_SLOT)).toEqual(CUES);
  });

  test.each<[string, Partial<Cue>, string]>([
    ['ends before its slot begins', { startMs: 1_000, endMs: 4_000 }, 'time'],
    ['begins when its slot is over', { startMs: 6_000, endMs: 7_000 }, 'time'],
    ['lies far away', { startMs: 3_600_000, endMs: 3_601_000 }, 'time'],
    ['ends before it begins', { startMs: 5_000, endMs: 4_999 }, 'time'],
    ['takes no time', { endMs: 4_000 }, 'time'],
    ['begins before the programme', { startMs: -1 }, 'time'],
    ['ends after every programme', { endMs: LIMITS.programmeMs + 1 }, 'time'],
    ['has no line', { lines: [] }, 'lines'],
    ['has an empty line', { lines: [[]] }, 'lines'],
    ['has too many lines', { lines: new Array(LIMITS.cueLines + 1).fill([{ text: 'a', style: 0 }]) }, 'lines'],
    ['has too many runs', { lines: [new Array<CueRun>(LIMITS.cueRuns + 1).fill({ text: 'a', style: 0 })] }, 'lines'],
    ['has an empty run', { lines: [[{ text: '', style: 0 }]] }, 'text'],
    ['has a line break in a line', { lines: [[{ text: 'a\nb', style: 0 }]] }, 'text'],
    ['has a control character', { lines: [[{ text: '\u009b31m', style: 0 }]] }, 'text'],
    ['has more text than anyone reads', { lines: new Array(2).fill([{ text: 'a'.repeat(501), style: 0 }]) }, 'lines'],
    ['has a style that is none', { lines: [[{ text: 'a', style: 8 }]] }, 'style'],
    ['has a style below none', { lines: [[{ text: 'a', style: -1 }]] }, 'style'],
    ['lies above the picture', { settings: { ...PLACE, line: -2 } }, 'line'],
    ['lies below the picture', { settings: { ...PLACE, line: 101 } }, 'line'],
    ['lies beside the picture', { settings: { ...PLACE, position: 101 } }, 'position'],
  ])('with a cue that %s are malformed', (_, changes, member) => {
    expect(refused(encodeCaptions([cue(), cue(changes)]))).toBe(member);
    expect(decodeCaptions(encodeCaptions([cue()]), CAPTIONS_SLOT)).toHaveLength(1);
  });

  test('with cues out of order are malformed', () => {
    expect(refused(encodeCaptions([cue({ startMs: 4_500 }), cue({ startMs: 4_499 })]))).toBe('time');
  });

  const settings = new Map<string, CborValue>(Object.entries(PLACE));
  const cues = (...listed: readonly CborValue[]): CborValue => ['farebox/captions', 1, listed];
  test.each<[string, CborValue, string]>([
    ['another type', ['farebox/subtitles', 1, [[4_000, 5_000, [[['a', 0]]], settings]]], 'type'],
    ['another version', ['farebox/captions', 2, [[4_000, 5_000, [[['a', 0]]], settings]]], 'type'],
    ['something more', ['farebox/captions', 1, [[4_000, 5_000, [[['a', 0]]], settings]], 1], 'type'],
    ['no list', 'WEBVTT', 'type'],
    ['no cue', cues(), 'cues'],
    ['cues that are none', ['farebox/captions', 1, 'a'], 'cues'],
    ['a cue that is none', cues(1), 'cue'],
    ['a cue with more', cues([4_000, 5_000, [[['a', 0]]], settings, 1]), 'cue'],
    ['a time of text', cues(['4000', 5_000, [[['a', 0]]], settings]), 'time'],
    ['a time beyond numbers', cues([4_000, 2n ** 60n, [[['a', 0]]], settings]), 'time'],
    ['a run that is text', cues([4_000, 5_000, [['a']], settings]), 'lines'],
    ['a style of text', cues([4_000, 5_000, [[['a', '0']]], settings]), 'style'],
    ['an alignment that is none', cues([4_000, 5_000, [[['a', 0]]], new Map(settings).set('align', 'left')]), 'align'],
    ['a setting more', cues([4_000, 5_000, [[['a', 0]]], new Map(settings).set('url', 'https://a/')]), 'url'],
    ['too many cues', cues(...new Array(LIMITS.captionsCues + 1).fill([4_000, 5_000, [[['a', 0]]], settings])), 'cues'],
    ['more items than that could be', cues(new Array(LIMITS.captionsItems).fill(0)), 'cbor'],
    ['more bytes than that could be', cues(bytesOf('a', LIMITS.captionsSizeBytes)), 'cbor'],
    ['more levels than it has', cues([[[[[[1]]]]]]), 'cbor'],
  ])('of %s are malformed', (_, value, member) => expect(refused(encodeCbor(value))).toBe(member));

  test('of any bytes are read or refused by their code, and nothing else', () => {
    const whole = encodeCaptions(CUES);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(whole.length), (changes, lengthBytes) => {
        const bytes = Uint8Array.from(whole).slice(0, whole.length - (lengthBytes % 3));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const [code, isSame] = readAgain(bytes);
        return code === null ? isSame : code === 'captions/malformed';
      }),
      { numRuns: runs(20_000) },
    );
  });
});
