// Keeps ciphertext ahead of play and gives the module what its display asks for. One delivery serves one visit to a programme,
// made by player.ts and stopped when the machine drops it. It owns the buffer; it holds sealed parts only and opens nothing.

import type { ErrorDeed } from '../protocol/errors/entry.ts';
import { ERRORS, FareboxError, type FareboxErrorCode, toErrorData } from '../protocol/errors.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { coversFrame, type FrameRange, rangesFromFrames } from '../protocol/ranges.ts';
import { frameCmcd } from './cmcd-content.ts';
import { type FetchSituation, planFetches, windowOf } from './fetch-plan.ts';
import { PLAYER_LIMITS } from './limits.ts';
import { frameAt, partsOf, rungsOf } from './media-plan.ts';
import { type FetchedPart, fetchParts } from './part-fetcher.ts';
import type { PlayerPorts } from './ports.ts';
import { chooseRung, type Rung, type RungChoice } from './rungs.ts';
import { createThroughputMeter } from './throughput.ts';

/** What a delivery tells its player. */
export type DeliveryListener = {
  /** The buffered frames changed. */
  onBuffered(ranges: readonly FrameRange[]): void;
  /** The line is bad, or good again. Playing goes on from the buffer. */
  onTrouble(code: FareboxErrorCode | null): void;
  /** The grant does not cover what the display needs now, or has ended. */
  onGrantOver(): void;
  /** The display stands still for a frame that cannot be opened; `next` is the first after it that may, or the number of frames. */
  onLost(next: number): void;
  /** Nothing more can be delivered for this reason. */
  onFailed(code: FareboxErrorCode): void;
};

/** A running delivery. */
export type Delivery = {
  /**
   * Deliver to this session from now on, under its own delivery id; until then frames are only fetched ahead. `forwards`: its keys come in the
   * order of the frames alone, so that each frame waits for the one before it.
   */
  activate(session: string, granted: readonly FrameRange[], deliveryId: string, forwards?: boolean): void;
  /** The display's list, soonest first. */
  want(frames: readonly number[]): void;
  /** The place of play moved on; `jump` after a seek. */
  moveTo(positionMs: number, jump: boolean): void;
  /** A picture is on the screen: until then nothing is fetched ahead that could hold it up. */
  begin(): void;
  /** The display stands still for want of its next picture. */
  starve(): void;
  /** The person's choice of a rung: what waits here at another one is fetched again. */
  choose(choice: RungChoice): void;
  /** This device cannot play the rung that was delivered last: no more of it is fetched. False where there is no other. */
  lower(): boolean;
  /** More frames of a live programme are out, and the module knows them. */
  grow(): void;
  /** Label of the picture that is here, or on its way, for a frame; null where there is none. */
  rungOf(frame: number): string | null;
  /** Aborts every fetch and forgets the buffer. Final. */
  stop(): void;
};

type BufferedFrame = {
  readonly rung: string | null;
  readonly parts: readonly FetchedPart[];
  readonly sizeBytes: number;
};

