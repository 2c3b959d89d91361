// An output over real sealed parts: what it asks the module for and how often, and what becomes of torn copies, dead workers and grants that end.

import { describe, expect, test } from 'vitest';
import { decodeProgrammeId } from '../../protocol/ids.ts';
import { segmentAt } from '../../protocol/manifest.ts';
import { OUTPUT_MODES } from '../../protocol/output-modes.ts';
import { openOutput } from './output.ts';
import {
  CAPTIONS,
  clearOf,
  cueOf,
  FRAMES,
  HIGH,
  LOW,
  MANIFEST,
  type OutputScript,
  outputWorld,
  PROGRAMME,
  SILENT,
  SOUND,
} from './testing/output-world.ts';
import { formatWebVtt } from './web-vtt.ts';

const HOST_MODES = OUTPUT_MODES.filter((mode) => mode !== 'display');
type HostMode = (typeof HOST_MODES)[number];
const command = (mode: HostMode) => (mode === 'keys' ? 'frameKeys' : 'openFrame');
const hashOf = (label: string, frame: number) => segmentAt(MANIFEST, label, frame)?.hash ?? '';

async function opened(mode: HostMode, script: OutputScript = {}) {
  const world = outputWorld(script);
  const life = new AbortController();
  const output = await openOutput({ programmeId: PROGRAMME, mode, ports: world.ports, signal: life.signal });
  const text = async (label: string, frame: number) => new TextDecoder().decode(await output.segment(label, frame));
  return { ...world, output, text, life };
}
const clear = (label: string, frame: number) => new TextDecoder().decode(clearOf(label, frame));

