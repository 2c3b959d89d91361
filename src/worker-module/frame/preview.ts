// Draws the preview of a place above what the host has drawn over the frame below. The host names only where it stands; what it shows it never
// gets. Called by worker-life.ts.

/** The preview of one worker. */
export type PreviewLayer = {
  /** Takes over the picture. `at`: 0 the left edge, 1 the right one. */
  show(picture: ImageBitmap, at: number): void;
  /** Goes to another place, or away. */
  move(at: number | null): void;
  /** Takes it away for good. */
  remove(): void;
};

/** Puts a hidden preview into the document. */
export function makePreviewLayer(document: Document): PreviewLayer {
  const canvas = document.createElement('canvas');
  canvas.className = 'preview';
  canvas.hidden = true;
  document.body.append(canvas);
  const context = canvas.getContext('bitmaprenderer');

  const move = (at: number | null) => {
    canvas.hidden = at === null;
    if (at !== null) canvas.style.setProperty('--at', String(at));
  };
  return {
    show(picture, at) {
      // The canvas takes the picture's size, and the picture is gone with it.
      canvas.width = picture.width;
      canvas.height = picture.height;
      context?.transferFromImageBitmap(picture);
      move(at);
    },
    move,
    remove() {
      canvas.remove();
    },
  };
}
