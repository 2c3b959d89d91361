// The menu over the picture: quality, speed, sound, captions and their look, chapters, how frame keys are made. Shows what the player has and sends intents.

import type { PlayerState, ProgrammeMeasures } from '../../player/player-state.ts';
import { RATES } from '../../player/track-control.ts';
import { CAPTION_LOOKS, type CaptionLook } from '../../player/tracks.ts';
import { decodeSequenceChoice, mayChooseSequence } from '../../protocol/sequence/names.ts';
import { formatBitrate, formatClock, formatRung } from '../format.ts';
import { useTerminal } from '../terminal-context.tsx';
import { Menu, type MenuGroup, type MenuPage } from '../ui/menu.tsx';
import { SEQUENCE_LINE } from '../ui/sequence-text.tsx';
import { chapterAt } from './chapters.ts';
import { LOOK_WORDS, rateWord, trackWords } from './track-words.ts';

type Player = ReturnType<typeof useTerminal>['player'];
/** A shape beside the word; the second sign keeps it a sign and no picture. */
const WEAK_SIGN = '\u26a0\ufe0e';
/** What stands for no captions, and for no sequence of one's own; no label is empty. */
const NONE = '';

/** Draws the button and its menu. */
export function SettingsMenu({
  state,
  measures,
  onOpenChange,
}: {
  readonly state: PlayerState;
  readonly measures: ProgrammeMeasures;
  onOpenChange(open: boolean): void;
}) {
  const { player } = useTerminal();
  const { sounds, captions } = state.tracks;
  const pages = [
    ...(measures.rungs.length > 0 ? [qualityPage(state, measures, player)] : []),
    speedPage(state, player),
    ...(sounds.length > 1 ? [soundPage(state, player)] : []),
    ...(captions.length > 0 ? [captionsPage(state, player), lookPage(state, player)] : []),
    ...(measures.chapters.length > 0 ? [chaptersPage(state, measures, player)] : []),
    ...(mayChoose(state, measures) ? [sequencePage(state, measures, player)] : []),
  ];
  return <Menu label="Settings" icon="quality" pages={pages} onOpenChange={onOpenChange} />;
}

function qualityPage(state: PlayerState, measures: ProgrammeMeasures, player: Player): MenuPage {
  const auto = state.tally?.rung ? `Auto · ${formatRung(state.tally.rung)}` : 'Auto';
  const rungs = measures.rungs
    .toReversed()
    .map(({ label, bitrate }) => ({ value: label, word: formatRung(label), note: formatBitrate(bitrate) }));
  return {
    title: 'Quality',
    shown: state.choice === 'auto' ? auto : formatRung(state.choice),
    groups: [
      {
        label: 'Quality',
        choices: [{ value: 'auto', word: 'Auto', note: 'by your line' }, ...rungs],
        chosen: state.choice,
        onChoose: player.setRung,
      },
    ],
  };
}

function speedPage({ tracks }: PlayerState, player: Player): MenuPage {
  return {
    title: 'Speed',
    shown: rateWord(tracks.rate),
    groups: [
      {
        label: 'Speed',
        choices: RATES.map((rate) => ({ value: String(rate), word: rateWord(rate) })),
        chosen: String(tracks.rate),
        onChoose: (value) => player.tracks.setRate(Number(value)),
      },
    ],
  };
}

function soundPage({ tracks }: PlayerState, player: Player): MenuPage {
  const choices = tracks.sounds.map((option, at) => ({
    ...{ value: option.label, language: option.language },
    ...trackWords(option, at),
  }));
  return {
    title: 'Sound',
    shown: choices.find(({ value }) => value === tracks.sound)?.word ?? '',
    groups: [{ label: 'Sound', choices, chosen: tracks.sound, onChoose: player.tracks.setSound }],
  };
}

function captionsPage({ tracks }: PlayerState, player: Player): MenuPage {
  const named = tracks.captions.map((option, at) => ({
    ...{ value: option.label, language: option.language },
    ...trackWords(option, at),
  }));
  const choices = [{ value: NONE, word: 'Off' }, ...named];
  const chosen = tracks.shownCaptions ?? NONE;
  return {
    title: 'Captions',
    shown: choices.find(({ value }) => value === chosen)?.word ?? '',
    groups: [
      {
        ...{ label: 'Captions', choices, chosen },
        onChoose: (value) => player.tracks.setCaptions(value === NONE ? null : value),
      },
    ],
  };
}

function lookPage({ tracks: { look } }: PlayerState, player: Player): MenuPage {
  const group = <Part extends keyof CaptionLook>(part: Part): MenuGroup => {
    const words: Readonly<Record<string, string>> = LOOK_WORDS[part].words;
    return {
      label: LOOK_WORDS[part].title,
      choices: CAPTION_LOOKS[part].map((value) => ({ value, word: words[value] ?? value })),
      chosen: look[part],
      onChoose: (value) => {
        const chosen = CAPTION_LOOKS[part].find((known) => known === value);
        if (chosen !== undefined) player.tracks.setLook({ ...look, [part]: chosen });
      },
    };
  };
  return {
    title: 'Caption look',
    shown: LOOK_WORDS.size.words[look.size],
    groups: [group('size'), group('background'), group('colour'), group('position')],
  };
}

/** Where play has begun on the line: the choice is one for a session, and one that is kept has been granted already. */
function mayChoose({ tally, live, kept }: PlayerState, { frameCount }: ProgrammeMeasures): boolean {
  return tally !== null && !kept && mayChooseSequence({ frameCount, isLive: live !== null });
}

function sequencePage({ sequence, live }: PlayerState, { frameCount }: ProgrammeMeasures, player: Player): MenuPage {
  const programme = { frameCount, isLive: live !== null };
  return {
    title: SEQUENCE_LINE,
    shown: sequence === null ? 'As published' : `${WEAK_SIGN} Weak`,
    groups: [
      {
        label: SEQUENCE_LINE,
        choices: [
          { value: NONE, word: 'As published', note: 'strong' },
          { value: 'logistic', word: 'Logistic map', note: `${WEAK_SIGN} weak` },
        ],
        chosen: sequence ?? NONE,
        onChoose: (value) => player.setSequence(decodeSequenceChoice(value === NONE ? null : value, programme)),
      },
    ],
    note: 'A chaotic map is not a cipher: keys made with it may be guessed. A choice begins a session of its own from here.',
  };
}

function chaptersPage({ positionMs }: PlayerState, { chapters }: ProgrammeMeasures, player: Player): MenuPage {
  const now = chapterAt(chapters, positionMs);
  return {
    title: 'Chapters',
    shown: now?.title ?? '',
    groups: [
      {
        label: 'Chapters',
        choices: chapters.map(({ startMs, title }) => ({
          ...{ value: String(startMs), word: title },
          note: formatClock(startMs),
        })),
        chosen: now === null ? null : String(now.startMs),
        onChoose: (value) => player.seek(Number(value)),
      },
    ],
  };
}
