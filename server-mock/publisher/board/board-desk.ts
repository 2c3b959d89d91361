// Takes strokes from a board's drawer and publishes them (docs/protocol.md §22). A stroke is accepted durably before it is sealed, under
// one number for good, so that no key meets two plaintexts and what was accepted is published after any cut. http/board-routes.ts asks it.

import { eq, sql } from 'drizzle-orm';
import { concatBytes } from '../../../src/protocol/bytes.ts';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { hashObject, type ProgrammeId } from '../../../src/protocol/ids.ts';
import { NO_UPDATE, signLiveUpdate } from '../../../src/protocol/live-update.ts';
import { commitFrameKey, sealPart } from '../../../src/protocol/parts.ts';
import { verifyProgramme } from '../../../src/protocol/programme.ts';
import { sequenceFunction } from '../../../src/protocol/sequence/sequence.ts';
import { decodeStroke, STROKES_LABEL } from '../../../src/protocol/strokes.ts';
import { findProgramme, type StoredProgramme } from '../../catalogue/programmes.ts';
import type { ProgrammeFile } from '../../catalogue/registry.ts';
import { openSeed } from '../../catalogue/seed-wrap.ts';
import { liveProgrammes } from '../../db/schema.ts';
import { directLive } from '../../live/direct-live.ts';
import { type LiveState, liveStateOf, newestUpdate } from '../../live/read-live.ts';
import type { Provider } from '../../provider.ts';
import { BOARD_LIMITS } from './limits.ts';
import { isKept, keepStroke, placeOf, type StoredStroke, strokesFrom } from './stored-strokes.ts';

/** A stroke on its way: how long ago it began, ms, and its clear bytes. */
export type NewStroke = { readonly agoMs: number; readonly stroke: Uint8Array };

/** A board as its drawer finds it. */
export type BoardView = {
  readonly title: string;
  /** The longest that one stroke may take. */
  readonly longestMs: number;
  /** Strokes that the board may have. */
  readonly room: number;
  /** Strokes that were accepted: the number of the next one. */
  readonly strokes: number;
  readonly ended: boolean;
};

/** The desk of one provider. Who asks has shown the drawer's token. Every method throws `board/link` for an id that is no board's. */
export type BoardDesk = {
  /** Publishes what a cut has left, and says how the board is. */
  readonly view: (board: ProgrammeId) => Promise<BoardView>;
  /** Strokes from a number on, as they were drawn. */
  readonly strokes: (board: ProgrammeId, from: number) => Promise<readonly StoredStroke[]>;
  /**
   * Accepts strokes under `number` and the numbers behind it, durably, and publishes them. Answers the number of the next one.
   * @throws FareboxError `strokes/malformed`, `live/taken` for another stroke under a number that has one, `live/gap`, `live/ended`.
   */
  readonly draw: (board: ProgrammeId, number: number, strokes: readonly NewStroke[]) => Promise<number>;
  /** Closes the board: nothing more is accepted. Does nothing to one that is closed. */
  readonly end: (board: ProgrammeId) => Promise<number>;
};

