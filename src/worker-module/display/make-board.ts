// The boards of this tab, one session after the other (docs/protocol.md §22): when one goes on from another of the same board, what is on the
// board stays on it. Made once by display.ts.

import type { ProgrammeId } from '../../protocol/ids.ts';
import type { Manifest, ManifestPart } from '../../protocol/manifest.ts';
import type { Stroke } from '../../protocol/strokes.ts';
import type { FrameSink, MakeFrameSink } from '../frame-gateway.ts';
import { type BoardPainter, makeBoardPainter } from './board-painter.ts';
import { type BoardParts, BoardShow } from './board-show.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import { DisplayReporter } from './display-reporter.ts';
import type { Painter } from './painter.ts';
import { startRefresh } from './refresh.ts';

type StrokesPart = Extract<ManifestPart, { kind: 'strokes' }>;
type SinkOrder = Parameters<MakeFrameSink>[0];

/** What a board is shown with. */
export type BoardTools = Pick<BoardParts, 'nowMs'> & {
  readonly emit: ConstructorParameters<typeof DisplayReporter>[1];
  /** Of a board of that shape. */
  readonly makePainter: (shape: Pick<StrokesPart, 'width' | 'height'>) => BoardPainter;
  /** Calls back at each refresh of the screen until the function that it returns is called. */
  readonly startRefresh: (onTick: (nowMs: number) => void) => () => void;
};

/** The strokes of a board; null for any other programme. */
export function strokesPartOf(manifest: Pick<Manifest, 'parts'>): StrokesPart | null {
  return manifest.parts.find((part) => part.kind === 'strokes') ?? null;
}

/** Makes the sinks of boards, each with what the one before it has left. */
export function makeBoardSinks({
  nowMs,
  emit,
  ...tools
}: BoardTools): (order: SinkOrder, part: StrokesPart) => FrameSink {
  let left: { readonly programme: ProgrammeId; readonly strokes: readonly Stroke[]; readonly next: number } | null =
    null;
  return ({ session, manifest, startMs, firstFrame = 0, endFrame = () => null }, part) => {
    const { programme } = manifest;
    const goesOn = left?.programme === programme && firstFrame >= left.next;
    const earlier = goesOn && left !== null && firstFrame - left.next <= DISPLAY_LIMITS.lostStrokes ? left.strokes : [];
    left = null;
    const show = new BoardShow({
      ...{ manifest, firstFrame, earlier, startMs, endFrame, nowMs },
      painter: tools.makePainter(part),
      reporter: new DisplayReporter(session, emit),
      onStopped: (rest) => {
        endRefresh();
        left = { programme, ...rest };
      },
    });
    const endRefresh = tools.startRefresh((atMs) => show.tick(atMs));
    return show;
  };
}

/** The tools of the module's own display. */
export function boardTools(screen: Painter, emit: BoardTools['emit']): BoardTools {
  const nowMs = (): number => performance.now();
  return { nowMs, emit, startRefresh, makePainter: (shape) => makeBoardPainter(screen, shape) };
}
