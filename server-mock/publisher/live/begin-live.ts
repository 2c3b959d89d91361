// The beginning of a live programme, once its first slot is encoded and its headers are known: manifest, programme, catalogue. And
// the way back into one that was cut: its seed, its place, and whether what comes now fits what it was begun with.

import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { equalBytes } from '../../../src/protocol/bytes.ts';
import type { ContractTerms } from '../../../src/protocol/contract-terms.ts';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { hashObject, makeProgrammeId, type ProgrammeId } from '../../../src/protocol/ids.ts';
import type { LiveTerms } from '../../../src/protocol/live-terms.ts';
import { NO_UPDATE } from '../../../src/protocol/live-update.ts';
import { decodeManifest, encodeManifest, type ManifestPart } from '../../../src/protocol/manifest.ts';
import { type OutputMode, signProgramme } from '../../../src/protocol/programme.ts';
import { webCryptoSuite as suite } from '../../../src/protocol/suite/webcrypto.ts';
import type { ProgrammeRegistry } from '../../catalogue/registry.ts';
import { openSeed } from '../../catalogue/seed-wrap.ts';
import type { ContentStore } from '../../content/store.ts';
import type { ProviderKeys } from '../../keys.ts';
import type { LiveRegistry, StoredLive } from '../../live/registry.ts';
import type { EncodedRung } from '../encode-pictures.ts';
import { SOUND_LABEL } from '../encode-sound.ts';
import { PUBLISH_LIMITS } from '../limits.ts';
import { SOUND_CHANNELS, SOUND_RATE } from '../sound-encoder.ts';
import { SOUND_CODEC } from '../sound-lane.ts';
import { makeStaging } from '../staging.ts';
import { LIVE_LIMITS } from './limits.ts';
import type { Standing } from './on-air.ts';

const SEED_BYTES = 32;
/** Bits a second of the one sound there is. */
const SOUND_BITRATE = 128_000;

/** What the first slot has shown of the parts. */
export type Headers = {
  readonly rungs: readonly EncodedRung[];
  /** Null for a programme without sound. */
  readonly soundInit: Uint8Array | null;
  /** Pictures a second. */
  readonly pictureRate: number;
};

/** What a new live programme is. */
export type NewLive = {
  readonly title: string;
  readonly currency: string;
  readonly priceMinor: number;
  readonly terms: LiveTerms;
  /** Ways out; left out for the display alone. */
  readonly modes?: readonly OutputMode[];
  /** What its provider promises of the delivery; left out where it promises nothing. */
  readonly contract?: ContractTerms;
  /** JPEG. */
  readonly poster: Uint8Array;
};

/** With what. */
export type LiveTools = {
  readonly registry: ProgrammeRegistry;
  readonly live: LiveRegistry;
  readonly content: ContentStore;
  readonly keys: ProviderKeys;
};

/** Parts as the manifest of a live programme lists them. Nothing of their rates is known yet: a rung states its encoder's ceiling. */
export function describeLiveParts({ rungs, soundInit, pictureRate }: Headers): readonly ManifestPart[] {
  const pictures = rungs.map(({ rung, codec, init }): ManifestPart => {
    const { label, width, height, peakBitrate: bitrate } = rung;
    const rate = Math.round(pictureRate * 1000);
    return { kind: 'video', label, codec, bitrate, init, segments: [], width, height, pictureRate: rate };
  });
  if (soundInit === null) return pictures;
  const sound: ManifestPart = {
    ...{ kind: 'audio', label: SOUND_LABEL, codec: SOUND_CODEC, bitrate: SOUND_BITRATE, init: soundInit, segments: [] },
    ...{ channels: SOUND_CHANNELS, sampleRate: SOUND_RATE, language: '', name: '', role: 'main' },
  };
  return [...pictures, sound];
}

