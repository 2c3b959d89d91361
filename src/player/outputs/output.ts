// A programme for another player: its playlists, its clear pieces, and the count that runs with them. For the ways out `frames` and `keys`
// (docs/protocol.md §18); what this page does with what it is given is its own affair, and nothing of it is hidden from its scripts any more.

import { decodeCaptions } from '../../protocol/captions.ts';
import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { type Manifest, segmentAt } from '../../protocol/manifest.ts';
import type { OutputMode } from '../../protocol/output-modes.ts';
import type { PlayerPorts } from '../ports.ts';
import { loadProgramme } from '../programme-loading.ts';
import { createStore, type ReadableStore } from '../store.ts';
import { type Tally, tallyFrame, tallyOf } from '../tally.ts';
import type { OutputAddress } from './addresses.ts';
import { createFrameSource, openerOf } from './frame-source.ts';
import { beginOutputSession } from './output-session.ts';
import { masterPlaylist, mediaPlaylist } from './playlists.ts';
import { formatWebVtt } from './web-vtt.ts';

/** What a screen shows of an output. */
export type OutputState = {
  /** The module's count of the session now. */
  readonly tally: Tally;
  /** Frames that reached this page in this session: each is on the tally. */
  readonly handedOver: number;
  /** Trouble on the line, which goes on in spite of it. */
  readonly trouble: FareboxErrorCode | null;
  /** True once the session was closed, here or in another tab. */
  readonly closed: boolean;
};

/** An open output. */
export type Output = {
  readonly manifest: Manifest;
  readonly state: ReadableStore<OutputState>;
  /** What an address names: the text of a playlist or of captions, or clear bytes. @throws FareboxError `frame/unknown-part`, `captions/malformed`, and as `segment`. */
  answer(address: OutputAddress): Promise<string | ArrayBuffer>;
  /** One part of one frame, in the clear. @throws FareboxError as FrameSource.segment. */
  segment(label: string, frame: number): Promise<ArrayBuffer>;
  /** Ends it and makes the receipt; the session's id. Durable in the module even where the provider cannot be told yet. Safe to repeat. */
  close(): Promise<string>;
};

/**
 * Opens a programme for another player.
 * @throws FareboxError `grant/mode` where the programme does not offer that way out, and what P1, P2 and loading throw.
 */
export async function openOutput(order: {
  readonly programmeId: string;
  readonly mode: Exclude<OutputMode, 'display'>;
  readonly ports: PlayerPorts;
  readonly signal: AbortSignal;
}): Promise<Output> {
  const { programmeId, mode, ports } = order;
  const ended = new AbortController();
  const signal = AbortSignal.any([order.signal, ended.signal]);
  const loaded = await loadProgramme(ports, programmeId, signal);
  const line =
    loaded.live === null ? null : await (await import('./output-line.ts')).joinOutputLine(ports, loaded, signal);
  const { manifest } = line ?? loaded;
  const session = await beginOutputSession({
    ...{ ports, loaded, mode, signal },
    ...(line === null ? { from: 0 } : { from: line.from, attach: line.attach }),
    onNext: (view) => {
      // The same session, taken up again, goes on as it stood; the next one begins at nothing.
      if (view.session !== state.getSnapshot().tally.session) given.clear();
      change({ tally: tallyOf(view), handedOver: given.size });
    },
  });
  const given = new Set<number>();
  const state = createStore<OutputState>({
    tally: tallyOf(session.view()),
    handedOver: 0,
    trouble: null,
    closed: false,
  });
  const change = (changes: Partial<OutputState>): void => state.set({ ...state.getSnapshot(), ...changes });
  const unlisten = ports.module.onEvent((event) => {
    const { tally } = state.getSnapshot();
    if (!('session' in event) || event.session !== tally.session) return;
    if (event.type === 'frame') change({ tally: tallyFrame(tally, event) });
    if (event.type === 'closed') change({ closed: true });
  });
  order.signal.addEventListener('abort', unlisten, { once: true });
  const source = createFrameSource({
    ...{ ports, manifest, session, signal, isLive: line !== null },
    open: await openerOf(mode, ports, manifest),
    onTrouble: (error) => change({ trouble: error?.code ?? null }),
  });
  line?.follow(session, (code) => change({ trouble: code }), signal);
  const segment = async (label: string, frame: number): Promise<ArrayBuffer> => {
    const clear = await source.segment(label, frame);
    given.add(frame);
    change({ handedOver: given.size });
    return clear;
  };
  const cues = async (label: string, frame: number): Promise<string> => {
    if (!manifest.parts.some((part) => part.label === label && part.kind === 'captions'))
      throw new FareboxError('frame/unknown-part', { label });
    // Of a slot without any there is nothing to open, and nothing counts.
    const isEmpty = segmentAt(manifest, label, frame) === null;
    const startMs = frame * manifest.frameDurationMs;
    const slot = { startMs, endMs: startMs + manifest.frameDurationMs };
    return formatWebVtt(isEmpty ? [] : decodeCaptions(new Uint8Array(await segment(label, frame)), slot));
  };
  return {
    manifest,
    state,
    segment,
    async answer(address) {
      if (address.programme !== manifest.programme) throw new FareboxError('frame/unknown-part');
      if (address.kind === 'master') return masterPlaylist(manifest, line?.listed() ?? null);
      if (address.kind === 'segment') return segment(address.label, address.frame);
      if (address.kind === 'cues') return cues(address.label, address.frame);
      const part = manifest.parts.find(({ label }) => label === address.label);
      const playlist = mediaPlaylist(manifest, address.label, line?.listed() ?? null);
      if (part === undefined || playlist === null)
        throw new FareboxError('frame/unknown-part', { label: address.label });
      if (address.kind === 'init' && part.kind === 'captions')
        throw new FareboxError('frame/unknown-part', { label: address.label });
      return address.kind === 'playlist' ? playlist : Uint8Array.from(part.init).buffer;
    },
    async close() {
      ended.abort();
      await session.close();
      unlisten();
      change({ closed: true });
      return session.view().session;
    },
  };
}
