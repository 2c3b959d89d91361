// Captions by the clock: what is on the screen when, and nothing of a frame that is not counted.

import { describe, expect, it } from 'vitest';
import { type Cue, encodeCaptions } from '../../protocol/captions.ts';
import { decodeContentHash, decodeProgrammeId } from '../../protocol/ids.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import type { ModuleEvent } from '../events.ts';
import type { WorkerToFrame } from '../frame-messages.ts';
import { CaptionTrack } from './caption-track.ts';
import { DisplayReporter } from './display-reporter.ts';
import { SlotWindow } from './slot-window.ts';
import { Timeline } from './timeline.ts';

const LABEL = 'captions/ar';
const hash = decodeContentHash('00'.repeat(32));
const segments = [0, 1, 2].map(() => ({ hash, sizeBytes: 1 }));
const MANIFEST: Manifest = {
  programme: decodeProgrammeId('00'.repeat(16)),
  frameCount: 3,
  frameDurationMs: 2_000,
  durationMs: 6_000,
  parts: [
    {
      ...{ kind: 'video', label: 'video/360p', codec: 'avc1', bitrate: 1, init: new Uint8Array(1), segments },
      ...{ width: 1_280, height: 720, pictureRate: 30_000 },
    },
    {
      ...{ kind: 'captions', label: LABEL, codec: 'fbcc', bitrate: 1, init: new Uint8Array(), segments },
      ...{ language: 'ar', name: '', role: 'captions' },
    },
  ],
  commitments: new Uint8Array(96),
  poster: hash,
  playlists: new Map(),
  chapters: [],
  previews: null,
};

const cue = (startMs: number, endMs: number, text: string): Cue => ({
  ...{ startMs, endMs, lines: [[{ text, style: 0 }]] },
  settings: { line: -1, position: 50, align: 'center' },
});

async function shown(frames: readonly (readonly Cue[] | Uint8Array)[]) {
  const window = new SlotWindow(3);
  const posted: Extract<WorkerToFrame, { type: 'captions' }>[] = [];
  const events: ModuleEvent[] = [];
  const track = new CaptionTrack({
    timeline: new Timeline(MANIFEST),
    window,
    reporter: new DisplayReporter('s', (event) => void events.push(event)),
    post: (message) => {
      if (message.type === 'captions') posted.push(message);
    },
  });
  for (const [frame, given] of frames.entries()) {
    const bytes = given instanceof Uint8Array ? given : encodeCaptions(given);
    const parts = new Map([[LABEL, bytes]]);
    const outcome = { count: async () => undefined, withhold: async () => undefined };
    await window.accept({ frame, rung: 'video/360p', replay: false, parts, ...outcome }, 0);
  }
  const count = async (frame: number) => {
    const slot = window.at(frame);
    if (slot !== undefined) await window.count(slot, false);
  };
  track.choose(LABEL);
  const texts = () => posted.at(-1)?.cues.map(({ lines }) => lines[0]?.[0]?.text) ?? [];
  return { track, posted, events, count, texts };
}

describe('the captions of a show', () => {
  it('BT-4: are told of counted frames only', async () => {
    const { track, posted, count, texts } = await shown([[cue(0, 1_000, 'one')]]);
    track.show(500);
    expect(posted).toEqual([]);
    await count(0);
    track.show(500);
    expect(texts()).toEqual(['one']);
  });

  it('come and go at their times, several at once, and are told only when they change', async () => {
    const { track, posted, count, texts } = await shown([[cue(0, 1_000, 'one'), cue(500, 2_000, 'two')]]);
    await count(0);
    const told = [0, 499, 500, 999, 1_000, 1_999].map((positionMs) => {
      track.show(positionMs);
      return texts();
    });
    expect(told).toEqual([['one'], ['one'], ['one', 'two'], ['one', 'two'], ['two'], ['two']]);
    expect(posted.length).toBe(3);
    expect(posted[0]).toMatchObject({ language: 'ar', ratio: 1_280 / 720 });
  });

  it('stay as they are over the boundary of a frame, and are right after a seek back', async () => {
    const over = cue(1_500, 2_500, 'over');
    const { track, posted, count, texts } = await shown([[over], [over]]);
    await count(0);
    await count(1);
    for (const positionMs of [1_600, 1_999, 2_000, 2_400]) track.show(positionMs);
    expect(posted.length).toBe(1);
    track.show(2_500);
    expect(texts()).toEqual([]);
    track.show(1_700);
    expect(texts()).toEqual(['over']);
  });

  it.each([
    ['are empty because they did not open', new Uint8Array()],
    ['are no captions', Uint8Array.of(1, 2, 3)],
    ['lie about their time', encodeCaptions([cue(4_000, 5_000, 'elsewhere')])],
    ['are too many', encodeCaptions(Array.from({ length: 65 }, () => cue(0, 1_000, 'again')))],
  ])('that %s are told as malformed, once, and those of the next frame are shown', async (_what, bytes) => {
    const { track, events, posted, count, texts } = await shown([bytes, [cue(2_000, 3_000, 'good')]]);
    await count(0);
    await count(1);
    for (const positionMs of [100, 200, 300]) track.show(positionMs);
    expect(posted).toEqual([]);
    expect(events).toEqual([{ type: 'failed', session: 's', code: 'captions/malformed' }]);
    track.show(2_100);
    expect(texts()).toEqual(['good']);
  });

  it('go away when none are chosen', async () => {
    const { track, count, texts } = await shown([[cue(0, 1_000, 'one')]]);
    await count(0);
    track.show(500);
    track.choose(null);
    track.show(600);
    expect(texts()).toEqual([]);
  });
});
