// What travels between another site's page and the player's frame, and the reading of it. Both ends are somebody else's to each other: every
// message is decoded member by member, and what does not fit is nothing. Up go intents, down go states; no key, session, price or answer to
// a question is in either. Pure.

import { PLAYER_PHASES } from '../machine.ts';
import type { TrackOption } from '../tracks.ts';
import type { LinkError, LinkIntents, LinkRung, LinkState, Stretch } from './player-link.ts';

/** Told to the window above when the frame can be connected to. */
export const READY_MESSAGE = { type: 'farebox/player-ready', version: 1 } as const;
/** Answered by that window, with one port. */
export const CONNECT_MESSAGE = { type: 'farebox/player-connect', version: 1 } as const;

/** An intent with its arguments, as a tuple. */
export type IntentMessage = {
  [Name in keyof LinkIntents]: { readonly type: Name; readonly with: Parameters<LinkIntents[Name]> };
}[keyof LinkIntents];

/** Bounds of what is taken from the other side. */
const WIRE_LIMITS = Object.freeze({
  /** As long as any title, label or message of a programme. */
  textLength: 512,
  /** As many chapters as a manifest may have. */
  chapters: 256,
  /** As many parts as a manifest may have. */
  tracks: 32,
  /** Stretches that are buffered or were played: more than anybody seeks. */
  stretches: 4_096,
});

/** Whether a window's message is exactly this one. */
export function isMessage(data: unknown, wanted: typeof READY_MESSAGE | typeof CONNECT_MESSAGE): boolean {
  const members = membersOf(data);
  return members?.size === 2 && members.get('type') === wanted.type && members.get('version') === wanted.version;
}

/** Makes the message of an intent. */
export function intentMessage<Name extends keyof LinkIntents>(
  type: Name,
  ...args: Parameters<LinkIntents[Name]>
): { readonly type: Name; readonly with: Parameters<LinkIntents[Name]> } {
  return { type, with: args };
}

type Check = (value: unknown) => boolean;
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isShare: Check = (value) => isWithin(value, 0, 1);
const isText: Check = (value) => typeof value === 'string' && value.length <= WIRE_LIMITS.textLength;
const isFlag: Check = (value) => typeof value === 'boolean';
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const INTENTS: { readonly [Name in keyof LinkIntents]: readonly Check[] } = {
  play: [],
  pause: [],
  seek: [(value) => isWithin(value, 0, Number.MAX_SAFE_INTEGER)],
  setVolume: [isShare, isFlag],
  setRate: [(value) => isWithin(value, 0.5, 2)],
  setSound: [isText],
  setCaptions: [orNull(isText)],
  setRung: [isText],
  goLive: [],
};

/** An intent from another site's page; null where it is none. */
export function decodeIntent(data: unknown): IntentMessage | null {
  return isIntent(data) ? data : null;
}

function isIntent(data: unknown): data is IntentMessage {
  const members = membersOf(data);
  const type = members?.get('type');
  const args: unknown = members?.get('with');
  if (members?.size !== 2 || typeof type !== 'string' || !Array.isArray(args)) return false;
  const checks = new Map<string, readonly Check[]>(Object.entries(INTENTS)).get(type);
  return checks?.length === args.length && checks.every((check, at) => check(args[at]));
}

const isStretch = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && isNumber(value[0]) && isNumber(value[1]);
const listOf =
  (check: Check, most: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check);
const shapeOf =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) => {
    const members = membersOf(value);
    const names = Object.keys(shape);
    return (
      members?.size === names.length && names.every((name) => members.has(name) && shape[name]?.(members.get(name)))
    );
  };
const oneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value);

const TRACK = shapeOf({
  label: isText,
  language: isText,
  name: isText,
  role: oneOf('main', 'commentary', 'description', 'dub', 'captions', 'subtitles'),
} satisfies Record<keyof TrackOption, Check>);
const RUNG = shapeOf({
  ...{ label: isText, width: isNumber, height: isNumber, bitrate: isNumber },
} satisfies Record<keyof LinkRung, Check>);
const ERROR = shapeOf({ code: oneOf(1, 2, 3, 4), message: isText } satisfies Record<keyof LinkError, Check>);
const STRETCHES = listOf(isStretch, WIRE_LIMITS.stretches);
const TRACKS = listOf(TRACK, WIRE_LIMITS.tracks);

const STATE = shapeOf({
  programmeId: orNull(isText),
  title: isText,
  phase: oneOf(...PLAYER_PHASES),
  positionMs: isNumber,
  wantsPlay: isFlag,
  durationMs: orNull(isNumber),
  live: orNull(shapeOf({ firstMs: isNumber, edgeMs: isNumber, liveMs: isNumber, ended: isFlag })),
  pictureShown: isFlag,
  firstPictures: isNumber,
  buffered: STRETCHES,
  played: STRETCHES,
  chapters: listOf(shapeOf({ startMs: isNumber, title: isText }), WIRE_LIMITS.chapters),
  rungs: listOf(RUNG, WIRE_LIMITS.tracks),
  choice: isText,
  rung: orNull(isText),
  sounds: TRACKS,
  captions: TRACKS,
  sound: orNull(isText),
  shownCaptions: orNull(isText),
  rate: isNumber,
  volume: isShare,
  muted: isFlag,
  error: orNull(ERROR),
  needsPress: isFlag,
} satisfies Record<keyof LinkState, Check>);

/** A state from the player's frame; null where it is none. */
export function decodeState(data: unknown): LinkState | null {
  return isState(data) ? data : null;
}

function isState(data: unknown): data is LinkState {
  return STATE(data);
}

const WORDS: Readonly<Record<LinkError['code'], string>> = {
  1: 'It was stopped.',
  2: 'The provider cannot be reached.',
  3: 'This cannot be shown here.',
  4: 'This programme cannot be played now. The player says why.',
};

/** The state as another site may know it: why a person cannot watch (credit, lock, standing) is between them and the provider. */
export function stateForOthers(state: LinkState): LinkState {
  const { error } = state;
  const first = <T>(list: readonly T[], most: number): readonly T[] =>
    list.length > most ? list.slice(0, most) : list;
  return {
    ...state,
    title: state.title.slice(0, WIRE_LIMITS.textLength),
    buffered: first<Stretch>(state.buffered, WIRE_LIMITS.stretches),
    played: first<Stretch>(state.played, WIRE_LIMITS.stretches),
    error: error === null ? null : { code: error.code, message: WORDS[error.code] },
  };
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return new Map(Object.entries(value));
}
