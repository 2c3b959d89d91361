// What the picture is shown on, and the end of it that a worker draws on. Neither a canvas whose control was handed to a worker nor a stream of
// pictures can ever be another's, so each worker gets a screen of its own and the older one leaves the document.

import type { PictureScreen } from '../frame-messages.ts';

/** A track that shows what is written to it. Chromium has it, in documents alone. */
type PictureTrack = MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };

declare global {
  interface Window {
    MediaStreamTrackGenerator?: new (init: { readonly kind: 'video' }) => PictureTrack;
  }
}

const NAME = 'Picture of the programme';

/** Puts a fresh screen in the place of the one before; what it answers is to be posted to the worker, with `transfer`. */
export function makePictureScreen(document: Document): {
  readonly screen: PictureScreen;
  readonly transfer: Transferable[];
} {
  const Generator = document.defaultView?.MediaStreamTrackGenerator;
  for (const older of document.body.querySelectorAll('.picture')) older.remove();
  return Generator === undefined ? makeCanvas(document) : makeVideo(document, new Generator({ kind: 'video' }));
}

/** A decoded picture goes to the screen as any player's does: it is never copied into a canvas, which cost as much as decoding it. */
function makeVideo(document: Document, track: PictureTrack): ReturnType<typeof makePictureScreen> {
  const video = document.createElement('video');
  video.className = 'picture';
  video.setAttribute('aria-label', NAME);
  // Sound has an output of its own; a video that could be heard would have to wait for a gesture.
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  document.body.prepend(video);
  // A document is not loaded while a video of it waits for its first picture, and this one waits until somebody watches.
  const attach = (): void => {
    video.srcObject = new MediaStream([track]);
  };
  if (document.readyState === 'complete') attach();
  else window.addEventListener('load', attach, { once: true });
  const pictures = track.writable;
  return { screen: { kind: 'stream', pictures }, transfer: [pictures] };
}

function makeCanvas(document: Document): ReturnType<typeof makePictureScreen> {
  const element = document.createElement('canvas');
  element.className = 'picture';
  element.setAttribute('role', 'img');
  element.setAttribute('aria-label', NAME);
  const canvas = element.transferControlToOffscreen();
  document.body.prepend(element);
  return { screen: { kind: 'canvas', canvas }, transfer: [canvas] };
}
