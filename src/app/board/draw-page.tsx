// The drawer's page of a whiteboard, at `/board/ID/draw#TOKEN`: the board, what one draws with, and how much of it has arrived. In a chunk of
// its own. The token is read from the address and given to nothing but the client.

import { useCallback, useEffect, useRef, useState } from 'react';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import { standingStrokes } from '../../protocol/strokes.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Icon } from '../ui/icons.tsx';
import { LiveBadge } from '../ui/live-badge.tsx';
import { PageTitle } from '../ui/page.tsx';
import { createBoardClient } from './board-client.ts';
import styles from './draw-page.module.css';
import { DrawingBoard } from './drawing-board.tsx';
import type { PenStroke } from './pen.ts';
import { openStrokeQueue, type QueueState, type StrokeQueue } from './stroke-queue.ts';
import { FIRST_TOOL, type ToolChoice, Tools, toolOf } from './tools.tsx';

/** The screen at `/board/:id/draw`. */
export function DrawPage({ boardId }: { readonly boardId: string }) {
  const { ports } = useTerminal();
  const [queue, setQueue] = useState<StrokeQueue | null>(null);
  const [elsewhere, setElsewhere] = useState(false);
  useEffect(() => {
    const closing = new AbortController();
    const { signal } = closing;
    const name = `board/${boardId}`;
    const drawHere = async (): Promise<void> => {
      if (signal.aborted) return;
      const client = createBoardClient(boardId, window.location.hash.slice(1), fetch.bind(window));
      const notes = { read: () => ports.notes.read(name), write: (text: string) => ports.notes.write(name, text) };
      const { wallClockMs: nowMs, pause } = ports;
      const opened = openStrokeQueue({ client, notes, nowMs, pause }, signal);
      window.addEventListener('online', opened.retry, { signal });
      setElsewhere(false);
      setQueue(opened);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    };
    // One tab at a time: what waits to be sent is kept once for a board, and two would write over each other's.
    const wait = async (): Promise<void> => {
      const isTaken = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock !== null) await drawHere();
        return lock === null;
      });
      if (!isTaken || signal.aborted) return;
      setElsewhere(true);
      await navigator.locks.request(name, { signal }, drawHere);
    };
    // Leaving the page ends the waiting.
    wait().catch(() => undefined);
    return () => closing.abort();
  }, [ports, boardId]);
  if (queue !== null) return <OpenBoard queue={queue} boardId={boardId} />;
  return (
    <div className={styles.page}>
      <PageTitle hidden={!elsewhere}>Whiteboard</PageTitle>
      {elsewhere ? (
        <p role="status">
          This board is open for drawing in another tab. Draw there, or close that tab and go on here: nothing is lost.
        </p>
      ) : null}
    </div>
  );
}

function OpenBoard({ queue, boardId }: { readonly queue: StrokeQueue; readonly boardId: string }) {
  const state = useStore(queue.state);
  const [choice, setChoice] = useState<ToolChoice>(FIRST_TOOL);
  const [ending, setEnding] = useState(false);
  /** How many pieces each line of this page has, the newest last: a long one is taken back as one. */
  const pieces = useRef<number[]>([]);
  const { board, strokes, phase } = state;
  const closed = phase === 'over' || phase === 'failed' || board === null || strokes.length >= board.room;
  const canUndo = standingStrokes(strokes).length > 0;

  const draw = ({ stroke, beganMs, goesOn }: PenStroke): void => {
    if (goesOn) pieces.current.push((pieces.current.pop() ?? 0) + 1);
    else pieces.current.push(1);
    queue.draw(stroke, performance.timeOrigin + beganMs);
  };
  const undo = useCallback(() => {
    for (let piece = pieces.current.pop() ?? 1; piece > 0; piece -= 1) queue.draw({ kind: 'undo' }, Date.now());
  }, [queue]);
  const clear = (): void => {
    pieces.current.push(1);
    queue.draw({ kind: 'clear' }, Date.now());
  };
  useUndoKey(undo, !closed && canUndo);

  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <PageTitle>{board?.title ?? 'Whiteboard'}</PageTitle>
        {phase === 'over' || board === null ? null : <LiveBadge lit={phase === 'ready'} />}
        <p className={styles.arrived} role="status">
          {arrivedWords(state)}
        </p>
      </div>
      {phase === 'failed' && state.code !== null ? (
        <ErrorNote code={state.code} title="You cannot draw on this board" />
      ) : (
        <div className={styles.place}>
          <DrawingBoard
            strokes={strokes}
            tool={toolOf(choice)}
            shape={board ?? { width: 16, height: 9 }}
            longestMs={board?.longestMs ?? 2_000}
            disabled={closed}
            onStroke={draw}
          />
          {board !== null && strokes.length === 0 && phase !== 'over' ? (
            <p className={styles.empty}>Draw here. Everybody who watches sees it a moment later.</p>
          ) : null}
        </div>
      )}
      {phase === 'failed' ? null : (
        <Tools choice={choice} disabled={closed} canUndo={canUndo} onChoose={setChoice} onUndo={undo} onClear={clear} />
      )}
      {phase === 'away' && state.code !== null ? <Away code={state.code} onRetry={queue.retry} /> : null}
      <div className={styles.foot} hidden={phase === 'failed'}>
        <ButtonLink icon="watch" href={`/watch/${boardId}`}>
          See it as they do
        </ButtonLink>
        {closed ? null : ending ? (
          <span className={styles.sure}>
            Nobody can draw on it any more.
            <Button look="filled" onClick={queue.end}>
              End it
            </Button>
            <Button onClick={() => setEnding(false)}>Go on</Button>
          </span>
        ) : (
          <Button icon="stop" onClick={() => setEnding(true)}>
            End the board
          </Button>
        )}
      </div>
    </div>
  );
}

/** Below the tools, so that nothing moves under the hand. */
function Away({ code, onRetry }: { readonly code: FareboxErrorCode; onRetry(): void }) {
  return (
    <p className={styles.away} role="alert">
      <Icon name="warning" size={18} />
      <span>
        The provider is away. What you draw is kept here and sent when it is back. <code>{code}</code>
      </span>
      <button type="button" className={styles.again} onClick={onRetry}>
        Try now
      </button>
    </p>
  );
}

/** What has arrived, in words. */
function arrivedWords({ phase, board, strokes, waiting }: QueueState): string {
  if (phase === 'failed') return '';
  if (board === null) return phase === 'away' ? 'The provider is away' : 'Opening the board';
  const drawn = strokes.length - waiting;
  const sent = drawn === 1 ? '1 stroke has arrived' : `${drawn.toLocaleString('en')} strokes have arrived`;
  if (phase === 'over') return `The board is closed; ${sent}`;
  if (strokes.length >= board.room) return `The board is full; ${sent}`;
  return waiting === 0 ? sent : `${sent}, ${waiting.toLocaleString('en')} on the way`;
}

/** As everywhere: Ctrl or ⌘ and Z. */
function useUndoKey(undo: () => void, can: boolean): void {
  useEffect(() => {
    if (!can) return;
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'z' || event.shiftKey || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      undo();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [undo, can]);
}
