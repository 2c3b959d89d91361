// Captions as WebVTT: every cue at its time and place, and whatever it says is text.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cue } from '../../protocol/captions.ts';
import { runs } from '../../protocol/testing/runs.ts';
import { formatWebVtt } from './web-vtt.ts';

const cue = (changes: Partial<Cue> = {}): Cue => ({
  ...{ startMs: 1_000, endMs: 3_599_999 + 1_000, lines: [[{ text: 'The harbour wakes.', style: 0 }]] },
  settings: { line: -1, position: 50, align: 'center' },
  ...changes,
});

describe('BT-5: WebVTT', () => {
  test('has each cue with its times, its place and its styles', () => {
    const lines = [
      [
        { text: 'A ', style: 0 },
        { text: 'bell', style: 3 },
      ],
      [{ text: 'is rung', style: 4 }],
    ];
    const placed = cue({ lines, settings: { line: 10, position: 20, align: 'start' } });
    expect(formatWebVtt([cue(), placed]).split('\n')).toEqual([
      'WEBVTT',
      'X-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0',
      '',
      '00:00:01.000 --> 01:00:00.999 position:50% align:center',
      'The harbour wakes.',
      '',
      '00:00:01.000 --> 01:00:00.999 line:10% position:20% align:start',
      'A <i><b>bell</b></i>',
      '<u>is rung</u>',
      '',
    ]);
  });

  test('of a slot in which nothing is said is a file without cues', () => {
    expect(formatWebVtt([])).toBe('WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n');
  });

  test('holds no tag, no cue and no escape of the publisher’s own', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('<', '>', '&', '-->', '<c>', '&lt;', 'NOTE', 'a', ' '), { minLength: 1 }),
        (words) => {
          const text = words.join('');
          const [, , , , said = ''] = formatWebVtt([cue({ lines: [[{ text, style: 0 }]] })]).split('\n');
          const read = said.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
          return !/[<>]/.test(said) && read === text;
        },
      ),
      { numRuns: runs(300) },
    );
  });
});
