// The controls over the picture: seek bar, play, sound, chapter, captions, settings, full screen. They show the player's state and send intents.

import type { RefObject } from 'react';
import type { PlayerState, ProgrammeMeasures } from '../../player/player-state.ts';
import { formatClock } from '../format.ts';
import { useTerminal } from '../terminal-context.tsx';
import { IconButton } from '../ui/button.tsx';
import { chapterAt } from './chapters.ts';
import styles from './controls.module.css';
import { LiveEdge } from './live-edge.tsx';
import { SeekBar } from './seek-bar.tsx';
import { SettingsMenu } from './settings-menu.tsx';
import { rateWord } from './track-words.ts';
import { useClearBelow } from './use-clear-below.ts';
import { applyShortcut, type StageWishes } from './use-shortcuts.ts';

/** Draws the controls of an open session. */
export function Controls({
  state,
  measures,
  full,
  stage,
  visible,
  wishes,
  onMenuOpen,
}: {
  readonly state: PlayerState;
  readonly measures: ProgrammeMeasures;
  readonly full: boolean;
  /** What they lie over, and whether they are seen. */
  readonly stage: RefObject<HTMLElement | null>;
  readonly visible: boolean;
  readonly wishes: StageWishes;
  onMenuOpen(open: boolean): void;
}) {
  // What nobody sees need not move four times a second.
  const { player, place } = useTerminal();
  useClearBelow(player, stage, visible);
  // Strokes have no slots that a bar could show, and no sound.
  const isBoard = measures.isBoard === true;
  const silent = state.muted || state.volume === 0;
  const { captions, shownCaptions, rate } = state.tracks;
  return (
    <div className={styles.controls} data-controls="" data-board={isBoard ? '' : undefined}>
      <SeekBar
        place={visible ? place : player.state}
        startMs={state.live?.firstMs ?? 0}
        durationMs={measures.durationMs}
        frameDurationMs={measures.frameDurationMs}
        marks={isBoard ? null : (state.tally?.marks ?? null)}
        buffered={isBoard ? [] : state.buffered}
        chapters={measures.chapters}
        player={player}
      />
      <div className={styles.row}>
        <IconButton
          icon={state.wantsPlay ? 'pause' : 'play'}
          label={state.wantsPlay ? 'Pause' : 'Play'}
          onClick={() => applyShortcut(player, { type: 'toggle-play' })}
        />
        <div className={styles.sound} hidden={isBoard}>
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
        {state.live === null ? (
          <p className={styles.time}>
            {formatClock(state.positionMs)} <span className={styles.whole}>/ {formatClock(measures.durationMs)}</span>
          </p>
        ) : (
          <LiveEdge
            live={state.live}
            positionMs={state.positionMs}
            playing={state.wantsPlay}
            onGoLive={player.goLive}
          />
        )}
        <p className={styles.chapter}>{chapterAt(measures.chapters, state.positionMs)?.title}</p>
        {rate === 1 ? null : <span className={styles.rate}>{rateWord(rate)}</span>}
        {captions.length > 0 ? (
          <IconButton
            icon="captions"
            label={shownCaptions === null ? 'Captions on' : 'Captions off'}
            data-on={shownCaptions === null ? undefined : ''}
            onClick={player.tracks.toggleCaptions}
          />
        ) : null}
        <SettingsMenu state={state} measures={measures} onOpenChange={onMenuOpen} />
        <IconButton
          icon={full ? 'window' : 'full'}
          label={full ? 'Leave full screen' : 'Full screen'}
          onClick={wishes.toggleFullScreen}
        />
      </div>
    </div>
  );
}