/** Puts a new live programme into the catalogue; durable on return, with nothing out yet. After a failure nothing is left. */
export async function beginLive(tools: LiveTools, headers: Headers, made: NewLive): Promise<Standing> {
  const { registry, content, keys } = tools;
  const { title, currency, priceMinor, terms } = made;
  const programme = makeProgrammeId(randomBytes);
  const seed = new Uint8Array(randomBytes(SEED_BYTES));
  const staging = makeStaging(content, registry);
  const frameCount = LIVE_LIMITS.frames;
  const frameDurationMs = PUBLISH_LIMITS.slotMs;
  const durationMs = frameCount * frameDurationMs;
  const parts = describeLiveParts(headers);
  const sequence = 'tree';
  try {
    const { hash: poster } = await staging.putClear(made.poster);
    const measures = { programme, frameCount, frameDurationMs, durationMs, parts, poster };
    const nothing = { commitments: new Uint8Array(0), playlists: new Map(), chapters: [], previews: null };
    const { hash: manifest } = await staging.put(encodeManifest({ ...measures, ...nothing }));
    const promised = made.contract === undefined ? {} : { contract: made.contract };
    const { modes = ['display'] } = made;
    const offered = { title, frameCount, frameDurationMs, sequence, currency, modes } as const;
    const programmeBytes = await signProgramme({
      signer: keys.provider,
      issuedAt: terms.startTime,
      programme: {
        ...offered,
        programme,
        priceMinor: BigInt(priceMinor),
        replay: 'session',
        manifest,
        live: terms,
        ...promised,
      },
    });
    await registry.add({
      ...{ ...offered, id: programme, programmeBytes, manifestHash: manifest, posterHash: poster, seed, durationMs },
      ...{ priceMinor, rungs: headers.rungs.map(({ rung }) => rung.name), files: staging.files() },
    });
  } catch (cause) {
    await staging.discard();
    throw cause;
  }
  const labels = parts.map(({ label }) => label);
  const nothingOut = { reservedTo: 0, edge: 0, nextNumber: 0, previous: NO_UPDATE };
  return { programme, seed, sequence, frameCount, labels, ...nothingOut };
}

/** A live programme that was cut. @throws FareboxError `programme/unknown`, `live/not-live`, `live/ended`. */
export async function findCutLive({ live }: LiveTools, id: ProgrammeId): Promise<StoredLive> {
  const stored = await live.find(id);
  if (stored.ended) throw new FareboxError('live/ended');
  return stored;
}

/** A header says when it was written: what has to be the same is what a decoder is opened with (`avcC`, ISO/IEC 14496-15). */
function fitsHeader(begun: ManifestPart, now: ManifestPart): boolean {
  if (begun.kind !== 'video') return true;
  const configOf = ({ init }: ManifestPart): Uint8Array => {
    const header = Buffer.from(init);
    const at = header.indexOf('avcC', 0, 'latin1') - 4;
    return at < 0 ? new Uint8Array(0) : header.subarray(at, at + header.readUInt32BE(at));
  };
  return configOf(now).length > 0 && equalBytes(configOf(begun), configOf(now));
}

/** Goes on with it. @throws FareboxError `live/other-source` where what comes now has other parts or other headers. */
export async function resumeLive(tools: LiveTools, stored: StoredLive, headers: Headers): Promise<Standing> {
  const { id: programme, manifestHash, wrappedSeed, ...place } = stored;
  const bytes = await readFile(tools.content.path(manifestHash));
  if (hashObject(bytes) !== manifestHash) throw new FareboxError('publish/failed', { file: manifestHash });
  const { parts } = decodeManifest(bytes);
  const now = describeLiveParts(headers);
  const isSame = (part: ManifestPart, at: number): boolean =>
    part.label === now[at]?.label && part.codec === now[at].codec && fitsHeader(part, now[at]);
  if (parts.length !== now.length || !parts.every(isSame)) throw new FareboxError('live/other-source');
  const seed = await openSeed({ suite, storageKey: tools.keys.storageKey }, programme, wrappedSeed);
  return { ...place, programme, seed, labels: parts.map(({ label }) => label) };
}
