// What the host notes of one programme that it keeps (docs/protocol.md §21): everything that is needed to show and to play it with no line, but
// for the files. Read back as foreign data: what does not fit is not an entry.

import { fromBase64Url, toBase64Url } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';

/** A programme that is kept, or on its way. */
export type KeptEntry = {
  /** 32 hex digits. */
  readonly programmeId: string;
  /** The session whose grant opens it, 32 hex digits. */
  readonly session: string;
  readonly title: string;
  /** Milliseconds since 1970: when it was asked for, and when the grant ends. */
  readonly keptTime: number;
  readonly untilTime: number;
  /** Its entry in the provider's catalogue, as JSON: the screens show it with no line. */
  readonly catalogueEntry: string;
  /** As the provider signed it, and the provider's certificate. */
  readonly programme: Uint8Array<ArrayBuffer>;
  readonly providerCertificate: Uint8Array<ArrayBuffer>;
  /** SHA-256 in hex. */
  readonly manifestHash: string;
  readonly posterHash: string;
  /** Labels of the parts that are kept: one of pictures, sounds, captions. */
  readonly labels: readonly string[];
  /** Sum of all files, the poster aside, and number of frames. */
  readonly sizeBytes: number;
  readonly frameCount: number;
  /** What the person wants of the download. */
  readonly wish: 'keep' | 'pause';
};

const VERSION = 1;
const ID = /^[0-9a-f]{32}$/;
const HASH = /^[0-9a-f]{64}$/;
/** More than any catalogue entry or signed programme has. */
const LONGEST_TEXT = 64 * 1024;
const MOST_LABELS = 32;

/** As it is stored. */
export function encodeEntry(entry: KeptEntry): string {
  const { programme, providerCertificate } = entry;
  return JSON.stringify({
    version: VERSION,
    ...entry,
    programme: toBase64Url(programme),
    providerCertificate: toBase64Url(providerCertificate),
  });
}

/** Reads it back; null for what is no entry of this version. */
export function decodeEntry(text: string): KeptEntry | null {
  try {
    const stored: unknown = JSON.parse(text);
    if (typeof stored !== 'object' || stored === null) return null;
    return readEntry(new Map(Object.entries(stored)));
  } catch {
    return null;
  }
}

function readEntry(members: ReadonlyMap<string, unknown>): KeptEntry | null {
  const text = (name: string, form?: RegExp): string => {
    const value = members.get(name);
    if (typeof value !== 'string' || value.length > LONGEST_TEXT || (form && !form.test(value))) throw unreadable(name);
    return value;
  };
  const count = (name: string): number => {
    const value = members.get(name);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw unreadable(name);
    return value;
  };
  const labels = members.get('labels');
  const wish = members.get('wish');
  if (members.get('version') !== VERSION || (wish !== 'keep' && wish !== 'pause')) return null;
  if (!Array.isArray(labels) || labels.length > MOST_LABELS) return null;
  return {
    programmeId: text('programmeId', ID),
    session: text('session', ID),
    title: text('title'),
    keptTime: count('keptTime'),
    untilTime: count('untilTime'),
    catalogueEntry: text('catalogueEntry'),
    programme: Uint8Array.from(fromBase64Url(text('programme'))),
    providerCertificate: Uint8Array.from(fromBase64Url(text('providerCertificate'))),
    manifestHash: text('manifestHash', HASH),
    posterHash: text('posterHash', HASH),
    labels: labels.map((label: unknown) => {
      if (typeof label !== 'string') throw unreadable('labels');
      return label;
    }),
    sizeBytes: count('sizeBytes'),
    frameCount: count('frameCount'),
    wish,
  };
}

function unreadable(member: string): FareboxError {
  return new FareboxError('network/wrong-content', { member });
}
