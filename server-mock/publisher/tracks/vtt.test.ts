// WebVTT as people bring it: what a programme takes of it, and what is refused with which code at which line.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cue, decodeCaptions } from '../../../src/protocol/captions.ts';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { isLine } from '../../../src/protocol/language.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { runs } from '../../../src/protocol/testing/runs.ts';
import { PUBLISH_LIMITS } from '../limits.ts';
import { readCaptions } from './captions.ts';
import { readChapters } from './chapters.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farebox-vtt-'));
  file = join(folder, 'words.vtt');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const DURATION_MS = 20_000;
const vtt = (...lines: readonly string[]): string => ['WEBVTT', '', ...lines, ''].join('\n');

/** The cues of each slot of captions in a file with these contents. */
async function captionsOf(contents: string | Uint8Array): Promise<ReadonlyMap<number, readonly Cue[]>> {
  await writeFile(file, contents);
  const slots = await readCaptions(file, DURATION_MS);
  return new Map(
    slots.map(({ slot, bytes }) => [
      slot,
      decodeCaptions(bytes, { startMs: 2_000 * slot, endMs: 2_000 * slot + 2_000 }),
    ]),
  );
}

const textOf = ({ lines }: Cue): string => lines.map((runs) => runs.map(({ text }) => text).join('')).join('|');

/** Code and line that something is refused with. */
async function refusalOf(work: Promise<unknown>): Promise<readonly [string, unknown]> {
  const cause: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(cause instanceof FareboxError)) throw new Error(`not refused by a code: ${String(cause)}`);
  return [cause.code, cause.detail?.line];
}

