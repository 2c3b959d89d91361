// hls.js as its documentation shows it, with its own defaults: whole segments under AES-128, their key over HTTP.
import Hls from 'hls.js';
import { servePeer } from './peer.ts';

servePeer((video, aheadSeconds) => {
  const hls = new Hls(aheadSeconds === null ? {} : { maxMaxBufferLength: aheadSeconds });
  return {
    async open(manifestPath) {
      hls.loadSource(manifestPath);
      hls.attachMedia(video);
      await video.play();
    },
    pin(height) {
      hls.currentLevel = hls.levels.findIndex((level) => level.height === height);
    },
  };
});
