// What a key does while a programme is open: a pure table from a key press to an intent. Called by use-shortcuts.ts.

/** What a key asks of the player. */
export type PlayerShortcut =
  | { readonly type: 'toggle-play' }
  | { readonly type: 'skip'; readonly byMs: number }
  | { readonly type: 'volume'; readonly by: number }
  | { readonly type: 'toggle-mute' }
  | { readonly type: 'toggle-captions' }
  /** One speed faster or slower. */
  | { readonly type: 'speed'; readonly by: 1 | -1 }
  /** One picture back or ahead, while play is held. */
  | { readonly type: 'step'; readonly by: 1 | -1 }
  /** Share of the programme's length, 0–1. */
  | { readonly type: 'jump'; readonly share: number };

/** What a key asks for. */
export type Shortcut =
  | PlayerShortcut
  | { readonly type: 'toggle-full-screen' }
  /** The sheet that says what each key does. */
  | { readonly type: 'show-keys' };

/** A key press, and whether it happened on something that has its own use for keys. */
export type KeyPress = {
  readonly pressed: string;
  readonly modified: boolean;
  readonly on: 'page' | 'button' | 'text';
};

/** The intent of a key press; null where the key is not ours. A focused button keeps Space, a text field keeps everything. */
export function shortcutOf({ pressed, modified, on }: KeyPress): Shortcut | null {
  if (modified || on === 'text') return null;
  if (pressed === ' ') return on === 'button' ? null : { type: 'toggle-play' };
  if (/^[0-9]$/.test(pressed)) return { type: 'jump', share: Number(pressed) / 10 };
  switch (pressed.length === 1 ? pressed.toLowerCase() : pressed) {
    case 'k':
      return { type: 'toggle-play' };
    case 'j':
      return { type: 'skip', byMs: -10_000 };
    case 'l':
      return { type: 'skip', byMs: 10_000 };
    case 'ArrowLeft':
      return { type: 'skip', byMs: -5_000 };
    case 'ArrowRight':
      return { type: 'skip', byMs: 5_000 };
    case 'ArrowUp':
      return { type: 'volume', by: 0.05 };
    case 'ArrowDown':
      return { type: 'volume', by: -0.05 };
    case 'm':
      return { type: 'toggle-mute' };
    case 'c':
      return { type: 'toggle-captions' };
    case ',':
      return { type: 'step', by: -1 };
    case '.':
      return { type: 'step', by: 1 };
    case '?':
      return { type: 'show-keys' };
    case '>':
      return { type: 'speed', by: 1 };
    case '<':
      return { type: 'speed', by: -1 };
    case 'f':
      return { type: 'toggle-full-screen' };
    case 'Home':
      return { type: 'jump', share: 0 };
    case 'End':
      return { type: 'jump', share: 1 };
    default:
      return null;
  }
}
