// The previews of a show: opened sheets, a few at most, and the picture of the place that a person looks at, cut out and told to the module's
// frame. Kept by show.ts. A sheet that cannot be decoded is told once and not asked for again.

import { type PreviewPlace, type Previews, previewAt } from '../../protocol/previews.ts';
import type { WorkerToFrame } from '../frame-messages.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import type { DisplayReporter } from './display-reporter.ts';

/** What a shelf needs of the display. `decode` turns a sheet or a part of one into a picture. */
export type ShelfParts = {
  readonly previews: Previews | null;
  readonly reporter: Pick<DisplayReporter, 'failed'>;
  readonly post: (message: WorkerToFrame, transfer?: Transferable[]) => void;
  readonly decode: {
    sheet(jpeg: Uint8Array<ArrayBuffer>): Promise<ImageBitmap>;
    cut(sheet: ImageBitmap, place: PreviewPlace, previews: Previews): Promise<ImageBitmap>;
  };
  /** The list of wanted sheets has changed. */
  readonly onChange: () => void;
};

/** The browser's own decoder. */
export const decodeWithBrowser: ShelfParts['decode'] = {
  sheet: (jpeg) => createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' })),
  cut: (sheet, { left, top }, { width, height }) => createImageBitmap(sheet, left, top, width, height),
};

type Asked = { readonly place: PreviewPlace; readonly at: number };

/** The previews of one session. */
export class PreviewShelf {
  readonly #parts: ShelfParts;
  /** Newest use last. */
  readonly #sheets = new Map<number, ImageBitmap>();
  readonly #bad = new Set<number>();
  #asked: Asked | null = null;
  #drawn: PreviewPlace | null = null;
  #drawing = false;

  constructor(parts: ShelfParts) {
    this.#parts = parts;
  }

  /** Sheets that are needed and not here. */
  wanted(): number[] {
    const sheet = this.#asked?.place.sheet;
    return sheet === undefined || this.#sheets.has(sheet) || this.#bad.has(sheet) ? [] : [sheet];
  }

  /** Shows the preview of a place, ms of the programme, or none. A place whose sheet is not here shows nothing until it is. */
  async ask(positionMs: number | null, at: number): Promise<void> {
    const { previews, post, onChange } = this.#parts;
    if (previews === null) return;
    this.#asked = positionMs === null ? null : { place: previewAt(previews, positionMs), at };
    if (this.#asked !== null && isSame(this.#asked.place, this.#drawn)) post({ type: 'preview-at', at });
    else if (!this.#isDue()) this.#hide();
    onChange();
    await this.#draw();
  }

  /** Takes an opened sheet; null for one that is bad. */
  async take(sheet: number, jpeg: Uint8Array | null): Promise<void> {
    if (jpeg === null) this.#bad.add(sheet);
    else if (this.#asked?.place.sheet === sheet && !this.#sheets.has(sheet)) await this.#open(sheet, jpeg);
    this.#parts.onChange();
  }

  /** Lets go of everything. */
  close(): void {
    this.#asked = null;
    this.#hide();
    for (const picture of this.#sheets.values()) picture.close();
    this.#sheets.clear();
  }

  async #open(sheet: number, jpeg: Uint8Array): Promise<void> {
    try {
      const picture = await this.#parts.decode.sheet(Uint8Array.from(jpeg));
      // Asked for elsewhere meanwhile, given twice, or the show is over.
      if (this.#asked?.place.sheet !== sheet || this.#sheets.has(sheet)) return picture.close();
      this.#keep(sheet, picture);
      await this.#draw();
    } catch {
      this.#bad.add(sheet);
      this.#parts.reporter.failed('previews/malformed');
    }
  }

  #keep(sheet: number, picture: ImageBitmap): void {
    this.#sheets.set(sheet, picture);
    for (const [oldest, before] of this.#sheets) {
      if (this.#sheets.size <= DISPLAY_LIMITS.sheetsKept) return;
      before.close();
      this.#sheets.delete(oldest);
    }
  }

  /** Cuts one picture after another, always the newest that was asked for. */
  async #draw(): Promise<void> {
    if (this.#drawing) return;
    this.#drawing = true;
    try {
      while (this.#isDue()) await this.#drawAsked();
    } finally {
      this.#drawing = false;
    }
  }

  #isDue(): boolean {
    const asked = this.#asked;
    return asked !== null && !isSame(asked.place, this.#drawn) && this.#sheets.has(asked.place.sheet);
  }

  async #drawAsked(): Promise<void> {
    const { previews, decode, post } = this.#parts;
    const asked = this.#asked;
    const sheet = asked === null ? undefined : this.#sheets.get(asked.place.sheet);
    if (asked === null || sheet === undefined || previews === null) return;
    // The newest use stands last.
    this.#sheets.delete(asked.place.sheet);
    this.#sheets.set(asked.place.sheet, sheet);
    const picture = await decode.cut(sheet, asked.place, previews).catch(() => null);
    if (picture === null) return this.#giveUp(asked.place.sheet, sheet);
    if (this.#asked === null || !isSame(this.#asked.place, asked.place)) return picture.close();
    this.#drawn = asked.place;
    post({ type: 'preview', picture, at: this.#asked.at }, [picture]);
  }

  /** A sheet that nothing can be cut from, unless it was let go of meanwhile. */
  #giveUp(sheet: number, picture: ImageBitmap): void {
    if (this.#sheets.get(sheet) !== picture) return;
    picture.close();
    this.#sheets.delete(sheet);
    this.#bad.add(sheet);
    this.#parts.reporter.failed('previews/malformed');
  }

  #hide(): void {
    if (this.#drawn === null) return;
    this.#drawn = null;
    this.#parts.post({ type: 'preview-at', at: null });
  }
}

function isSame(place: PreviewPlace, other: PreviewPlace | null): boolean {
  return other !== null && place.sheet === other.sheet && place.left === other.left && place.top === other.top;
}
