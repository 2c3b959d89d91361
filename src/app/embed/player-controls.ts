// The controls of media-chrome on /embed/player.html: defined here, and told what only Farebox has: previews that the module draws, and
// captions that keep clear of the bar. Loaded after the module has begun to start.

import 'media-chrome/dist/media-controller.js';
import 'media-chrome/dist/media-control-bar.js';
import 'media-chrome/dist/media-time-range.js';
import 'media-chrome/dist/media-time-display.js';
import 'media-chrome/dist/media-play-button.js';
import 'media-chrome/dist/media-mute-button.js';
import 'media-chrome/dist/media-volume-range.js';
import 'media-chrome/dist/media-live-button.js';
import 'media-chrome/dist/media-captions-button.js';
import 'media-chrome/dist/media-fullscreen-button.js';
import 'media-chrome/dist/menu/index.js';
import type { FareboxVideoElement } from '../../player/element/farebox-video.ts';

/** Room above the bar in which it says what is pointed at and its chapter, CSS pixels. */
const HINT_PX = 56;

/** Ties the controls to the element that they drive. */
export function tieControls(controller: HTMLElement, video: FareboxVideoElement): void {
  const range = controller.querySelector('media-time-range');
  // media-chrome asks for a preview while somebody points at the bar, and for none when they have left it.
  controller.addEventListener('mediapreviewrequest', (event) => {
    const detail: unknown = event instanceof CustomEvent ? event.detail : null;
    const seconds = typeof detail === 'number' && Number.isFinite(detail) ? detail : null;
    video.showPreview(seconds, seconds === null ? 0 : shareOf(seconds, video.seekable));
  });
  const clear = (): void => {
    const seen = !controller.hasAttribute('userinactive') || video.paused;
    const top = range?.getBoundingClientRect().top ?? 0;
    const { bottom, height } = controller.getBoundingClientRect();
    video.keepClear(seen && height > 0 && top > 0 ? Math.min(0.5, (bottom - top + HINT_PX) / height) : 0);
  };
  controller.addEventListener('userinactivechange', clear);
  for (const name of ['play', 'pause']) video.addEventListener(name, clear);
  new ResizeObserver(clear).observe(controller);
}

function shareOf(seconds: number, { length, start, end }: FareboxVideoElement['seekable']): number {
  if (length === 0) return 0;
  const from = start(0);
  return Math.min(1, Math.max(0, (seconds - from) / Math.max(0.001, end(length - 1) - from)));
}
