import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { runCli } from '../cli.ts';
import { makeClip } from '../publisher/test-clip.ts';
import { beginTestSession, draftReceipt, enrolTestModule, receiptFileOf } from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { makeTestFolder, openTestProvider } from '../testing/test-provider.ts';

type Outcome = { readonly code: number; readonly out: string; readonly err: string };

async function run(...argv: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('farebox', () => {
  it.each([
    [[], 0],
    [['--help'], 0],
    [['list', '--help'], 0],
    [['receipts', 'verify', '--help'], 0],
    [['nonsense'], 2],
    [['receipts'], 2],
    [['list', 'more'], 2],
    [['list', '--odd'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--captions', 'de.vtt'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--captions', 'german=de.vtt'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--captions', 'de/dub=de.vtt'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--sound', 'de/main=de.mp3'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--sound', `de:${'a'.repeat(65)}=de.mp3`], 2],
    [['publish', 'film.mp4', '--title', 'T', '--language', 'e'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--modes', 'frames'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--modes', 'display,pixels'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--offline', '0'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--offline', '367'], 2],
    [['publish', 'film.mp4', '--title', 'T', '--offline', 'a week'], 2],
    [['live', '--help'], 0],
    [['live', '--title', 'T'], 2],
    [['live', 'film.mp4'], 2],
    [['live', 'film.mp4', '--title', ' '], 2],
    [['live', 'film.mp4', '--title', 'T', '--window', '0'], 2],
    [['live', 'film.mp4', '--title', 'T', '--duration', 'long'], 2],
    [['live', '-', '--title', 'T', '--loop'], 2],
    [['live', 'film.mp4', '--resume', 'XYZ'], 2],
    [['live', 'film.mp4', '--resume', '0'.repeat(32), '--window', '60'], 2],
    [['remove'], 2],
    [['remove', 'XYZ'], 2],
    [['receipts', 'verify'], 2],
    [['receipts', 'verify', 'file'], 2],
    [['receipts', 'verify', 'file', '--agency-key', 'short'], 2],
  ])('ends %j with exit code %i and a usage', async (argv, code) => {
    const outcome = await run(...argv);
    expect(outcome.code).toBe(code);
    expect(code === 0 ? outcome.out : outcome.err).toContain('Usage: farebox');
  });

  describe('publish', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await makeTestFolder();
      vi.stubEnv('FAREBOX_DATA', join(folder, 'data'));
      await makeClip({ file: join(folder, 'clip.mp4'), durationS: 1 });
      await writeFile(join(folder, 'good.vtt'), 'WEBVTT\n\n00:00.000 --> 00:01.000\ngut\n');
      await writeFile(join(folder, 'bad.vtt'), 'WEBVTT\n\n00:00.000 --> 00:01.000\na\n\n00:00.500 -> 00:01.000\nb\n');
    });
    afterAll(async () => {
      vi.unstubAllEnvs();
      await rm(folder, { recursive: true, force: true });
    });
    const publish = (...argv: string[]) => run('publish', join(folder, 'clip.mp4'), '--title', 'A clip', ...argv);

    it('BT-5: publishes for the display alone unless it is told of other ways out, and lists them', async () => {
      expect((await publish()).out).not.toContain('leave the module');
      const said = await publish('--modes', 'keys,display');
      expect([said.code, said.out]).toEqual([0, expect.stringContaining('It may leave the module as display, keys.')]);
      const listed = z.object({ programmes: z.array(z.object({ modes: z.array(z.string()) })) });
      const { programmes } = listed.parse(JSON.parse((await run('list', '--json')).out));
      expect(programmes.map(({ modes }) => modes)).toEqual([['display', 'keys'], ['display']]);
    });

    it('BT-10: says the file, the line and the mistake of captions that cannot be read', async () => {
      const bad = ['--captions', `de=${join(folder, 'bad.vtt')}`];
      const said = await publish(...bad);
      expect(said.code).toBe(1);
      expect(said.err).toContain(
        '[publish/vtt-malformed]\nbad.vtt:7: Cue identifier needs to be followed by timestamp.',
      );
      const { error } = z.object({ error: z.json() }).parse(JSON.parse((await publish(...bad, '--json')).out));
      expect(error).toMatchObject({ code: 'publish/vtt-malformed', file: 'bad.vtt', line: 7 });
    });

    it('BT-10: says what it published beside the pictures, for people and for scripts', async () => {
      const tracks = [
        ...[
          '--captions',
          `de:Für alle=${join(folder, 'good.vtt')}`,
          '--captions',
          `en/subtitles=${join(folder, 'good.vtt')}`,
        ],
        ...['--sound', `fr/commentary:Une voix=${join(folder, 'clip.mp4')}`, '--language', 'en'],
        ...['--chapters', join(folder, 'good.vtt')],
      ];
      const said = await publish(...tracks);
      expect([said.code, said.out]).toEqual([
        0,
        expect.stringContaining(
          'Sound: en (main), fr "Une voix" (commentary).\nCaptions: de "Für alle" (captions), en (subtitles).\nChapters: 1.',
        ),
      ]);
      const { published } = z
        .object({ published: z.json() })
        .parse(JSON.parse((await publish(...tracks, '--json')).out));
      expect(published).toMatchObject({
        tracks: {
          sounds: [{ label: 'audio/main' }, { label: 'audio/fr-commentary', name: 'Une voix' }],
          captions: [{ label: 'captions/de', language: 'de' }, { label: 'captions/en-subtitles' }],
          chapters: 1,
          previewSheets: 1,
        },
      });
    });
  });

  describe('receipts verify', () => {
    let folder: string;
    let file: string;
    let agencyKey: string;
    beforeAll(async () => {
      folder = await makeTestFolder();
      const at = await openTestProvider();
      const programme = await publishTestProgramme(at.provider);
      const module = await enrolTestModule(at);
      const session = await beginTestSession(at, module, { programme });
      const receipt = draftReceipt(at, module, session, [[0, 3]]);
      file = join(folder, 'one.farebox');
      await writeFile(file, fromBase64Url(await receiptFileOf(at, module, session, receipt)));
      agencyKey = toBase64Url(at.provider.keys.agency.publicKey);
      await at.close();
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('BT-8: holds every check of a receipt offline, with the agency’s key alone', async () => {
      const outcome = await run('receipts', 'verify', file, '--agency-key', agencyKey);
      expect(outcome.code).toBe(0);
      expect(outcome.out).toContain('Valid');
      const keyFile = join(folder, 'agency.txt');
      await writeFile(keyFile, `${agencyKey}\n`);
      expect((await run('receipts', 'verify', file, '--agency-key', keyFile)).code).toBe(0);
    });

    it.each([
      ['any', randomBytes(32)],
      ['one that begins with the dash of an option', new Uint8Array(32).fill(0xf8)],
    ])('BT-8: says which check fails under another agency’s key: %s', async (_which, bytes) => {
      const other = toBase64Url(bytes);
      const outcome = await run('receipts', 'verify', file, '--agency-key', other, '--json');
      expect(outcome.code).toBe(1);
      const report = z
        .object({ valid: z.boolean(), checks: z.array(z.object({ name: z.string(), verdict: z.string() })) })
        .parse(JSON.parse(outcome.out));
      expect(report.valid).toBe(false);
      expect(report.checks.find(({ name }) => name === 'certificate')?.verdict).toBe('failed');
    });

    it('refuses a file it cannot open', async () => {
      const outcome = await run('receipts', 'verify', join(folder, 'none'), '--agency-key', agencyKey, '--json');
      expect(outcome.code).toBe(1);
      expect(JSON.parse(outcome.out)).toMatchObject({ error: { code: 'publish/unreadable' } });
    });
  });
});
