// The ladder of picture sizes.

import { expect, test } from 'vitest';
import { deriveRungs } from './rungs.ts';

const sizes = (width: number, height: number): string[] =>
  deriveRungs(width, height).map((rung) => `${rung.label} ${rung.width}x${rung.height}`);

test('BT-1: a source of 1080 lines is published in three rungs, best first', () => {
  expect(sizes(1920, 1080)).toEqual(['video/1080p 1920x1080', 'video/720p 1280x720', 'video/360p 640x360']);
});

test('BT-1: no rung is larger than its source', () => {
  expect(sizes(1280, 720)).toEqual(['video/720p 1280x720', 'video/360p 640x360']);
  expect(sizes(1278, 718)).toEqual(['video/360p 640x360']);
});

test('BT-1: a source smaller than the smallest rung is one rung of its own size', () => {
  expect(sizes(320, 180)).toEqual(['video/180p 320x180']);
});

test('BT-1: a portrait source is measured by its shorter side', () => {
  expect(sizes(720, 1280)).toEqual(['video/720p 720x1280', 'video/360p 360x640']);
});

test('BT-1: odd sizes become even ones without growing', () => {
  expect(sizes(321, 181)).toEqual(['video/181p 320x180']);
});

test('BT-1: a very wide source stays within what browsers decode', () => {
  for (const rung of deriveRungs(8000, 1080)) expect(rung.width).toBeLessThanOrEqual(3840);
});
