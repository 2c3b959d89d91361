// Picture-in-picture: takes the picture into a small window of the browser's, above all others, and back. The button is in the module's own
// document, because a browser lets only a press in there take its picture out; the host leaves its place uncovered. Used by frame.ts.

const SVG = 'http://www.w3.org/2000/svg';

/** A screen, and a smaller one in its corner. */
const OUTLINES = ['M3 5h18v14H3z', 'M12 12h7v5h-7z'];

/** Puts the button into the document, where the platform has such a window. It is seen while the host shows its controls (small-window.css). */
export function offerSmallWindow(document: Document): void {
  if (!document.pictureInPictureEnabled) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'small-window';
  button.setAttribute('aria-label', 'Picture in picture');
  button.title = 'Picture in picture';
  button.append(makeIcon(document));
  // Focus stays where it is: the keys of the page around are for the picture, too.
  button.addEventListener('pointerdown', (event) => event.preventDefault());
  button.addEventListener('click', () => void toggle(document));
  document.body.append(button);
}

/** Each worker has a screen of its own: whichever stands now. A picture on a canvas stays where it is. */
async function toggle(document: Document): Promise<void> {
  const video = document.querySelector<HTMLVideoElement>('video.picture');
  try {
    if (document.pictureInPictureElement !== null) await document.exitPictureInPicture();
    else await video?.requestPictureInPicture();
  } catch {
    // The browser says no before the first picture, and where the person has switched such windows off: the picture stays where it is.
  }
}

function makeIcon(document: Document): SVGSVGElement {
  const icon = document.createElementNS(SVG, 'svg');
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  for (const outline of OUTLINES) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', outline);
    icon.append(path);
  }
  return icon;
}
