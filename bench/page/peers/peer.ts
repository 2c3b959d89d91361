// What both peers' pages have in common: a button that opens and plays, and readings of the video element for the rig, taken the same way
// from each. Times are milliseconds on the document's clock (`performance.now`).

/** One peer, over the page's video element. */
export type Peer = {
  /** Opens the manifest at this path and plays. */
  open(manifestPath: string): Promise<void>;
  /** Keeps to the rung of this height. */
  pin(height: number): void;
};

/** A picture that was handed to the screen. */
export type Picture = { readonly atMs: number; readonly mediaMs: number; readonly height: number };

/** How a stretch of play went. */
export type PlayReading = {
  /** Time spent standing still for want of media, after the first picture. */
  readonly stalledMs: number;
  readonly stalls: number;
  /** Milliseconds of media played at each picture height. */
  readonly playedMs: Readonly<Record<string, number>>;
};

/** What the rig calls. */
export type PeerControls = {
  /** The first picture after the click; waits for it. */
  firstPicture(): Promise<Picture>;
  /** Seeks; resolves with the milliseconds until a picture of the new place was shown. */
  seek(positionMs: number): Promise<number>;
  /** The next picture that is shown, whichever it is. */
  anyPicture(): Promise<Picture>;
  positionMs(): number;
  /** End of what is buffered around the place of play. */
  bufferedToMs(): number;
  pin(height: number): void;
  /** Starts `reading` anew. */
  watch(): void;
  reading(): PlayReading;
};

declare global {
  interface Window {
    /** The rig calls it once it is there. */
    peer: PeerControls;
  }
}

const SAMPLE_MS = 100;
/** A picture this near to the place that was asked for is of that place. */
const NEAR_MS = 1_500;

/** Puts a peer behind the page's button and its readings on the window. It fetches no more ahead than the address says, where it says. */
export function servePeer(make: (video: HTMLVideoElement, aheadSeconds: number | null) => Peer): void {
  const video = document.createElement('video');
  video.playsInline = true;
  document.body.prepend(video);
  const button = document.querySelector('button');
  const asked = new URLSearchParams(location.search);
  const manifestPath = asked.get('manifest');
  const ahead = asked.get('ahead');
  if (button === null || manifestPath === null) throw new Error('the page is not whole');
  const peer = make(video, ahead === null ? null : Number(ahead));
  const first = nextPicture(video, () => true);
  const watching = watchPlay(video);
  button.addEventListener('click', () => void peer.open(manifestPath));
  window.peer = {
    firstPicture: () => first,
    async seek(positionMs) {
      const askedAtMs = performance.now();
      video.currentTime = positionMs / 1000;
      const shown = await nextPicture(video, ({ mediaMs }) => Math.abs(mediaMs - positionMs) < NEAR_MS);
      return shown.atMs - askedAtMs;
    },
    anyPicture: () => nextPicture(video, () => true),
    positionMs: () => video.currentTime * 1000,
    bufferedToMs: () => bufferedTo(video),
    pin: (height) => peer.pin(height),
    watch: watching.begin,
    reading: watching.reading,
  };
}

/** The next picture that fits. The place of play passes through no picture of elsewhere: those shown on the way do not fit. */
function nextPicture(video: HTMLVideoElement, fits: (picture: Picture) => boolean): Promise<Picture> {
  return new Promise((resolve) => {
    const ask = (): void =>
      void video.requestVideoFrameCallback((atMs, { mediaTime, height }) => {
        const picture = { atMs: Math.max(atMs, performance.now()), mediaMs: mediaTime * 1000, height };
        if (fits(picture)) resolve(picture);
        else ask();
      });
    ask();
  });
}

function bufferedTo({ buffered, currentTime }: HTMLVideoElement): number {
  for (let at = 0; at < buffered.length; at += 1) {
    if (buffered.start(at) <= currentTime && currentTime <= buffered.end(at)) return buffered.end(at) * 1000;
  }
  return currentTime * 1000;
}

function watchPlay(video: HTMLVideoElement): { begin(): void; reading(): PlayReading } {
  let stalledMs = 0;
  let stalls = 0;
  let sinceMs: number | null = null;
  let lastMs = 0;
  let playedMs: Record<string, number> = {};
  let sampling: ReturnType<typeof setInterval> | null = null;
  const settle = (): void => {
    if (sinceMs === null) return;
    stalledMs += performance.now() - sinceMs;
    sinceMs = null;
  };
  video.addEventListener('waiting', () => {
    if (sampling === null || sinceMs !== null) return;
    sinceMs = performance.now();
    stalls += 1;
  });
  for (const type of ['playing', 'ended', 'pause']) video.addEventListener(type, settle);
  const sample = (): void => {
    const nowMs = video.currentTime * 1000;
    const height = String(video.videoHeight);
    playedMs[height] = (playedMs[height] ?? 0) + Math.max(0, nowMs - lastMs);
    lastMs = nowMs;
  };
  return {
    begin() {
      [stalledMs, stalls, sinceMs, lastMs, playedMs] = [0, 0, null, video.currentTime * 1000, {}];
      sampling ??= setInterval(sample, SAMPLE_MS);
    },
    reading() {
      const openMs = sinceMs === null ? 0 : performance.now() - sinceMs;
      return { stalledMs: stalledMs + openMs, stalls, playedMs };
    },
  };
}
