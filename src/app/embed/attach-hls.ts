// Attaches hls.js to a video element, for the pages that show their picture with it. Loaded with those pages and with nothing else.

import Hls, { ErrorTypes, Events } from 'hls.js';
import { parseAddress } from '../../player/outputs/addresses.ts';
import { hlsAddress, makeHlsLoader } from '../../player/outputs/hls-adapter.ts';
import type { AttachPlayer } from './embed-play.ts';

/** Seconds fetched ahead of play: what is fetched is counted, so no more than a line that stutters needs. */
const AHEAD_SECONDS = 8;

/** Plays the output with hls.js. */
export const attachHls: AttachPlayer = async (video, output, onRefused) => {
  const hls = new Hls({
    loader: makeHlsLoader(output, onRefused),
    // Its worker is made of text, which this origin's policy refuses; clear CMAF needs no work of it.
    enableWorker: false,
    maxBufferLength: AHEAD_SECONDS,
    maxMaxBufferLength: AHEAD_SECONDS,
    startFragPrefetch: false,
  });
  // Why a piece did not come the loader tells; what came and cannot be shown only hls.js knows.
  hls.on(Events.ERROR, (_event, { fatal, type }) => {
    if (fatal && type === ErrorTypes.MEDIA_ERROR) onRefused('frame/undecodable');
  });
  hls.loadSource(hlsAddress(output));
  hls.attachMedia(video);
  return {
    showCaptions(label) {
      // Minus one is none.
      hls.subtitleTrack = hls.subtitleTracks.findIndex(({ url }) => label !== null && labelOf(url) === label);
      hls.subtitleDisplay = label !== null;
    },
    detach: async () => hls.destroy(),
  };
};

function labelOf(url: string): string | null {
  const address = parseAddress(url);
  return address?.kind === 'playlist' ? address.label : null;
}