describe('BT-10: captions from WebVTT', () => {
  test('are cut into slots; one that is on the screen in several is in each of them whole', async () => {
    const slots = await captionsOf(
      vtt(
        '00:00.500 --> 00:01.000',
        'one',
        '',
        '00:01.500 --> 00:06.000',
        'two',
        '',
        '00:00:07.000 --> 00:00:08.001',
        'three',
      ),
    );
    expect([...slots].map(([slot, cues]) => [slot, cues.map(textOf)])).toEqual([
      [0, ['one', 'two']],
      [1, ['two']],
      [2, ['two']],
      [3, ['three']],
      [4, ['three']],
    ]);
    expect(slots.get(2)?.[0]).toMatchObject({ startMs: 1_500, endMs: 6_000 });
  });

  test('keep what people write: comments, numbers, headers, styles, other ends of lines, a byte order mark', async () => {
    const header = '\ufeffWEBVTT - made by hand\r\nKind: captions\r\nLanguage: de\r\n\r\n';
    const blocks =
      'STYLE\r\n::cue { color: red }\r\n\r\nREGION\r\nid:a\r\n\r\nNOTE\r\nnot this\r\n\r\n7\r\n00:01.000 --> 00:02.000\r\nzwei\r\nZeilen\r\n';
    const slots = await captionsOf(header + blocks);
    expect(slots.get(0)?.map(textOf)).toEqual(['zwei|Zeilen']);
  });

  test('keep italics, bold and underlining, in each other too, and of voices and classes the words', async () => {
    const slots = await captionsOf(
      vtt(
        '00:00.000 --> 00:01.000',
        '<v.loud Ada>So <i>that <b>is</b></i> <c.red><u>it</u></c>',
        '<lang de>gut</lang>',
      ),
    );
    expect(slots.get(0)?.[0]?.lines).toEqual([
      [
        { text: 'So ', style: 0 },
        { text: 'that ', style: 1 },
        { text: 'is', style: 3 },
        { text: ' ', style: 0 },
        { text: 'it', style: 4 },
      ],
      [{ text: 'gut', style: 0 }],
    ]);
  });

  test('take characters by name and number as what they are, and markup that is spelt out as text', async () => {
    const slots = await captionsOf(
      vtt(
        '00:00.000 --> 00:01.000',
        'A &amp; B &lt;i&gt; &eacute;&nbsp;&#8211; &lrm;<ruby>漢<rt>kan</rt></ruby><00:00:00.500>',
      ),
    );
    expect(slots.get(0)?.map(textOf)).toEqual(['A & B <i> é\u00a0– \u200e漢(kan)']);
  });

  test.each([
    ['', { line: -1, position: 50, align: 'center' }],
    ['line:0', { line: 0, position: 50, align: 'center' }],
    ['line:2 align:start', { line: 11, position: 0, align: 'start' }],
    ['line:-1 align:end', { line: -1, position: 100, align: 'end' }],
    ['line:-3', { line: 84, position: 50, align: 'center' }],
    ['line:100%,end', { line: 95, position: 50, align: 'center' }],
    ['line:50%,center position:10% align:left', { line: 47, position: 10, align: 'start' }],
    ['position:90%,line-right size:40%', { line: -1, position: 90, align: 'end' }],
  ])('with the settings “%s” lie where a browser would put them', async (settings, place) => {
    const slots = await captionsOf(vtt(`00:00.000 --> 00:01.000 ${settings}`, 'a'));
    expect(slots.get(0)?.[0]?.settings).toEqual(place);
  });

  test('of two people who speak at once are both kept, and the last one may outlast the pictures', async () => {
    const slots = await captionsOf(vtt('00:18.000 --> 00:21.000', '– one', '', '00:18.500 --> 00:25.000', '– two'));
    expect(slots.get(9)?.map(({ endMs }) => endMs)).toEqual([20_000, 20_000]);
    expect([...slots.keys()]).toEqual([9]);
  });

  const cue = (times: string, text = 'a'): string[] => [times, text, ''];
  const good = cue('00:00.000 --> 00:01.000');
  test.each<[string, string | Uint8Array, string, number]>([
    ['no WebVTT', '1\n00:00:00,000 --> 00:00:01,000\nan SRT file\n', 'publish/vtt-malformed', 1],
    ['nothing', '', 'publish/vtt-malformed', 1],
    ['no cue', 'WEBVTT\n\nNOTE nothing yet\n', 'publish/vtt-malformed', 1],
    ['bytes that are no text', Uint8Array.of(...Buffer.from('WEBVTT\n\n'), 0xff, 0xfe), 'publish/vtt-malformed', 1],
    ['a cue right below the header', 'WEBVTT\n00:00.000 --> 00:01.000\na\n', 'publish/vtt-malformed', 2],
    ['a comma in a time', vtt(...good, ...cue('00:00:01,000 --> 00:00:02.000')), 'publish/vtt-malformed', 6],
    ['a minute of 61 seconds', vtt(...good, ...cue('00:61.000 --> 01:02.000')), 'publish/vtt-malformed', 6],
    ['half an arrow', vtt(...good, ...cue('00:01.000 -> 00:02.000')), 'publish/vtt-malformed', 7],
    ['a setting that is none', vtt(...good, ...cue('00:01.000 --> 00:02.000 top:1')), 'publish/vtt-malformed', 6],
    ['a setting twice', vtt(...cue('00:01.000 --> 00:02.000 line:1 line:2')), 'publish/vtt-malformed', 3],
    ['a place beyond the picture', vtt(...cue('00:01.000 --> 00:02.000 position:101%')), 'publish/vtt-malformed', 3],
    ['text down the side', vtt(...good, ...cue('00:01.000 --> 00:02.000 vertical:rl')), 'publish/vtt-malformed', 6],
    [
      'a tag that is left open',
      vtt(...good, ...cue('00:01.000 --> 00:02.000', 'a\n<i>b\nc')),
      'publish/vtt-malformed',
      9,
    ],
    [
      'a tag that is none',
      vtt('00:01.000 --> 00:02.000', 'a', '<script>alert(1)</script>', 'c'),
      'publish/vtt-malformed',
      5,
    ],
    ['a bare ampersand', vtt('1', '00:01.000 --> 00:02.000', 'a', 'b & c', 'd'), 'publish/vtt-malformed', 6],
    ['a control character', vtt(...good, ...cue('00:01.000 --> 00:02.000', 'a\u001b[31m')), 'publish/vtt-malformed', 6],
    ['a cue of nothing', vtt(...good, ...cue('00:01.000 --> 00:02.000', ' ')), 'publish/vtt-malformed', 6],
    [
      'two cues without a blank line',
      vtt('00:00.000 --> 00:01.000', 'a', '00:01.000 --> 00:02.000', 'b'),
      'publish/vtt-malformed',
      5,
    ],
    ['a number with no cue', vtt(...good, '7'), 'publish/vtt-malformed', 6],
    ['an end before its beginning', vtt(...good, ...cue('00:02.000 --> 00:01.000')), 'publish/vtt-times', 6],
    ['no time between the two', vtt(...good, ...cue('00:02.000 --> 00:02.000')), 'publish/vtt-times', 6],
    ['a cue after the end of the video', vtt(...good, ...cue('00:20.000 --> 00:21.000')), 'publish/vtt-times', 6],
    ['a cue of another film', vtt(...good, ...cue('99:00:20.000 --> 99:00:21.000')), 'publish/vtt-times', 6],
    [
      'cues out of order',
      vtt(...good, ...cue('00:02.000 --> 00:03.000'), ...cue('00:01.999 --> 00:03.000')),
      'publish/vtt-order',
      9,
    ],
    [
      'five cues at once',
      vtt(...[1, 2, 3, 4, 5].flatMap((at) => cue(`00:0${at}.000 --> 00:09.000`))),
      'publish/vtt-overlap',
      15,
    ],
    [
      'a cue longer than a page',
      vtt(...good, ...cue('00:01.000 --> 00:02.000', 'a'.repeat(LIMITS.cueLength + 1))),
      'publish/vtt-too-large',
      6,
    ],
    [
      'a cue of many lines',
      vtt(...good, ...cue('00:01.000 --> 00:02.000', `${'a\n'.repeat(LIMITS.cueLines)}a`)),
      'publish/vtt-too-large',
      6,
    ],
    [
      'a block longer than a book',
      vtt(...good, 'NOTE', 'a'.repeat(PUBLISH_LIMITS.vttBlockLength)),
      'publish/vtt-too-large',
      6,
    ],
    [
      'tags in each other without end',
      vtt(...cue('00:01.000 --> 00:02.000', '<b>'.repeat(100_000))),
      'publish/vtt-too-large',
      3,
    ],
    ['a file as large as a film', Buffer.alloc(PUBLISH_LIMITS.vttBytes + 1, 'WEBVTT\n\n'), 'publish/vtt-too-large', 1],
    [
      'more cues than a film has',
      vtt(...new Array(PUBLISH_LIMITS.vttCues + 1).fill(cue('00:01.000 --> 00:01.001')).flat()),
      'publish/vtt-too-large',
      3 * PUBLISH_LIMITS.vttCues + 3,
    ],
    [
      'a flood of short cues',
      vtt(...Array.from({ length: 65 }, (_, at) => cue(`00:01.${100 + at} --> 00:01.${101 + at}`)).flat()),
      'publish/vtt-too-large',
      3,
    ],
  ])('of %s are refused with their line', async (_, contents, code, line) => {
    expect(await refusalOf(captionsOf(contents))).toEqual([code, line]);
  });

  test('with tags in each other as deep as a block allows are judged, not overrun', async () => {
    const depth = Math.floor((PUBLISH_LIMITS.vttBlockLength - 40) / 7);
    const slots = await captionsOf(vtt('00:01.000 --> 00:02.000', `${'<b>'.repeat(depth)}a${'</b>'.repeat(depth)}`));
    expect(slots.get(0)?.[0]?.lines).toEqual([[{ text: 'a', style: 2 }]]);
  });

  test('that are not there, or are a folder, cannot be opened', async () => {
    expect(await refusalOf(readCaptions(join(folder, 'nowhere.vtt'), DURATION_MS))).toEqual([
      'publish/unreadable',
      undefined,
    ]);
    expect(await refusalOf(readCaptions(folder, DURATION_MS))).toEqual(['publish/unreadable', undefined]);
  });
});