describe.each(HOST_MODES)('BT-5: an output in the mode `%s`', (mode) => {
  test('gives clear pieces, and asks for picture and sound of a frame in one call', async () => {
    const { asked, text, output, begun, counted } = await opened(mode);
    expect(begun).toEqual([{ from: 0, mode }]);
    expect(await text(HIGH, 2)).toBe(clear(HIGH, 2));
    expect(await text(SOUND, 2)).toBe(clear(SOUND, 2));
    expect(asked(command(mode))).toHaveLength(1);
    expect([...counted]).toEqual([2]);
    expect(output.state.getSnapshot()).toMatchObject({ handedOver: 1, closed: false, tally: { count: 1 } });
  });

  test('asks once for what is asked for side by side', async () => {
    const { asked, text } = await opened(mode);
    expect(await Promise.all([text(LOW, 1), text(SOUND, 1)])).toEqual([clear(LOW, 1), clear(SOUND, 1)]);
    expect(asked(command(mode))).toHaveLength(1);
  });

  test('gives the captions of a frame as WebVTT, opened with its picture and counted once with it', async () => {
    const { asked, output, text, counted } = await opened(mode);
    const cues = (frame: number) => output.answer({ programme: PROGRAMME, kind: 'cues', label: CAPTIONS, frame });
    expect(await cues(2)).toBe(formatWebVtt([cueOf(2)]));
    await text(LOW, 2);
    await text(LOW, 3);
    expect(await cues(3)).toBe(formatWebVtt([cueOf(3)]));
    expect(asked(command(mode))).toHaveLength(3);
    expect([...counted]).toEqual([2, 3]);
    // Nothing is said in it: nothing is opened, and nothing counts.
    expect(await cues(SILENT)).toBe(formatWebVtt([]));
    expect([...counted]).toEqual([2, 3]);
    const strange = { programme: PROGRAMME, kind: 'cues', label: LOW, frame: 4 } as const;
    await expect(output.answer(strange)).rejects.toMatchObject({ code: 'frame/unknown-part' });
    expect([...counted]).toEqual([2, 3]);
  });

  test('asks again for another rung of a frame, which is the module’s to count or not', async () => {
    const { asked, text, counted } = await opened(mode);
    await text(LOW, 1);
    expect(await text(HIGH, 1)).toBe(clear(HIGH, 1));
    expect(asked(command(mode))).toHaveLength(2);
    expect([...counted]).toEqual([1]);
  });

  test('fetches a torn copy once more past the caches, and then says that it is torn', async () => {
    const { text, torn, fetched } = await opened(mode);
    torn.push(hashOf(LOW, 3));
    expect(await text(LOW, 3)).toBe(clear(LOW, 3));
    expect(fetched.filter(({ hash }) => hash === hashOf(LOW, 3)).map(({ fresh }) => fresh)).toEqual([false, true]);
    torn.push(hashOf(LOW, 4), hashOf(LOW, 4));
    await expect(text(LOW, 4)).rejects.toMatchObject({ code: 'frame/tampered' });
  });

  test.each(['session/not-active', 'module/dead'] as const)(
    'takes the session up again after %s, and goes on',
    async (code) => {
      const { asked, text, refusals } = await opened(mode);
      refusals[command(mode)] = [code];
      expect(await text(LOW, 1)).toBe(clear(LOW, 1));
      expect(asked('resumeSession')).toHaveLength(1);
    },
  );

  test('settles and begins the next session from a frame that the grant does not cover, once for all who were refused', async () => {
    const { text, output, begun, settled } = await opened(mode, { granted: [[0, 2]] });
    await text(LOW, 1);
    // The later one first: whichever is refused first, the session begins at the first that waits.
    expect(await Promise.all([text(LOW, 3), text(LOW, 2)])).toEqual([clear(LOW, 3), clear(LOW, 2)]);
    expect(begun.map(({ from }) => from)).toEqual([0, 2]);
    expect(settled).toEqual(['1'.repeat(32)]);
    expect(output.state.getSnapshot()).toMatchObject({ handedOver: 2, tally: { session: '2'.repeat(32), count: 2 } });
  });

  test('gives up on a frame that is refused again and again', async () => {
    const { text, refusals } = await opened(mode);
    refusals[command(mode)] = Array.from({ length: 10 }, () => 'session/not-active' as const);
    await expect(text(LOW, 1)).rejects.toMatchObject({ code: 'session/not-active' });
    refusals[command(mode)] = ['sequence/spent'];
    await expect(text(LOW, 2)).rejects.toMatchObject({ code: 'sequence/spent' });
  });

  test('refuses what is no piece of this programme before it fetches anything', async () => {
    const { output, fetched } = await opened(mode);
    for (const [label, frame] of [
      ['video/9p', 1],
      [LOW, FRAMES],
    ] as const) {
      await expect(output.segment(label, frame)).rejects.toMatchObject({ code: 'frame/unknown-part' });
    }
    const programme = decodeProgrammeId('6'.repeat(32));
    await expect(output.answer({ programme, kind: 'master' })).rejects.toMatchObject({ code: 'frame/unknown-part' });
    expect(fetched).toEqual([]);
  });

  test('makes the receipt when it is closed, and gives nothing more', async () => {
    const { output, text, settled } = await opened(mode);
    await text(LOW, 1);
    expect(await output.close()).toBe('1'.repeat(32));
    expect(settled).toEqual(['1'.repeat(32)]);
    expect(output.state.getSnapshot().closed).toBe(true);
    await expect(text(LOW, 2)).rejects.toThrow();
  });

  test('says that it was closed in another tab', async () => {
    const { output, emit } = await opened(mode);
    emit({ type: 'closed', session: 'another' });
    expect(output.state.getSnapshot().closed).toBe(false);
    emit({ type: 'closed', session: '1'.repeat(32) });
    expect(output.state.getSnapshot().closed).toBe(true);
  });

  test('is refused with the provider’s code where the programme does not offer it', async () => {
    await expect(opened(mode, { refusedMode: true })).rejects.toMatchObject({ code: 'grant/mode' });
  });
});

test('BT-5: no key is asked for while what came is not the file that was published: a key is counted', async () => {
  const { text, torn, asked, counted } = await opened('keys');
  torn.push(hashOf(LOW, 4), hashOf(LOW, 4));
  await expect(text(LOW, 4)).rejects.toMatchObject({ code: 'frame/tampered' });
  expect(asked('frameKeys')).toEqual([]);
  expect([...counted]).toEqual([]);
});
