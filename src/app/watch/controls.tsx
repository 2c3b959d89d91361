// The controls over the picture: seek bar, play, sound, quality, full screen. They show the player's state and send intents.

import type { PlayerState, ProgrammeMeasures } from '../../player/player-state.ts';
import { formatBitrate, formatClock, formatRung } from '../format.ts';
import { useTerminal } from '../terminal-context.tsx';
import { IconButton } from '../ui/button.tsx';
import { Menu } from '../ui/menu.tsx';
import styles from './controls.module.css';
import { SeekBar } from './seek-bar.tsx';
import { applyShortcut } from './use-shortcuts.ts';

/** Draws the controls of an open session. */
export function Controls({
  state,
  measures,
  full,
  onToggleFull,
  onMenuOpen,
}: {
  readonly state: PlayerState;
  readonly measures: ProgrammeMeasures;
  readonly full: boolean;
  onToggleFull(): void;
  onMenuOpen(open: boolean): void;
}) {
  const { player } = useTerminal();
  const silent = state.muted || state.volume === 0;
  const auto = state.tally?.rung ? `Auto · ${formatRung(state.tally.rung)}` : 'Auto';
  return (
    <div className={styles.controls}>
      <SeekBar
        positionMs={state.positionMs}
        durationMs={measures.durationMs}
        frameDurationMs={measures.frameDurationMs}
        marks={state.tally?.marks ?? null}
        buffered={state.buffered}
        onSeek={player.seek}
      />
      <div className={styles.row}>
        <IconButton
          icon={state.wantsPlay ? 'pause' : 'play'}
          label={state.wantsPlay ? 'Pause' : 'Play'}
          onClick={() => applyShortcut(player, { type: 'toggle-play' })}
        />
        <div className={styles.sound}>
          <IconButton
            icon={silent ? 'muted' : 'sound'}
            label={silent ? 'Sound on' : 'Mute'}
            onClick={() => player.setVolume(state.volume === 0 ? 0.5 : state.volume, !silent)}
          />
          <input
            className={styles.volume}
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={silent ? 0 : state.volume}
            aria-label="Volume"
            aria-valuetext={`${Math.round((silent ? 0 : state.volume) * 100)} %`}
            style={{ '--share': silent ? 0 : state.volume } as Record<string, number>}
            onChange={(event) => player.setVolume(event.target.valueAsNumber, false)}
          />
        </div>
        <p className={styles.time}>
          {formatClock(state.positionMs)} <span className={styles.whole}>/ {formatClock(measures.durationMs)}</span>
        </p>
        <span className={styles.space} />
        <Menu
          label="Quality"
          icon="quality"
          shown={state.choice === 'auto' ? auto : formatRung(state.choice)}
          choices={[
            { value: 'auto', word: 'Auto', note: 'by your line' },
            ...measures.rungs
              .toReversed()
              .map(({ label, bitrate }) => ({ value: label, word: formatRung(label), note: formatBitrate(bitrate) })),
          ]}
          chosen={state.choice}
          onChoose={player.setRung}
          onOpenChange={onMenuOpen}
        />
        <IconButton
          icon={full ? 'window' : 'full'}
          label={full ? 'Leave full screen' : 'Full screen'}
          onClick={onToggleFull}
        />
      </div>
    </div>
  );
}
