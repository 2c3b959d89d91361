// The picture's canvas. A canvas whose control was handed to a worker can never be drawn on by another, so each worker
// gets a canvas of its own and the older one leaves the document.

/** Puts a fresh canvas in the place of the one before and gives up control of it. */
export function makePictureCanvas(document: Document): OffscreenCanvas {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', 'Picture of the programme');
  const offscreen = canvas.transferControlToOffscreen();
  for (const older of document.body.querySelectorAll('canvas:not(.preview)')) older.remove();
  document.body.prepend(canvas);
  return offscreen;
}
