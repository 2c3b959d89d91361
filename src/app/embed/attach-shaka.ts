// Attaches Shaka Player to a video element, for the page that shows its picture with it. Loaded with that page and with nothing else.

import shaka from 'shaka-player/dist/shaka-player.hls-es2021.js';
import { SCHEME } from '../../player/outputs/addresses.ts';
import { trackName } from '../../player/outputs/playlists.ts';
import { makeShakaScheme, shakaAddress } from '../../player/outputs/shaka-adapter.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { AttachPlayer } from './embed-play.ts';

/** Seconds fetched ahead of play: what is fetched is counted, so no more than a line that stutters needs. */
const AHEAD_SECONDS = 8;

/** Plays the output with Shaka Player. */
export const attachShaka: AttachPlayer = async (video, output, onRefused) => {
  shaka.polyfill.installAll();
  shaka.net.NetworkingEngine.registerScheme(SCHEME, makeShakaScheme(output, shaka, onRefused));
  const player = new shaka.Player();
  const detach = async (): Promise<void> => {
    await player.destroy();
    shaka.net.NetworkingEngine.unregisterScheme(SCHEME);
  };
  // Why a piece did not come the plugin tells; what came and cannot be shown only Shaka knows.
  player.addEventListener('error', () => onRefused('frame/undecodable'));
  try {
    await player.attach(video);
    player.configure({ streaming: { bufferingGoal: AHEAD_SECONDS, rebufferingGoal: 1 } });
    const { uri, mimeType } = shakaAddress(output);
    await player.load(uri, null, mimeType);
  } catch (cause) {
    await detach();
    throw new FareboxError('frame/undecodable', undefined, { cause });
  }
  const names = new Map(
    output.manifest.parts.flatMap((part) => (part.kind === 'captions' ? [[part.label, trackName(part)] as const] : [])),
  );
  return {
    detach,
    showCaptions(label) {
      const name = label === null ? undefined : names.get(label);
      const tracks = player.getTextTracks();
      player.selectTextTrack(tracks.find((track) => name !== undefined && track.label === name) ?? null);
    },
  };
};
