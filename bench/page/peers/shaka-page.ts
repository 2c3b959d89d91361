// Shaka Player as its documentation shows it, with its own defaults: DASH under common encryption, ClearKey from a licence server.
import shaka from 'shaka-player';
import { servePeer } from './peer.ts';

servePeer((video, aheadSeconds) => {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  player.configure({ drm: { servers: { 'org.w3.clearkey': '/licence' } } });
  if (aheadSeconds !== null) player.configure({ streaming: { bufferingGoal: aheadSeconds } });
  return {
    async open(manifestPath) {
      await player.attach(video);
      await player.load(manifestPath, null, 'application/dash+xml');
      await video.play();
    },
    pin(height) {
      const track = player.getVariantTracks().find((variant) => variant.height === height);
      if (track === undefined) throw new Error(`no rung of ${height}`);
      player.configure({ abr: { enabled: false } });
      player.selectVariantTrack(track, true);
    },
  };
});