/** Starts fetching at `positionMs`. */
export function createDelivery(order: {
  readonly ports: PlayerPorts;
  readonly manifest: Manifest;
  readonly positionMs: number;
  /** Under which content is asked for until a session says its own: 32 hex digits. */
  readonly deliveryId: string;
  readonly choice: RungChoice;
  /** Labels of the sound and captions that are chosen now. */
  tracks(): readonly (string | null)[];
  /** Of a live programme: frames that are out. Null, or left out, for one that is whole. */
  edge?(): number | null;
  /** Speed of play, 0 where it does not play. */
  rate?(): number;
  /** Whether a frame was opened in this session, or tried. */
  isCounted?(frame: number): boolean;
  readonly listener: DeliveryListener;
}): Delivery {
  const { ports, manifest, listener } = order;
  let rungs: readonly Rung[] = rungsOf(manifest);
  const meter = createThroughputMeter();
  const ended = new AbortController();
  const buffer = new Map<number, BufferedFrame>();
  const underway = new Map<number, AbortController>();
  const rungsUnderway = new Map<number, string>();
  /** With the module, or given up: not to be fetched again unless asked for anew or play jumps. */
  const handed = new Set<number>();
  const refetches = new Map<number, number>();
  /** Refused as often as they may be. */
  const lost = new Set<number>();
  let starving = false;
  /** Play has stood still since the last request. */
  let starved = false;
  let begun = false;
  let session: string | null = null;
  let forwards = false;
  /** Of a session that runs forwards: a frame is with the module, and not opened yet. */
  let opening = false;
  let granted: readonly FrameRange[] | null = null;
  let wanted: readonly number[] = [];
  let positionMs = order.positionMs;
  let choice = order.choice;
  let deliveryId = order.deliveryId;
  let rung: string | null = null;
  /** The rung that was delivered last. */
  let handedRung: string | null = null;

  const isGranted = (frame: number): boolean => granted === null || coversFrame(granted, frame);

  /** What comes from there on does not exist yet. */
  const edge = (): number => order.edge?.() ?? manifest.frameCount;
  const has = (frame: number): boolean => manifest.parts.some(({ segments }) => segments[frame]);

  function situation(): FetchSituation {
    return {
      wanted: wanted.filter((frame) => frame < edge()),
      current: frameAt(manifest, positionMs),
      frameCount: edge(),
      frameDurationMs: manifest.frameDurationMs,
      settled: begun && meter.bitsPerSecond() !== null,
      bufferedBytes: [...buffer.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      underway: new Set(underway.keys()),
      isHere: (frame) => buffer.has(frame) || handed.has(frame),
      isGranted,
    };
  }

  function bufferedSeconds(): number {
    const current = frameAt(manifest, positionMs);
    let frame = current;
    while (buffer.has(frame) || handed.has(frame)) frame += 1;
    return ((frame - current) * manifest.frameDurationMs) / 1000;
  }

  function tend(): void {
    if (ended.signal.aborted) return;
    const window = windowOf({ ...situation(), settled: true });
    for (const frame of buffer.keys()) if (!window.has(frame)) buffer.delete(frame);
    for (const frame of wanted) {
      handOver(frame);
      // One that is opened too early takes the key of the one before it away.
      if (forwards && !handed.has(frame)) break;
    }
    const plan = planFetches(situation());
    for (const frame of plan.abort) underway.get(frame)?.abort();
    for (const frame of plan.start) void (has(frame) ? fetchFrame(frame) : pass(frame));
    listener.onBuffered(rangesFromFrames([...buffer.keys()]));
  }

  /** A frame in which nothing was sent, because its live publisher was cut: play goes on behind it. */
  function pass(frame: number): void {
    handed.add(frame);
    lost.add(frame);
    passLost();
  }

  async function fetchFrame(frame: number): Promise<void> {
    const own = new AbortController();
    underway.set(frame, own);
    const signal = AbortSignal.any([ended.signal, own.signal]);
    const label = chooseRung({
      rungs,
      current: rung,
      choice,
      bitsPerSecond: meter.bitsPerSecond(),
      bufferedSeconds: bufferedSeconds(),
    });
    rung = label;
    if (label !== null) rungsUnderway.set(frame, label);
    try {
      const parts = await fetchParts(partsOf(manifest, frame, label, order.tracks()), {
        ports,
        meter,
        signal,
        fresh: refetches.has(frame),
        urgent: wanted.includes(frame),
        cmcd: (part) => describe(frame, part.label),
        onTrouble: (error) => listener.onTrouble(error?.code ?? null),
      });
      signal.throwIfAborted();
      buffer.set(frame, {
        rung: label,
        parts,
        sizeBytes: parts.reduce((sum, { sealed }) => sum + sealed.byteLength, 0),
      });
    } catch (error) {
      if (!signal.aborted) miss(frame, error);
    } finally {
      if (underway.get(frame) === own) {
        underway.delete(frame);
        rungsUnderway.delete(frame);
      }
    }
    tend();
  }

  function describe(frame: number, label: string): string {
    const said = frameCmcd(manifest, frame, label, {
      ...{ sid: deliveryId, isLive: order.edge?.() != null, starved, urgent: !begun || starving },
      ...{ bufferedMs: bufferedSeconds() * 1_000, bitsPerSecond: meter.bitsPerSecond(), rate: order.rate?.() },
    });
    starved = false;
    return said;
  }

  /** A frame that cannot be had is passed over, when play comes to it; anything else ends the delivery. */
  function miss(frame: number, error: unknown): void {
    const { code } = toErrorData(error);
    if (ERRORS[code].did === 'skipped') {
      listener.onTrouble(code);
      pass(frame);
    } else fail(error);
  }

  function handOver(frame: number): void {
    const held = buffer.get(frame);
    if (session === null || held === undefined || !isGranted(frame) || opening) return;
    opening = forwards;
    buffer.delete(frame);
    handed.add(frame);
    handedRung = held.rung;
    void deliver(session, frame, held);
  }

  async function deliver(to: string, frame: number, { parts, rung: label }: BufferedFrame): Promise<void> {
    try {
      await ports.module.call(
        'deliver',
        { session: to, frame, parts },
        { transfer: parts.map(({ sealed }) => sealed) },
      );
    } catch (error) {
      if (ended.signal.aborted) return;
      refuse(frame, label, error);
      if (!opening) tend();
    } finally {
      if (opening) {
        opening = false;
        tend();
      }
    }
  }

  function refuse(frame: number, label: string | null, error: unknown): void {
    const { code } = toErrorData(error);
    const { did } = ERRORS[code];
    if (did === 'renewed' || isBehind(frame, code)) {
      handed.delete(frame);
      granted = [];
      listener.onGrantOver();
    } else if (mayComeAgain(frame, label, did)) {
      handed.delete(frame);
    } else if (code.startsWith('frame/') || did === 'skipped') {
      // The module's record says why the frame failed, and play goes on after it.
      pass(frame);
    } else {
      fail(error);
    }
  }

  /** In a session that runs forwards: it was passed over, and another session has its key. */
  function isBehind(frame: number, code: FareboxErrorCode): boolean {
    return forwards && code === 'sequence/spent' && wanted.includes(frame) && order.isCounted?.(frame) === false;
  }

  /** Whether another copy may do: what came was torn or tampered with, and a cache may be to blame; or it is too much at this rung. */
  function mayComeAgain(frame: number, label: string | null, did: ErrorDeed): boolean {
    if (did === 'lowered') return bar(label);
    return (did === 'fetched-afresh' || did === 'asked-again') && mayRepeat(frame);
  }

  /** Fetches no more of a rung; false where there is no other. */
  function bar(barred: string | null): boolean {
    const others = rungs.filter(({ label }) => label !== barred);
    if (others.length === 0 || barred === null) return false;
    rungs = others;
    for (const [frame, held] of buffer) if (held.rung === barred) buffer.delete(frame);
    return true;
  }

  function mayRepeat(frame: number): boolean {
    const tried = refetches.get(frame) ?? 0;
    refetches.set(frame, tried + 1);
    return tried < PLAYER_LIMITS.refetches;
  }

  function fail(error: unknown): void {
    if (ended.signal.aborted) return;
    ended.abort();
    listener.onFailed(error instanceof FareboxError ? error.code : toErrorData(error).code);
  }

  /** Takes play past frames that will not come, when it has come to them and not before. */
  function passLost(): void {
    let next = wanted[0];
    if (!starving || next === undefined || !lost.has(next)) return;
    while (lost.has(next) || (next < edge() && !has(next))) next += 1;
    // Play was taken there already, and the display's list is still the one from before.
    const isThere = manifest.begins === undefined && positionMs >= next * manifest.frameDurationMs;
    if (isThere) return;
    listener.onLost(next);
  }

  function askAnew(): void {
    const soonest = wanted[0];
    if (session !== null && soonest !== undefined && !isGranted(soonest)) listener.onGrantOver();
  }

  tend();
  return {
    activate(next, ranges, id, runsForwards = false) {
      session = next;
      forwards = runsForwards;
      deliveryId = id;
      granted = ranges;
      tend();
    },
    want(frames) {
      // What left the list was taken and is not fetched twice; what comes back onto it is asked for anew.
      for (const frame of frames) if (!wanted.includes(frame)) handed.delete(frame);
      wanted = frames.filter((frame) => Number.isInteger(frame) && frame >= 0 && frame < manifest.frameCount);
      tend();
      if (wanted[0] === frameAt(manifest, positionMs)) askAnew();
    },
    moveTo(nextMs, jump) {
      const moved = frameAt(manifest, nextMs) !== frameAt(manifest, positionMs);
      positionMs = nextMs;
      starving = false;
      if (jump) {
        // What was given up stays so until it is asked for anew.
        for (const frame of handed) if (!lost.has(frame)) handed.delete(frame);
        // The display's list is of the old place. That of the new one is on its way, and begins with this frame.
        // A board needs what was drawn before its new place as well, and asks for that itself.
        if (manifest.begins === undefined) wanted = [frameAt(manifest, nextMs)];
        // As at the start: what is fetched ahead would only hold up the picture of the new place.
        begun = false;
      }
      if (moved || jump) tend();
    },
    begin() {
      begun = true;
      tend();
    },
    lower: () => bar(handedRung),
    grow() {
      tend();
    },
    starve() {
      starving = true;
      starved = begun;
      askAnew();
      passLost();
    },
    choose(next) {
      choice = next;
      if (choice === 'auto') return;
      rung = choice;
      // A person who chooses wants to see it now, not when the buffer has run out.
      for (const [frame, held] of buffer) if (held.rung !== choice) buffer.delete(frame);
      for (const own of underway.values()) own.abort();
      underway.clear();
      tend();
    },
    rungOf: (frame) => buffer.get(frame)?.rung ?? rungsUnderway.get(frame) ?? null,
    stop() {
      ended.abort();
      buffer.clear();
    },
  };
}
