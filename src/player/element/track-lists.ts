// Captions, chapters, sounds and rungs as the track lists of a media element (HTML §4.8.11.10 and .11), with the renditions that control
// libraries read beside them. Made by media-model.ts; a choice made here becomes an intent, and shows when the player has it.

import type { LinkIntents, LinkState } from './player-link.ts';

/** A list that is read by index and told of by events. */
export class ItemList<Item extends object> extends EventTarget {
  readonly [index: number]: Item;
  #items: readonly Item[] = [];

  get length(): number {
    return this.#items.length;
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.#items[Symbol.iterator]();
  }

  /** Takes in other items; fires `added` for each new one and `removed` for each that is gone. */
  replace(items: readonly Item[], added: string, removed: string): void {
    const before = this.#items;
    this.#items = items;
    for (let at = items.length; at < before.length; at += 1) Reflect.deleteProperty(this, at);
    items.forEach((item, at) => {
      Object.defineProperty(this, at, { value: item, configurable: true, enumerable: true });
    });
    for (const item of before) if (!items.includes(item)) this.dispatchEvent(itemEvent(removed, item));
    for (const item of items) if (!before.includes(item)) this.dispatchEvent(itemEvent(added, item));
  }
}

function itemEvent(name: string, item: object): Event {
  return Object.assign(new Event(name), name.endsWith('track') ? { track: item } : { rendition: item });
}

/** A TextTrack: captions, which `mode` switches, or the chapters, whose cues are there to read. */
export type TextTrackItem = {
  readonly id: string;
  readonly kind: 'captions' | 'subtitles' | 'chapters';
  readonly label: string;
  readonly language: string;
  mode: 'disabled' | 'hidden' | 'showing';
  /** Of chapters. What captions say is the module's, and is never here. */
  readonly cues: readonly { readonly startTime: number; readonly endTime: number; readonly text: string }[] | null;
};

/** An AudioTrack. */
export type AudioTrackItem = {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly language: string;
  enabled: boolean;
};

/** The picture, as a VideoTrack: there is one, and it is always selected. */
export type VideoTrackItem = {
  readonly id: string;
  readonly kind: 'main';
  readonly label: string;
  readonly language: string;
  readonly selected: true;
  readonly renditions: RenditionList;
};

/** A rung. */
export type RenditionItem = {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly bitrate: number;
};

/** The rungs; `selectedIndex` −1 leaves the choice to the player. */
export class RenditionList extends ItemList<RenditionItem> {
  #choose: (id: string | null) => void;
  #selected = -1;

  constructor(choose: (id: string | null) => void) {
    super();
    this.#choose = choose;
  }

  get selectedIndex(): number {
    return this.#selected;
  }

  set selectedIndex(index: number) {
    this.#choose(this[index]?.id ?? null);
  }

  /** What the player has. */
  take(index: number): void {
    if (index === this.#selected) return;
    this.#selected = index;
    this.dispatchEvent(new Event('change'));
  }
}

/** The lists of one element. */
export type TrackLists = {
  readonly textTracks: ItemList<TextTrackItem>;
  readonly audioTracks: ItemList<AudioTrackItem>;
  readonly videoTracks: ItemList<VideoTrackItem>;
  readonly videoRenditions: RenditionList;
  /** Brings the lists to a state; fires what has changed. */
  follow(state: LinkState): void;
};

/** Makes the lists; `intents` null while there is no player. */
export function createTrackLists(intents: () => LinkIntents | null): TrackLists {
  const textTracks = new ItemList<TextTrackItem>();
  const audioTracks = new ItemList<AudioTrackItem>();
  const videoRenditions = new RenditionList((id) => intents()?.setRung(id ?? 'auto'));
  const videoTracks = new ItemList<VideoTrackItem>();
  const picture: VideoTrackItem = {
    ...{ id: 'picture', kind: 'main', label: '', language: '', selected: true },
    renditions: videoRenditions,
  };
  let now: LinkState | null = null;

  const setMode = (id: string, mode: TextTrackItem['mode']): void => {
    if (mode === 'showing') intents()?.setCaptions(id);
    else if (now?.shownCaptions === id) intents()?.setCaptions(null);
  };
  const captionsOf = (state: LinkState): readonly TextTrackItem[] =>
    state.captions.map(({ label, language, name, role }) => ({
      id: label,
      kind: role === 'captions' ? ('captions' as const) : ('subtitles' as const),
      label: name || language || label,
      language,
      get mode() {
        return now?.shownCaptions === label ? ('showing' as const) : ('disabled' as const);
      },
      set mode(mode) {
        setMode(label, mode);
      },
      cues: null,
    }));
  const chaptersOf = ({ chapters, durationMs }: LinkState): readonly TextTrackItem[] => {
    if (chapters.length === 0) return [];
    const cues = chapters.map(({ startMs, title }, at) => ({
      startTime: startMs / 1000,
      endTime: (chapters[at + 1]?.startMs ?? durationMs ?? startMs) / 1000,
      text: title,
    }));
    return [{ id: 'chapters', kind: 'chapters', label: '', language: '', mode: 'hidden', cues }];
  };
  const soundsOf = (state: LinkState): readonly AudioTrackItem[] =>
    state.sounds.map(({ label, language, name, role }) => ({
      id: label,
      kind: role === 'description' ? 'descriptions' : role === 'dub' ? 'translation' : role,
      label: name || language || (role === 'main' ? 'Original' : label),
      language,
      get enabled() {
        return now?.sound === label;
      },
      // There is always one sound: another is chosen by enabling it.
      set enabled(enabled) {
        if (enabled && now?.sound !== label) intents()?.setSound(label);
      },
    }));

  return {
    textTracks,
    audioTracks,
    videoTracks,
    videoRenditions,
    follow(state) {
      const before = now;
      now = state;
      const texts = before?.captions !== state.captions || before.chapters !== state.chapters;
      if (texts || before?.durationMs !== state.durationMs)
        textTracks.replace([...captionsOf(state), ...chaptersOf(state)], 'addtrack', 'removetrack');
      if (before?.sounds !== state.sounds) audioTracks.replace(soundsOf(state), 'addtrack', 'removetrack');
      if (before?.rungs !== state.rungs) {
        const items = state.rungs.map(({ label, ...rung }) => ({ id: label, ...rung }));
        videoTracks.replace(items.length === 0 ? [] : [picture], 'addtrack', 'removetrack');
        videoRenditions.replace(items, 'addrendition', 'removerendition');
      }
      if (before?.shownCaptions !== state.shownCaptions) textTracks.dispatchEvent(new Event('change'));
      if (before?.sound !== state.sound) audioTracks.dispatchEvent(new Event('change'));
      videoRenditions.take(state.rungs.findIndex(({ label }) => label === state.choice));
    },
  };
}
