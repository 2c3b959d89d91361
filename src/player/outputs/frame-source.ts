// Brings clear frames for one output: fetches the sealed parts, has the module open them (`frames`) or gives them the keys that it asks the
// module for (`keys`). Picture, sound and captions of a frame are opened together, since a player asks for them one by one; what it did not ask for yet is
// kept for a moment. Nothing is asked of the module before its ciphertext is here: what is asked for is counted.

import { FareboxError, toErrorData } from '../../protocol/errors.ts';
import { type Manifest, mainSoundOf, segmentAt } from '../../protocol/manifest.ts';
import type { OutputMode } from '../../protocol/output-modes.ts';
import { frameCmcd } from '../cmcd-content.ts';
import { PLAYER_LIMITS } from '../limits.ts';
import { type FetchedPart, fetchParts } from '../part-fetcher.ts';
import type { PlayerPorts } from '../ports.ts';
import { createThroughputMeter } from '../throughput.ts';
import type { OutputSession } from './output-session.ts';

/** Clear frames, as a player asks for them. */
export type FrameSource = {
  /**
   * One part of one frame, in the clear. @throws FareboxError `frame/unknown-part`, `sequence/spent` where the licence lets a frame be opened once
   * and it was, what `OutputSession.within` and fetching throw; the signal's reason.
   */
  segment(label: string, frame: number): Promise<ArrayBuffer>;
};

type Clear = ReadonlyMap<string, ArrayBuffer>;
/** How a mode makes clear parts of sealed ones, in one session. */
export type OpenSealed = (session: string, frame: number, parts: readonly FetchedPart[]) => Promise<Clear>;

/** Makes the source. `onTrouble`: the line is bad (its error) or good again (null). */
export function createFrameSource(order: {
  readonly ports: PlayerPorts;
  readonly manifest: Manifest;
  readonly session: OutputSession;
  readonly open: OpenSealed;
  readonly isLive: boolean;
  readonly signal: AbortSignal;
  readonly onTrouble: (error: FareboxError | null) => void;
}): FrameSource {
  const { ports, manifest, session, open, isLive, signal, onTrouble } = order;
  const meter = createThroughputMeter();
  /** Opened and not asked for yet, oldest first. */
  const kept = new Map<string, ArrayBuffer>();
  /** Frame → what is being opened of it. */
  const underway = new Map<number, { readonly labels: readonly string[]; readonly done: Promise<Clear> }>();
  /** The labels asked for last, one a kind: what is asked for of a frame takes the others with it. */
  const last: Record<'video' | 'audio' | 'captions', string | null> = {
    ...{ video: null, audio: mainSoundOf(manifest)?.label ?? null, captions: null },
  };

  const kindOf = (label: string) => manifest.parts.find((part) => part.label === label)?.kind;
  const nameOf = (label: string, frame: number): string => `${frame} ${label}`;

  function take(label: string, frame: number): ArrayBuffer | null {
    const name = nameOf(label, frame);
    const clear = kept.get(name) ?? null;
    kept.delete(name);
    return clear;
  }

  function keep(frame: number, clear: Clear): void {
    for (const [label, part] of clear) kept.set(nameOf(label, frame), part);
    for (const name of kept.keys()) {
      if (kept.size <= PLAYER_LIMITS.outputPartsKept) break;
      kept.delete(name);
    }
  }

  /** The part that was asked for, and those of the other kinds of the same frame where there are any that are not here yet. */
  function labelsFor(label: string, frame: number): readonly string[] {
    const kind = kindOf(label);
    const others = [last.video, last.audio, last.captions].filter(
      (other) =>
        other !== null &&
        kindOf(other) !== kind &&
        segmentAt(manifest, other, frame) !== null &&
        !kept.has(nameOf(other, frame)),
    );
    return [label, ...others.filter((other) => other !== null)];
  }

  function fetchSealed(labels: readonly string[], frame: number, fresh: boolean): Promise<FetchedPart[]> {
    const addresses = labels.map((label) => ({ label, hash: segmentAt(manifest, label, frame)?.hash ?? '' }));
    // How much the other player has buffered, and how fast it plays, is its own affair.
    const moment = { sid: session.deliveryId(), isLive, starved: false, urgent: false };
    const cmcd = ({ label }: { readonly label: string }) =>
      frameCmcd(manifest, frame, label, { ...moment, bitsPerSecond: meter.bitsPerSecond() });
    return fetchParts(addresses, { ports, meter, signal, fresh, urgent: true, cmcd, onTrouble });
  }

  function openFrame(labels: readonly string[], frame: number): Promise<Clear> {
    return session.within(frame, async (id) => {
      for (let tries = 0; ; tries += 1) {
        const parts = await fetchSealed(labels, frame, tries > 0);
        try {
          return await open(id, frame, parts);
        } catch (error) {
          // A cache may hold a torn copy: once more past it.
          const { code } = toErrorData(error);
          const torn = code === 'frame/tampered' || code === 'frame/cut';
          if (!torn || tries >= PLAYER_LIMITS.refetches) throw error;
        }
      }
    });
  }

  async function bring(label: string, frame: number): Promise<ArrayBuffer> {
    const labels = labelsFor(label, frame);
    const done = openFrame(labels, frame);
    const own = { labels, done };
    underway.set(frame, own);
    try {
      const clear = await done;
      keep(frame, clear);
      const part = take(label, frame);
      if (part === null) throw new FareboxError('module/internal', { label, frame });
      return part;
    } finally {
      if (underway.get(frame) === own) underway.delete(frame);
    }
  }

  return {
    async segment(label, frame) {
      const kind = kindOf(label);
      if (kind === undefined || kind === 'strokes' || segmentAt(manifest, label, frame) === null) {
        throw new FareboxError('frame/unknown-part', { label, frame });
      }
      last[kind] = label;
      const running = underway.get(frame);
      // Its failure is told to whoever began it; this one asks for itself.
      if (running?.labels.includes(label)) await running.done.catch(() => undefined);
      return take(label, frame) ?? bring(label, frame);
    },
  };
}

/** How a mode opens. The code of `keys` is loaded where it is used. */
export async function openerOf(
  mode: Exclude<OutputMode, 'display'>,
  ports: Pick<PlayerPorts, 'module'>,
  manifest: Manifest,
): Promise<OpenSealed> {
  if (mode === 'keys') return (await import('./open-with-keys.ts')).makeKeyOpener(ports, manifest);
  return async (session, frame, sealed) => {
    const parts = sealed.map(({ label, sealed: bytes }) => ({ label, sealed: bytes }));
    const transfer = parts.map((part) => part.sealed);
    const given = await ports.module.call('openFrame', { session, frame, parts }, { transfer });
    return new Map(given.parts.map(({ label, clear }) => [label, Uint8Array.from(clear).buffer]));
  };
}
