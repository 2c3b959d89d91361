// What goes out: seals the slots of a live programme one after the other, stores their files, and only then publishes the update that
// names them. It seals no frame that the provider has not given to it alone, so that no key ever meets two plaintexts, whatever is cut.

import { setTimeout as sleep } from 'node:timers/promises';
import { concatBytes } from '../../../src/protocol/bytes.ts';
import { ERRORS, FareboxError } from '../../../src/protocol/errors.ts';
import { type ContentHash, hashObject, type ProgrammeId } from '../../../src/protocol/ids.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { type LiveUpdate, signLiveUpdate } from '../../../src/protocol/live-update.ts';
import { commitFrameKey, sealPart } from '../../../src/protocol/parts.ts';
import { type SequenceName, sequenceFunction } from '../../../src/protocol/sequence/sequence.ts';
import type { Signer } from '../../../src/protocol/suite/signer.ts';
import { webCryptoSuite } from '../../../src/protocol/suite/webcrypto.ts';
import type { ProgrammeFile } from '../../catalogue/registry.ts';
import type { ContentStore } from '../../content/store.ts';
import type { LiveRegistry } from '../../live/registry.ts';
import type { SlotParts } from './board.ts';
import { LIVE_LIMITS } from './limits.ts';

/** Where a programme stands when somebody begins, or goes on, to send it. */
export type Standing = {
  readonly programme: ProgrammeId;
  /** 32 bytes; the caller erases it at the end. */
  readonly seed: Uint8Array;
  readonly sequence: SequenceName;
  readonly frameCount: number;
  /** Labels of all its parts. */
  readonly labels: readonly string[];
  readonly reservedTo: number;
  readonly edge: number;
  readonly nextNumber: number;
  readonly previous: ContentHash;
};

/** What sending needs. */
export type AirParts = {
  readonly live: LiveRegistry;
  readonly content: ContentStore;
  readonly signer: Signer;
  readonly clock: () => number;
};

/** A programme that is being sent. Calls come one after the other. */
export type OnAir = {
  /** Sends one slot; what lies between it and the one before is told as a gap. @throws FareboxError `live/*`, `publish/*`, `network/*`. */
  readonly send: (slot: number, parts: SlotParts) => Promise<void>;
  /** Says that nothing more comes. */
  readonly end: () => Promise<void>;
  /** Frames that are out, and those of them that have something. */
  readonly counts: () => { readonly edge: number; readonly sent: number };
};

/** Goes on from there. */
export function goOnAir(parts: AirParts, from: Standing): OnAir {
  const { live, content, signer, clock } = parts;
  const { programme, seed, labels } = from;
  const { keyAt } = sequenceFunction(from.sequence);
  let { reservedTo, edge, nextNumber, previous } = from;
  let sent = 0;

  async function reserve(slot: number): Promise<void> {
    if (slot >= from.frameCount) throw new FareboxError('live/ended', { frames: from.frameCount });
    if (slot < reservedTo && slot >= edge) return;
    const first = Math.max(slot, reservedTo);
    const to = Math.min(from.frameCount, Math.max(slot + 1, first + LIVE_LIMITS.reserveFrames));
    await persistently(() => live.reserve(programme, first, to));
    reservedTo = to;
  }

  async function sealed(slot: number, label: string, clear: Uint8Array): Promise<ProgrammeFile> {
    const frameKey = keyAt(seed, slot);
    try {
      return await content.put(
        await sealPart({ frameKey, programme, label, frame: slot, clear, suite: webCryptoSuite }),
      );
    } finally {
      frameKey.fill(0);
    }
  }

  async function publish(news: Pick<LiveUpdate, 'to' | 'segments' | 'ended'>, files: readonly ProgrammeFile[]) {
    const commitments = Array.from({ length: news.to - edge }, (_none, at) => {
      const frameKey = keyAt(seed, edge + at);
      const commitment = commitFrameKey(programme, edge + at, frameKey);
      frameKey.fill(0);
      return commitment;
    });
    const update = await signLiveUpdate({
      signer,
      issuedAt: clock(),
      update: {
        programme,
        number: nextNumber,
        previous,
        from: edge,
        ...news,
        commitments: concatBytes(...commitments),
      },
    });
    // The same bytes again are the same update: a lost answer is settled by asking again.
    await persistently(() => live.publish(programme, { update, files }));
    previous = hashObject(update);
    nextNumber += 1;
    edge = news.to;
  }

  const nothing = (frames: number): LiveUpdate['segments'] =>
    new Map(labels.map((label) => [label, new Array<null>(frames).fill(null)]));

  async function tellGap(to: number): Promise<void> {
    while (edge < to) {
      const next = Math.min(to, edge + LIMITS.liveUpdateFrames);
      await publish({ to: next, segments: nothing(next - edge), ended: false }, []);
    }
  }

  return {
    send: async (slot, slotParts) => {
      if (slot < edge) throw new Error(`Slot ${slot} came after it was out.`);
      await reserve(slot);
      await tellGap(slot);
      const segments = new Map<string, readonly (ProgrammeFile | null)[]>();
      const files: ProgrammeFile[] = [];
      for (const label of labels) {
        const clear = slotParts.get(label);
        const file = clear === undefined ? null : await sealed(slot, label, clear);
        if (file !== null) files.push(file);
        segments.set(label, [file]);
      }
      await publish({ to: slot + 1, segments, ended: false }, files);
      sent += 1;
    },
    end: () => publish({ to: edge, segments: nothing(0), ended: true }, []),
    counts: () => ({ edge, sent }),
  };
}

/** The provider is out of reach, or on its way back; what it refuses it refuses again. */
function isOut({ code }: FareboxError): boolean {
  return /^(network|server)\//.test(code) && ERRORS[code].retry === 'same-request';
}

/** Tries again while the provider cannot be reached; a refusal is final. */
async function persistently(ask: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (cause) {
      const again = cause instanceof FareboxError && isOut(cause);
      if (!again || attempt >= LIVE_LIMITS.attempts) throw cause;
      await sleep(LIVE_LIMITS.retryMs);
    }
  }
}
