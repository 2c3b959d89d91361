// How the colours of a source are to be read. Decided once per programme and written into every rung: a reader that has to guess
// guesses by size, so an unmarked 720p and 360p of one film would differ in colour.

import {
  AVCOL_PRI_BT709,
  AVCOL_PRI_SMPTE170M,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_BT709,
  AVCOL_TRC_SMPTE170M,
  type Frame,
} from 'node-av';
import { isHighDynamicRange } from './picture-filter.ts';
import type { Colours } from './video-encoder.ts';

/** Height from which unmarked pictures are taken to be high definition, as every player does. */
const HIGH_DEFINITION_HEIGHT = 720;

const HIGH: Colours = { primaries: AVCOL_PRI_BT709, transfer: AVCOL_TRC_BT709, matrix: AVCOL_SPC_BT709 };
const STANDARD: Colours = {
  primaries: AVCOL_PRI_SMPTE170M,
  transfer: AVCOL_TRC_SMPTE170M,
  matrix: AVCOL_SPC_SMPTE170M,
};

/** @param picture the first decoded picture of the source. */
export function coloursOf(picture: Frame): Colours {
  // The picture filter brings these down to BT.709.
  if (isHighDynamicRange(picture)) return HIGH;
  if (picture.colorSpace === AVCOL_SPC_UNSPECIFIED) {
    return Math.min(picture.width, picture.height) >= HIGH_DEFINITION_HEIGHT ? HIGH : STANDARD;
  }
  return { primaries: picture.colorPrimaries, transfer: picture.colorTrc, matrix: picture.colorSpace };
}
