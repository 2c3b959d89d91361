// Publishes live: a file once or looped, or a pipe, encoded in its own time and sent slot by slot until it ends or is stopped. Cut
// anywhere, it goes on with `resume`: what it may have sealed and not sent is told as a gap. Called by `farebox live`.

import { FareboxError } from '../../../src/protocol/errors.ts';
import type { ProgrammeId } from '../../../src/protocol/ids.ts';
import type { StoredLive } from '../../live/registry.ts';
import type { EncodedRung } from '../encode-pictures.ts';
import { SOUND_LABEL } from '../encode-sound.ts';
import { asPublishError } from '../faults.ts';
import { PUBLISH_LIMITS } from '../limits.ts';
import { slotAt } from '../pictures.ts';
import { checkContract, deriveRungs } from '../rungs.ts';
import { beginLive, findCutLive, type LiveTools, type NewLive, resumeLive } from './begin-live.ts';
import { makeBoard, type SlotParts } from './board.ts';
import { LIVE_LIMITS } from './limits.ts';
import type { LiveSource } from './live-source.ts';
import { goOnAir, type OnAir, type Standing } from './on-air.ts';
import { makePace } from './pace.ts';
import { pumpPictures } from './pump-pictures.ts';
import { pumpSound } from './pump-sound.ts';
import { makeSoundLead } from './sound-lead.ts';

/** What to send. */
export type LiveOptions = LiveTools & {
  readonly source: LiveSource;
  /** A new programme, or the id of one that goes on. */
  readonly what:
    | (Omit<NewLive, 'terms' | 'poster'> & { readonly windowFrames: number })
    | { readonly resume: ProgrammeId };
  /** Null to go on to the end of the source. */
  readonly durationMs: number | null;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Told once, when the first frame is out. */
  readonly onAir: (programme: ProgrammeId, title: string) => void;
  /** In place of the time of day, so that a test need not wait for it: made once for the pictures, then once for the sound. */
  readonly makePace?: typeof makePace;
  /** Ends it in order: what is whole is sent, and that it has ended. */
  readonly stop: AbortSignal;
};

/** What was sent. */
export type LiveReport = {
  readonly id: ProgrammeId;
  readonly title: string;
  /** Frames of the programme, and those that were sent now. */
  readonly frames: number;
  readonly sent: number;
};

/**
 * Sends until the source or the time is over or `stop` is aborted; on return the programme has ended.
 * @throws FareboxError `publish/cut-short` for a source that has no whole slot, `publish/*`, `live/*`, `network/*`; what is out stays out, and can be gone on with.
 */
export async function publishLive(options: LiveOptions): Promise<LiveReport> {
  const { source, what, clock } = options;
  const broken = new AbortController();
  const startTime = clock();
  const cut = 'resume' in what ? await findCutLive(options, what.resume) : null;
  const firstSlot = cut === null ? 0 : slotToGoOnAt(cut, startTime);
  const rungs = deriveRungs(source.width, source.height);
  if ('title' in what) checkContract(what.contract, rungs);
  const seen: Seen = { rungs: new Map(), soundInit: null, poster: null };
  let air: OnAir | null = null;
  let standing: Standing | null = null;

  const openAir = async (): Promise<OnAir> => {
    if (air !== null) return air;
    const described = rungs.flatMap(({ label }) => seen.rungs.get(label) ?? []);
    const headers = { rungs: described, soundInit: seen.soundInit, pictureRate: source.pictureRate };
    standing =
      cut === null
        ? await beginLive(options, headers, newLive(options, startTime, seen))
        : await resumeLive(options, cut, headers);
    air = goOnAir({ ...options, signer: options.keys.provider }, standing);
    return air;
  };
  const title = cut?.title ?? ('title' in what ? what.title : '');
  let told = false;
  const take = async (slot: number, parts: SlotParts): Promise<void> => {
    try {
      await (await openAir()).send(slot, parts);
    } catch (cause) {
      broken.abort(cause);
      throw cause;
    }
    if (!told && standing !== null) options.onAir(standing.programme, title);
    told = true;
  };
  const sound = source.sound;
  const labels = { pictures: rungs.map(({ label }) => label), sound: sound === null ? null : SOUND_LABEL };
  const board = makeBoard(labels, firstSlot, take);
  const durationUs = options.durationMs === null ? Number.POSITIVE_INFINITY : options.durationMs * 1000;
  const stopped = AbortSignal.any([options.stop, broken.signal]);
  const newPace = () => (options.makePace ?? makePace)(durationUs, stopped);
  const lead = makeSoundLead(stopped);
  try {
    const pictures = pumpPictures({
      ...{ source, rungs, firstSlot, pace: newPace(), lead: sound === null ? null : lead },
      sink: async (rung, segment) => {
        seen.rungs.set(rung.rung.label, rung);
        await board.add(rung.rung.label, segment);
      },
      onPoster: (jpeg) => {
        seen.poster = jpeg;
      },
      onEnd: (endUs) => board.endAt(slotAt(endUs + PUBLISH_LIMITS.latePictureUs)),
    });
    const sounds =
      sound === null
        ? Promise.resolve()
        : pumpSound({
            ...{ source, track: sound, firstSlot, pace: newPace(), lead },
            sink: async (init, segment) => {
              seen.soundInit ??= init;
              await board.add(SOUND_LABEL, segment);
            },
          });
    const stopOthers = (cause: unknown): void => broken.abort(cause);
    pictures.catch(stopOthers);
    sounds.catch(stopOthers);
    await Promise.allSettled([pictures, sounds]);
    broken.signal.throwIfAborted();
    await sounds;
    await pictures;
    await board.finish();
    return await endOf(air, standing, title);
  } catch (cause) {
    throw asPublishError(cause, new AbortController().signal);
  } finally {
    eraseSeed(standing);
  }
}

async function endOf(air: OnAir | null, standing: Standing | null, title: string): Promise<LiveReport> {
  // Nothing was whole: nothing is listed.
  if (air === null || standing === null) throw new FareboxError('publish/cut-short');
  await air.end();
  const { edge, sent } = air.counts();
  return { id: standing.programme, title, frames: edge, sent };
}

function eraseSeed(standing: Standing | null): void {
  standing?.seed.fill(0);
}

/** What is known of the parts so far. */
type Seen = {
  readonly rungs: Map<string, EncodedRung>;
  soundInit: Uint8Array | null;
  poster: Uint8Array | null;
};

function newLive({ what }: LiveOptions, startTime: number, { poster }: Seen): NewLive {
  // A slot is longer than the time to the poster: it is here unless there was no picture.
  if ('resume' in what || poster === null) throw new FareboxError('publish/cut-short');
  const { windowFrames, ...described } = what;
  return { ...described, poster, terms: { startTime, windowFrames: Math.min(windowFrames, LIVE_LIMITS.frames) } };
}

/** Behind all that may have been sealed, and where its clock stands now. */
function slotToGoOnAt({ startTime, reservedTo, edge }: StoredLive, now: number): number {
  return Math.max(reservedTo, edge, Math.ceil((now - startTime) / PUBLISH_LIMITS.slotMs));
}