/** Opens the desk. */
export function openBoardDesk(provider: Provider): BoardDesk {
  const { database, content, suite, keys, clock } = provider;
  const live = directLive(provider);
  /** What is going on at each board; strokes of one board go one after the other. */
  const turns = new Map<ProgrammeId, Promise<unknown>>();

  function inTurn<T>(board: ProgrammeId, work: () => Promise<T>): Promise<T> {
    const before = turns.get(board) ?? Promise.resolve();
    const own = before.then(work, work);
    const settled = own
      .catch(() => undefined)
      .finally(() => {
        if (turns.get(board) === settled) turns.delete(board);
      });
    turns.set(board, settled);
    return own;
  }

  async function findBoard(board: ProgrammeId): Promise<{ stored: StoredProgramme; longestMs: number }> {
    try {
      const stored = await findProgramme(database.queries, board);
      const { certificate } = provider;
      const programme = await verifyProgramme({ bytes: stored.programmeBytes, certificate, suite });
      if (programme.board) return { stored, longestMs: programme.frameDurationMs };
    } catch (cause) {
      if (!(cause instanceof FareboxError && cause.code === 'programme/unknown')) throw cause;
    }
    throw new FareboxError('board/link');
  }

  /** Accepts them in one transaction, all or none. */
  async function accept(
    { stored, longestMs }: { readonly stored: StoredProgramme; readonly longestMs: number },
    number: number,
    strokes: readonly NewStroke[],
  ): Promise<void> {
    const board = stored.id;
    for (const { stroke } of strokes) decodeStroke(stroke, longestMs);
    await database.transaction(async (tx) => {
      await tx.execute(sql`select 1 from ${liveProgrammes} where ${liveProgrammes.programmeId} = ${board} for update`);
      const { startTime, ended } = await liveStateOf(tx, board);
      let { next, newestBeganMs } = await placeOf(tx, board);
      if (number > next) throw new FareboxError('live/gap', { number: next });
      for (const [at, { agoMs, stroke }] of strokes.entries()) {
        if (number + at < next) {
          if (await isKept(tx, board, number + at, stroke)) continue;
          throw new FareboxError('live/taken', { number: number + at });
        }
        if (ended || next >= stored.frameCount) throw new FareboxError('live/ended', { frames: next });
        // A clock that was set back must not make a stroke begin before the one before it.
        newestBeganMs = Math.max(newestBeganMs + 1, clock() - startTime - agoMs);
        await keepStroke(provider, tx, board, { number: next, beganMs: newestBeganMs, stroke });
        next += 1;
      }
      const reserved = { reservedTo: sql`greatest(${liveProgrammes.reservedTo}, ${next})` };
      await tx.update(liveProgrammes).set(reserved).where(eq(liveProgrammes.programmeId, board));
    });
  }

  /** Publishes what is accepted and not out yet, in order. */
  async function publishAccepted({ stored }: { readonly stored: StoredProgramme }): Promise<LiveState> {
    for (;;) {
      const state = await liveStateOf(database.queries, stored.id);
      const range = { from: state.edge, most: BOARD_LIMITS.strokesPerUpdate };
      const waiting = await strokesFrom(provider, database.queries, stored.id, range);
      if (state.ended || waiting.length === 0) return state;
      await publish(stored, state, waiting, false);
    }
  }

  async function publish(
    stored: StoredProgramme,
    { edge, nextNumber }: LiveState,
    strokes: readonly StoredStroke[],
    ended: boolean,
  ): Promise<void> {
    const seed = await openSeed({ suite, storageKey: keys.storageKey }, stored.id, stored.wrappedSeed);
    try {
      const sealed = await Promise.all(strokes.map((stroke) => sealStroke(stored, seed, stroke)));
      const newest = await newestUpdate(database.queries, stored.id);
      const files = sealed.map(({ file }) => file);
      const update = await signLiveUpdate({
        signer: keys.provider,
        issuedAt: clock(),
        update: {
          ...{ programme: stored.id, number: nextNumber, from: edge, to: edge + strokes.length, ended },
          previous: newest === null ? NO_UPDATE : hashObject(newest),
          segments: new Map([[STROKES_LABEL, files]]),
          commitments: concatBytes(...sealed.map(({ commitment }) => commitment)),
          began: strokes.map(({ beganMs }) => beganMs),
        },
      });
      await live.publish(stored.id, { update, files });
    } finally {
      seed.fill(0);
    }
  }

  async function sealStroke(
    { id: programme, sequence }: StoredProgramme,
    seed: Uint8Array,
    { number: frame, stroke: clear }: StoredStroke,
  ): Promise<{ readonly file: ProgrammeFile; readonly commitment: Uint8Array }> {
    const frameKey = sequenceFunction(sequence).keyAt(seed, frame);
    try {
      const sealed = await sealPart({ frameKey, programme, label: STROKES_LABEL, frame, clear, suite });
      return { file: await content.put(sealed), commitment: commitFrameKey(programme, frame, frameKey) };
    } finally {
      frameKey.fill(0);
    }
  }

  return Object.freeze({
    view: (board) =>
      inTurn(board, async () => {
        const found = await findBoard(board);
        const { edge, ended } = await publishAccepted(found);
        const { title, frameCount: room } = found.stored;
        return { title, longestMs: found.longestMs, room, strokes: edge, ended };
      }),
    strokes: async (board, from) => {
      await findBoard(board);
      return strokesFrom(provider, database.queries, board, { from, most: BOARD_LIMITS.strokesPerAnswer });
    },
    draw: (board, number, strokes) =>
      inTurn(board, async () => {
        const found = await findBoard(board);
        await accept(found, number, strokes);
        return (await publishAccepted(found)).edge;
      }),
    end: (board) =>
      inTurn(board, async () => {
        const found = await findBoard(board);
        const state = await publishAccepted(found);
        if (!state.ended) await publish(found.stored, state, [], true);
        return state.edge;
      }),
  } satisfies BoardDesk);
}
