// Draws pictures on the module's canvas. The only code that puts a pixel on the screen; it closes every picture it is given.

/** Draws one picture over the whole canvas, which takes the picture's size, and closes it. */
export type Painter = { draw(picture: VideoFrame): void };

/** Throws where the canvas gives no 2D context, which no supported browser does. */
export function makePainter(canvas: OffscreenCanvas): Painter {
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
