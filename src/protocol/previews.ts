// Previews (docs/protocol.md §19): small pictures of a programme on sheets, shown while a person looks for a place. Sealed like
// parts, under a key of their own that comes with a grant: they are not metered, and never a way to a frame's key.

import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, utf8 } from './bytes.ts';
import type { CborValue } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { type ContentHash, decodeContentHash, idBytes, type ProgrammeId } from './ids.ts';
import { readJpegSize } from './jpeg-size.ts';
import { LIMITS } from './limits.ts';
import { readMembers } from './members.ts';
import { openPart, sealPart } from './parts.ts';
import type { CryptoSuite } from './suite/suite.ts';

const KEY_INFO = utf8('farebox/1 previews');
const KEY_LENGTH_BYTES = 32;
const CODE = 'previews/malformed';

/** Label that sheets are sealed under; no part has it. */
export const PREVIEWS_LABEL = 'previews';

/** The name and size of one sealed sheet. */
export type PreviewSheet = Readonly<{ hash: ContentHash; sizeBytes: number }>;

/** The previews of a programme: a picture each `intervalMs`, `columns` × `rows` of them on a sheet, row by row from the top left. */
export type Previews = Readonly<{
  /** Size of one picture in pixels. */
  width: number;
  height: number;
  columns: number;
  rows: number;
  intervalMs: number;
  sheets: readonly PreviewSheet[];
}>;

/** Where a preview lies: which sheet, and the corner of its picture on it in pixels. */
export type PreviewPlace = Readonly<{ sheet: number; left: number; top: number }>;

/** Sheets that previews of this form have over `durationMs`. */
export function sheetCount(form: Pick<Previews, 'columns' | 'rows' | 'intervalMs'>, durationMs: number): number {
  return Math.ceil(Math.ceil(durationMs / form.intervalMs) / (form.columns * form.rows));
}

/** The preview for a place of the programme, clamped to the first and the last sheet. `positionMs` on the programme's clock. */
export function previewAt(previews: Previews, positionMs: number): PreviewPlace {
  const { width, height, columns, rows, intervalMs, sheets } = previews;
  const picture = Math.max(0, Math.floor(positionMs / intervalMs));
  const sheet = Math.min(sheets.length - 1, Math.floor(picture / (columns * rows)));
  const onSheet = Math.min(columns * rows - 1, picture - sheet * columns * rows);
  return { sheet, left: (onSheet % columns) * width, top: Math.floor(onSheet / columns) * height };
}

/** The member `previews` of a manifest. */
export function encodePreviews(previews: Previews | null): CborValue {
  if (previews === null) return null;
  const { sheets, ...form } = previews;
  const listed = sheets.map(({ hash, sizeBytes }): CborValue => [idBytes(hash), sizeBytes]);
  return new Map<string, CborValue>([...Object.entries(form), ['sheets', listed]]);
}

/** Reads the member `previews` of a manifest over `durationMs`. Errors: `programme/malformed`. */
export function decodePreviews(value: CborValue, durationMs: number): Previews | null {
  if (value === null) return null;
  const refuse = (): never => {
    throw new FareboxError('programme/malformed', { member: 'previews' });
  };
  const members = readMembers(value, 'programme/malformed');
  const form = {
    width: members.integer('width', 1, LIMITS.previewSide),
    height: members.integer('height', 1, LIMITS.previewSide),
    columns: members.integer('columns', 1, LIMITS.previewGrid),
    rows: members.integer('rows', 1, LIMITS.previewGrid),
    intervalMs: members.integer('intervalMs', LIMITS.previewIntervalMinMs, LIMITS.previewIntervalMaxMs),
  };
  if (Math.max(form.width * form.columns, form.height * form.rows) > LIMITS.previewSheetSide) refuse();
  const listed = members.raw('sheets');
  members.end();
  const count = sheetCount(form, durationMs);
  if (!Array.isArray(listed) || listed.length !== count || count > LIMITS.previewSheets) return refuse();
  const sheets = listed.map((sheet: CborValue) => {
    const [hash, sizeBytes]: readonly CborValue[] = Array.isArray(sheet) && sheet.length === 2 ? sheet : refuse();
    if (typeof sizeBytes !== 'number' || sizeBytes < 1 || sizeBytes > LIMITS.previewSheetSizeBytes) return refuse();
    return Object.freeze({ hash: decodeContentHash(hash, 'programme/malformed'), sizeBytes });
  });
  return Object.freeze({ ...form, sheets: Object.freeze(sheets) });
}

/** The key of a programme's previews, 32 bytes: HKDF-SHA256(salt = programme id, ikm = its seed, info = `farebox/1 previews`). The caller clears it. */
export function derivePreviewKey(seed: Uint8Array, programme: ProgrammeId): Bytes {
  return Uint8Array.from(hkdf(sha256, seed, idBytes(programme), KEY_INFO, KEY_LENGTH_BYTES));
}

/** Which sheet of which programme; `previewKey` is 32 bytes. */
export type SheetPlace = Readonly<{ previewKey: Uint8Array; programme: ProgrammeId; sheet: number }>;

/** A sealed sheet as it is published: as a part of frame `sheet` labelled `previews` would be, with `previewKey` in place of the frame key. */
export function sealPreview(given: SheetPlace & { clear: Uint8Array; suite: CryptoSuite }): Promise<Bytes> {
  const { previewKey: frameKey, programme, sheet: frame, clear, suite } = given;
  return sealPart({ frameKey, programme, label: PREVIEWS_LABEL, frame, clear, suite });
}

/**
 * A sheet's JPEG, opened and of exactly the size that the manifest gives, so that no decoder is handed a picture larger than
 * was agreed. Errors: `frame/cut`, `frame/tampered` (another programme's, another place, altered), `previews/malformed`.
 */
export async function openPreview(
  given: SheetPlace & { previews: Previews; sealed: Uint8Array; suite: CryptoSuite },
): Promise<Bytes> {
  const { previewKey: frameKey, programme, sheet: frame, previews, sealed, suite } = given;
  const sizeBytes = previews.sheets[frame]?.sizeBytes;
  if (sizeBytes === undefined) throw new FareboxError(CODE, { member: 'sheet' });
  if (sealed.length > sizeBytes) throw new FareboxError('frame/tampered', { frame });
  const clear = await openPart({ frameKey, programme, label: PREVIEWS_LABEL, frame, sealed, sizeBytes, suite });
  const size = readJpegSize(clear);
  const fits = size?.width === previews.width * previews.columns && size.height === previews.height * previews.rows;
  if (!fits) throw new FareboxError(CODE, { member: 'picture' });
  return clear;
}
