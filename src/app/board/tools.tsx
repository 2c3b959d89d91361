// What one draws with: colours, widths, the wiper, and what takes things back. Shows the choice and sends intents.

import { STROKE_PALETTE } from '../../protocol/strokes.ts';
import styles from './draw-page.module.css';
import type { PenTool } from './pen.ts';

const COLOURS = ['Ink', 'Orange', 'Red', 'Amber', 'Green', 'Blue', 'Violet', 'Grey'] as const;
/** Thousandths of the board's height. */
const WIDTHS = [
  { word: 'Fine', width: 4 },
  { word: 'Medium', width: 9 },
  { word: 'Broad', width: 20 },
] as const;
const WIPER_WIDTH = 60;

/** What is chosen: one is drawn with, the other kept for when the wiper is put away. */
export type ToolChoice = { readonly colour: number; readonly width: number; readonly wiping: boolean };

/** What a page begins with. */
export const FIRST_TOOL: ToolChoice = Object.freeze({ colour: 0, width: WIDTHS[1].width, wiping: false });

/** The tool of a choice. */
export function toolOf({ colour, width, wiping }: ToolChoice): PenTool {
  return wiping ? { kind: 'erase', width: WIPER_WIDTH } : { kind: 'draw', colour, width };
}

/** The row of tools. */
export function Tools({
  choice,
  disabled,
  canUndo,
  onChoose,
  onUndo,
  onClear,
}: {
  readonly choice: ToolChoice;
  readonly disabled: boolean;
  readonly canUndo: boolean;
  onChoose(next: ToolChoice): void;
  onUndo(): void;
  onClear(): void;
}) {
  return (
    <fieldset className={styles.tools} disabled={disabled}>
      <legend className={styles.unseen}>What you draw with</legend>
      <div className={styles.swatches}>
        {COLOURS.map((word, colour) => (
          <label key={word} className={styles.swatch} title={word}>
            <input
              type="radio"
              name="colour"
              checked={!choice.wiping && choice.colour === colour}
              aria-label={word}
              onChange={() => onChoose({ ...choice, colour, wiping: false })}
            />
            <span style={{ background: STROKE_PALETTE[colour] }} aria-hidden="true" />
          </label>
        ))}
      </div>
      <div className={styles.widths}>
        {WIDTHS.map(({ word, width }) => (
          <label key={word} className={styles.width} title={word}>
            <input
              type="radio"
              name="width"
              checked={choice.width === width}
              aria-label={word}
              onChange={() => onChoose({ ...choice, width, wiping: false })}
            />
            <span aria-hidden="true">
              <i style={{ height: `${2 + width / 2}px` }} />
            </span>
          </label>
        ))}
      </div>
      <div className={styles.acts}>
        <button
          type="button"
          className={styles.act}
          aria-pressed={choice.wiping}
          onClick={() => onChoose({ ...choice, wiping: !choice.wiping })}
        >
          Wipe
        </button>
        <button type="button" className={styles.act} disabled={!canUndo} onClick={onUndo}>
          Undo
        </button>
        <button type="button" className={styles.act} disabled={!canUndo} onClick={onClear}>
          Clear
        </button>
      </div>
    </fieldset>
  );
}
