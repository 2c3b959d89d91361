// A segment that lies about itself, one claim at a time; and that what encoders do is no lie.

import { expect, test } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeContentHash } from '../../protocol/ids.ts';
import type { ManifestPart } from '../../protocol/manifest.ts';
import { type CodedClaims, checkCoded } from './check-coded.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';

const segments = [{ hash: decodeContentHash('00'.repeat(32)), sizeBytes: 1 }];
const VIDEO: ManifestPart = {
  ...{ kind: 'video', label: 'video/360p', codec: 'avc1.4d401f', bitrate: 1, init: new Uint8Array(1), segments },
  ...{ width: 640, height: 360, pictureRate: 30_000 },
};
const SOUND: ManifestPart = {
  ...{ kind: 'audio', label: 'audio/main', codec: 'mp4a.40.2', bitrate: 1, init: new Uint8Array(1), segments },
  ...{ channels: 2, sampleRate: 48_000, language: '', name: '', role: 'main' },
};
const SLOT = { startMs: 4_000, endMs: 6_000 };
const at = (...timesMs: readonly number[]) => timesMs.map((ms) => ({ timestamp: ms * 1_000 }));
const coded = (config: CodedClaims['config'], chunks = at(4_000, 5_967)): CodedClaims => ({
  config,
  chunks,
});
const honest = { codec: 'avc1.64001f', codedWidth: 640, codedHeight: 368 };

function codeOf(claims: CodedClaims, part: ManifestPart | undefined = VIDEO): string | null {
  try {
    checkCoded(claims, part, SLOT);
    return null;
  } catch (error) {
    return error instanceof FareboxError ? error.code : 'no code';
  }
}

test.each<[string, CodedClaims, ManifestPart]>([
  ['of another profile, padded to whole blocks', coded(honest), VIDEO],
  ['whose parameters are in its pictures', coded({ ...honest, codec: 'AVC3.64001f' }), VIDEO],
  ['that begins a picture early and ends one late', coded(honest, at(3_967, 6_033)), VIDEO],
  ['of sound, whose first packet lies before its slot', coded({ codec: 'mp4a.40.2' }, at(3_957)), SOUND],
  ['with nothing in it', coded(honest, []), VIDEO],
])('BT-4: a segment %s is what was said', (_what, claims, part) => {
  expect(codeOf(claims, part)).toBeNull();
});

test.each<[string, CodedClaims, string, ManifestPart?]>([
  ['of another codec', coded({ ...honest, codec: 'vp09.00.10.08' }), 'media/codec'],
  ['of a codec that is no word', coded({ ...honest, codec: '' }), 'media/codec'],
  ['of pictures in place of sound', coded(honest), 'media/codec', SOUND],
  ['of wider pictures', coded({ ...honest, codedWidth: 16_384 }), 'media/codec'],
  ['of higher pictures', coded({ ...honest, codedHeight: 16_384 }), 'media/codec'],
  ['of another slot before', coded(honest, at(0, 1_000)), 'frame/undecodable'],
  ['of another slot behind', coded(honest, at(4_000, 9_000)), 'frame/undecodable'],
  ['of a time beyond all programmes', coded(honest, at(4_000, 1e15)), 'frame/undecodable'],
  ['of a time that is no number', coded(honest, at(Number.NaN)), 'frame/undecodable'],
  [
    'in more pieces than a slot can have',
    coded(honest, at(...Array(DISPLAY_LIMITS.chunksInSlot + 1).fill(4_000))),
    'frame/undecodable',
  ],
])('BT-4: a segment %s is refused', (_what, claims, code, part) => {
  expect(codeOf(claims, part)).toBe(code);
});

test('BT-4: a segment of a part that the manifest has not is refused', () => {
  expect(() => checkCoded(coded(honest), undefined, SLOT)).toThrow('media/codec');
});
