// `<farebox-video src="PROGRAMME">`: the properties, methods and events of HTMLMediaElement over a PlayerLink, so that what drives a <video>
// drives it: control libraries, scripts, people's habits. Defined once a page, with the maker of its links; it draws nothing but the
// link's surface, and decides nothing: media-model.ts does.

import { createMediaModel, type MediaModel } from './media-model.ts';
import type { LinkError, PlayerLink } from './player-link.ts';
import { type SecondRanges, secondRangesOf } from './time-ranges.ts';
import type { AudioTrackItem, ItemList, RenditionList, TextTrackItem, VideoTrackItem } from './track-lists.ts';

/** The name of the element. */
export const ELEMENT_NAME = 'farebox-video';

/** Makes the link of an element that has come into the document. */
export type LinkMaker = (element: FareboxVideoElement) => PlayerLink;

/** The element as scripts have it. */
export type FareboxVideoElement = InstanceType<ReturnType<typeof makeElementClass>>;

/** Defines the element. A page that has it already keeps the one it has. */
export function defineFareboxVideo(makeLink: LinkMaker): void {
  if (customElements.get(ELEMENT_NAME) === undefined) customElements.define(ELEMENT_NAME, makeElementClass(makeLink));
}

function makeElementClass(makeLink: LinkMaker) {
  return class FareboxVideo extends HTMLElement {
    static readonly observedAttributes = ['src', 'muted'];
    static readonly HAVE_NOTHING = 0;
    static readonly HAVE_METADATA = 1;
    static readonly HAVE_CURRENT_DATA = 2;
    static readonly HAVE_FUTURE_DATA = 3;
    static readonly HAVE_ENOUGH_DATA = 4;

    readonly #model: MediaModel = createMediaModel(this, () => this.loop);
    #link: PlayerLink | null = null;
    #defaultRate = 1;

    constructor() {
      super();
      const style = new CSSStyleSheet();
      style.replaceSync(
        ':host{display:inline-block;position:relative;width:640px;aspect-ratio:16/9;background:#000;overflow:hidden}' +
          ':host([hidden]){display:none}div,iframe{display:block;width:100%;height:100%;border:0}',
      );
      this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [style];
    }

    connectedCallback(): void {
      if (this.#link !== null) return;
      this.#link = makeLink(this);
      this.shadowRoot?.append(this.#link.surface);
      this.#model.use(this.#link);
      if (this.hasAttribute('muted')) this.#model.setMuted(true);
      this.load();
    }

    disconnectedCallback(): void {
      const link = this.#link;
      this.#link = null;
      this.#model.use(null);
      link?.close();
      link?.surface.remove();
    }

    attributeChangedCallback(name: string, before: string | null, now: string | null): void {
      if (this.#link === null || before === now) return;
      // As with <video>: `muted` says how it begins, and a change of it later means nothing.
      if (name === 'src') this.load();
    }

    /** Begins anew with the programme that `src` names; with `autoplay`, where the page may, plays. */
    load(): void {
      this.#model.load(this.src === '' ? null : this.src);
      if (this.autoplay && this.src !== '') this.#model.play().catch(() => undefined);
    }

    play(): Promise<void> {
      return this.#model.play();
    }

    pause(): void {
      this.#model.pause();
    }

    fastSeek(seconds: number): void {
      this.currentTime = seconds;
    }

    /** It plays programmes of its provider and no media types. */
    canPlayType(): '' {
      return '';
    }

    /** Goes to the edge of a live programme, and stays there. */
    goLive(): void {
      this.#model.goLive();
    }

    /** Shows the preview of a place (seconds) at `at` of the picture's width, 0–1; null hides it. */
    showPreview(seconds: number | null, at: number): void {
      this.#link?.preview(seconds === null ? null : seconds * 1000, at);
    }

    /** Keeps captions and previews above the lowest `share` of the picture, 0–0.5. */
    keepClear(share: number): void {
      this.#link?.keepClear(share);
    }

    get src(): string {
      return this.getAttribute('src') ?? '';
    }
    set src(programmeId: string) {
      this.setAttribute('src', programmeId);
    }
    get currentSrc(): string {
      return this.#model.view.programmeId ?? '';
    }
    get autoplay(): boolean {
      return this.hasAttribute('autoplay');
    }
    set autoplay(on: boolean) {
      this.toggleAttribute('autoplay', on);
    }
    get loop(): boolean {
      return this.hasAttribute('loop');
    }
    set loop(on: boolean) {
      this.toggleAttribute('loop', on);
    }
    get controls(): boolean {
      return this.hasAttribute('controls');
    }
    set controls(on: boolean) {
      this.toggleAttribute('controls', on);
    }
    get defaultMuted(): boolean {
      return this.hasAttribute('muted');
    }
    set defaultMuted(on: boolean) {
      this.toggleAttribute('muted', on);
    }

    get currentTime(): number {
      return this.#model.view.currentTime;
    }
    set currentTime(seconds: number) {
      if (!Number.isFinite(seconds)) throw new TypeError('A place is a number of seconds.');
      this.#model.seek(seconds);
    }
    get duration(): number {
      return this.#model.view.duration;
    }
    get paused(): boolean {
      return this.#model.view.paused;
    }
    get ended(): boolean {
      return this.#model.view.ended;
    }
    get seeking(): boolean {
      return this.#model.view.seeking;
    }
    get readyState(): 0 | 1 | 2 | 3 | 4 {
      return this.#model.view.readyState;
    }
    get networkState(): 0 | 1 | 2 | 3 {
      return this.#model.view.networkState;
    }
    get error(): LinkError | null {
      return this.#model.view.error;
    }
    get buffered(): SecondRanges {
      return secondRangesOf(this.#model.view.buffered);
    }
    get played(): SecondRanges {
      return secondRangesOf(this.#model.state.played);
    }
    get seekable(): SecondRanges {
      return secondRangesOf(this.#model.view.seekable);
    }
    get videoWidth(): number {
      return this.#model.view.videoWidth;
    }
    get videoHeight(): number {
      return this.#model.view.videoHeight;
    }

    get volume(): number {
      return this.#model.view.volume;
    }
    set volume(volume: number) {
      this.#model.setVolume(volume);
    }
    get muted(): boolean {
      return this.#model.view.muted;
    }
    set muted(muted: boolean) {
      this.#model.setMuted(Boolean(muted));
    }
    get playbackRate(): number {
      return this.#model.view.playbackRate;
    }
    set playbackRate(rate: number) {
      this.#model.setRate(rate);
    }
    get defaultPlaybackRate(): number {
      return this.#defaultRate;
    }
    set defaultPlaybackRate(rate: number) {
      this.#defaultRate = rate;
      this.dispatchEvent(new Event('ratechange'));
    }
    /** The module always keeps it. */
    get preservesPitch(): boolean {
      return true;
    }
    set preservesPitch(keeps: boolean) {
      if (!keeps) throw new DOMException('Farebox keeps the pitch at every speed.', 'NotSupportedError');
    }

    get textTracks(): ItemList<TextTrackItem> {
      return this.#model.textTracks;
    }
    get audioTracks(): ItemList<AudioTrackItem> {
      return this.#model.audioTracks;
    }
    get videoTracks(): ItemList<VideoTrackItem> {
      return this.#model.videoTracks;
    }
    get videoRenditions(): RenditionList {
      return this.#model.videoRenditions;
    }

    /** As control libraries read it: a live programme has an edge. */
    get streamType(): 'live' | 'on-demand' | 'unknown' {
      const { live, durationMs } = this.#model.state;
      if (live !== null) return live.ended ? 'on-demand' : 'live';
      return durationMs === null ? 'unknown' : 'on-demand';
    }
    /** Seconds from which on play counts as live; NaN where nothing is. */
    get liveEdgeStart(): number {
      const { live } = this.#model.state;
      return live === null || live.ended ? Number.NaN : live.liveMs / 1000 - LIVE_NEAR_SECONDS;
    }
    get targetLiveWindow(): number {
      const { live } = this.#model.state;
      return live === null ? Number.NaN : (live.edgeMs - live.firstMs) / 1000;
    }
  };
}

/** As near as this to where `goLive` goes is live. */
const LIVE_NEAR_SECONDS = 4;