describe('BT-10: WebVTT in bad faith', () => {
  /** Pieces of the form, in any order and number, with what people and machines put between them. */
  const piece = fc.constantFrom(
    ...[
      'WEBVTT',
      '\n',
      '\n\n',
      '\r',
      '00:00.000 --> 00:01.000',
      '00:01.000 --> 00:00.500',
      '99:59:59.999 --> 100:00:00.000',
    ],
    ...[
      '-->',
      ' line:0',
      ' line:-1',
      ' position:999999%',
      ' region:x',
      'NOTE ',
      'STYLE\n::cue{}',
      '<b>',
      '</b>',
      '<i',
      '<c.a.b>',
    ],
    ...[
      '<00:00:00.500>',
      '&lt;',
      '&#x0;',
      '&nbsp',
      '<script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      '\u202e',
      '\u0000',
      'words',
    ],
  );
  const text = fc.array(fc.oneof({ weight: 8, arbitrary: piece }, { weight: 1, arbitrary: fc.string() }), {
    maxLength: 40,
  });

  test('is read into lines of plain text, or refused by its code and its line', async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (pieces, begins) => {
        const contents = `${begins ? 'WEBVTT\n\n' : ''}${pieces.join('')}`;
        try {
          for (const cues of (await captionsOf(contents)).values()) {
            for (const { text: words } of cues.flatMap(({ lines }) => lines.flat()))
              expect(isLine(words, 1, LIMITS.cueLength)).toBe(true);
          }
        } catch (error) {
          if (!(error instanceof FareboxError)) throw error;
          expect(error.code).toMatch(/^publish\/vtt-/);
          expect(error.detail?.line).toBeGreaterThan(0);
        }
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('BT-10: chapters from WebVTT', () => {
  const chaptersOf = async (contents: string) => {
    await writeFile(file, contents);
    return readChapters(file, DURATION_MS);
  };

  test('are where they begin and what they are called', async () => {
    const contents = vtt('00:00.000 --> 00:05.000', ' Tick &amp; ', 'tock ', '', '00:07.001 --> 00:09.000', 'Bell');
    expect(await chaptersOf(contents)).toEqual([
      { startMs: 0, title: 'Tick & tock' },
      { startMs: 7_001, title: 'Bell' },
    ]);
  });

  test.each<[string, string, string, number]>([
    ['markup', vtt('00:00.000 --> 00:05.000', 'a <i>b</i>'), 'publish/vtt-malformed', 4],
    ['no title', vtt('00:00.000 --> 00:05.000', ' '), 'publish/vtt-malformed', 3],
    ['a control character', vtt('00:00.000 --> 00:05.000', 'a\u0007'), 'publish/vtt-malformed', 3],
    ['a title too long', vtt('00:00.000 --> 00:05.000', 'a'.repeat(201)), 'publish/vtt-too-large', 3],
    [
      'two that overlap',
      vtt('00:00.000 --> 00:05.000', 'a', '', '00:04.999 --> 00:06.000', 'b'),
      'publish/vtt-overlap',
      6,
    ],
    [
      'two out of order',
      vtt('00:05.000 --> 00:06.000', 'a', '', '00:04.000 --> 00:05.000', 'b'),
      'publish/vtt-order',
      6,
    ],
    [
      'one after the end',
      vtt('00:00.000 --> 00:05.000', 'a', '', '00:20.000 --> 00:21.000', 'b'),
      'publish/vtt-times',
      6,
    ],
    [
      'more than a table of contents has',
      vtt(...Array.from({ length: 257 }, (_, at) => [`00:01.${100 + at} --> 00:01.${101 + at}`, 'a', '']).flat()),
      'publish/vtt-too-large',
      3 * 256 + 3,
    ],
  ])('of %s are refused with their line', async (_, contents, code, line) => {
    expect(await refusalOf(chaptersOf(contents))).toEqual([code, line]);
  });
});
