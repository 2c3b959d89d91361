// Makes a short real clip for the display's checks: two rungs and a sound, cut into clear CMAF slots as a programme's
// are before they are sealed. Called by display.spec.ts in Node; never part of the product.
// Each picture carries its own number as black and white cells, so that a drawn canvas can be read back.

import { registerMediabunnyServer } from '@mediabunny/server';
import {
  AudioSample,
  AudioSampleSource,
  BufferTarget,
  Mp4OutputFormat,
  Output,
  VideoSample,
  VideoSampleSource,
} from 'mediabunny';
import {
  NUMBER_BITS,
  PICTURE_RATE,
  SAMPLE_RATE_HZ,
  SLOT_MS,
} from '../../src/worker-module/frame/testing/clip-shape.ts';

/** One track, cut: the CMAF header and one clear segment a slot. */
export type ClipPart = {
  readonly label: string;
  readonly init: Uint8Array;
  readonly segments: readonly Uint8Array[];
  readonly width: number;
  readonly height: number;
};

type Box = { readonly type: string; readonly from: number; readonly to: number };

function boxesOf(file: Uint8Array): Box[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const boxes: Box[] = [];
  for (let from = 0; from < file.byteLength; ) {
    const size = view.getUint32(from);
    const type = String.fromCharCode(...file.subarray(from + 4, from + 8));
    boxes.push({ type, from, to: from + size });
    from += size;
  }
  return boxes;
}

function decodeTimeOf(moof: Uint8Array): number {
  const at = Buffer.from(moof).indexOf('tfdt');
  const view = new DataView(moof.buffer, moof.byteOffset + at + 4);
  return view.getUint8(0) === 1 ? Number(view.getBigUint64(4)) : view.getUint32(4);
}

/** Cuts a fragmented file at its fragments; `timescale` turns their decode times into slots. */
function cut(file: Uint8Array, timescale: number, slotCount: number): { init: Uint8Array; segments: Uint8Array[] } {
  const boxes = boxesOf(file);
  const first = boxes.findIndex((box) => box.type === 'moof');
  const init = file.slice(0, boxes[first]?.from ?? 0);
  const pieces: Uint8Array[][] = Array.from({ length: slotCount }, () => []);
  for (const [i, box] of boxes.entries()) {
    const mdat = boxes[i + 1];
    if (box.type !== 'moof' || mdat === undefined) continue;
    const seconds = decodeTimeOf(file.subarray(box.from, box.to)) / timescale;
    const slot = Math.min(slotCount - 1, Math.floor((seconds * 1000 + 0.5) / SLOT_MS));
    pieces[slot]?.push(file.slice(box.from, mdat.to));
  }
  return { init, segments: pieces.map((slot) => new Uint8Array(Buffer.concat(slot))) };
}

function timescaleOf(init: Uint8Array): number {
  const at = Buffer.from(init).indexOf('mdhd');
  const view = new DataView(init.buffer, init.byteOffset + at + 4);
  return view.getUint8(0) === 1 ? view.getUint32(20) : view.getUint32(12);
}

function drawNumbered(rgba: Uint8Array, width: number, height: number, picture: number): void {
  const cell = Math.floor(width / NUMBER_BITS);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = Math.min(NUMBER_BITS - 1, Math.floor(x / cell));
      const lit = y < height / 2 ? (picture >> (NUMBER_BITS - 1 - bit)) & 1 : ((x + picture * 4) >> 5) & 1;
      rgba.fill(lit === 1 ? 255 : 0, (y * width + x) * 4, (y * width + x) * 4 + 4);
    }
  }
}

async function makeVideo(label: string, width: number, height: number, slotCount: number): Promise<ClipPart> {
  const target = new BufferTarget();
  const format = new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: SLOT_MS / 1000 - 0.01 });
  const output = new Output({ format, target });
  const source = new VideoSampleSource({ codec: 'avc', bitrate: 800_000, keyFrameInterval: SLOT_MS / 1000 });
  output.addVideoTrack(source, { frameRate: PICTURE_RATE });
  await output.start();
  const rgba = new Uint8Array(width * height * 4);
  const perSlot = (PICTURE_RATE * SLOT_MS) / 1000;
  for (let picture = 0; picture < slotCount * perSlot; picture++) {
    drawNumbered(rgba, width, height, picture);
    const sample = new VideoSample(rgba, {
      format: 'RGBX',
      codedWidth: width,
      codedHeight: height,
      timestamp: picture / PICTURE_RATE,
      duration: 1 / PICTURE_RATE,
    });
    await source.add(sample, { keyFrame: picture % perSlot === 0 });
    sample.close();
  }
  await output.finalize();
  const file = new Uint8Array(target.buffer ?? new ArrayBuffer(0));
  const init = cut(file, 1, 1).init;
  return { label, width, height, ...cut(file, timescaleOf(init), slotCount) };
}

async function makeSound(slotCount: number): Promise<ClipPart> {
  const target = new BufferTarget();
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: 'fragmented', minimumFragmentDuration: 0 }),
    target,
  });
  const source = new AudioSampleSource({ codec: 'aac', bitrate: 96_000 });
  output.addAudioTrack(source);
  await output.start();
  const total = (slotCount * SLOT_MS * SAMPLE_RATE_HZ) / 1000;
  const wave = new Float32Array(total * 2);
  for (let i = 0; i < total; i++) {
    const tick =
      i % SAMPLE_RATE_HZ < SAMPLE_RATE_HZ / 20 ? 0.5 * Math.sin((2 * Math.PI * 1000 * i) / SAMPLE_RATE_HZ) : 0;
    wave[i * 2] = tick;
    wave[i * 2 + 1] = tick;
  }
  const sample = new AudioSample({
    data: wave,
    format: 'f32',
    numberOfChannels: 2,
    sampleRate: SAMPLE_RATE_HZ,
    timestamp: 0,
  });
  await source.add(sample);
  sample.close();
  await output.finalize();
  const file = new Uint8Array(target.buffer ?? new ArrayBuffer(0));
  const init = cut(file, 1, 1).init;
  return { label: 'audio/main', width: 0, height: 0, ...cut(file, timescaleOf(init), slotCount) };
}

/** Makes the clip: `video/360p`, `video/180p` and `audio/main`, each of `slotCount` slots. */
export async function makeClip(slotCount: number): Promise<readonly ClipPart[]> {
  registerMediabunnyServer();
  return [
    await makeVideo('video/360p', 640, 360, slotCount),
    await makeVideo('video/180p', 320, 180, slotCount),
    await makeSound(slotCount),
  ];
}
