// Puts pictures on the module's screen. The only code that shows a pixel; it closes every picture it is given.

import type { PictureScreen } from '../frame-messages.ts';

/** Shows one picture, whole, and closes it. */
export type Painter = { draw(picture: VideoFrame): void };

/** Throws where a canvas gives no 2D context, which no supported browser does. */
export function makePainter(screen: PictureScreen): Painter {
  return screen.kind === 'stream' ? makeStreamPainter(screen.pictures) : makeCanvasPainter(screen.canvas);
}

/** The stream closes what is written to it, and shows the newest. */
function makeStreamPainter(pictures: WritableStream<VideoFrame>): Painter {
  const writer = pictures.getWriter();
  return {
    draw(picture) {
      // It refuses only where its screen has left the document, with the worker's end on its way.
      writer.write(picture).catch(() => picture.close());
    },
  };
}

function makeCanvasPainter(canvas: OffscreenCanvas): Painter {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('no 2D context');
  return {
    draw(picture) {
      // Changing the size clears the canvas; the draw follows in the same task, so nothing empty is ever presented.
      if (canvas.width !== picture.displayWidth) canvas.width = picture.displayWidth;
      if (canvas.height !== picture.displayHeight) canvas.height = picture.displayHeight;
      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
    },
  };
}
