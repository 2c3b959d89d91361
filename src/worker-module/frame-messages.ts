// What the module's frame (its document) and its worker say to each other, as two discriminated unions.
// Both ends are of one origin and one build; nothing here is reachable from the terminal's page.
// Ports for the page pass through as they are: the frame never reads what travels on them.

import type { Cue } from '../protocol/captions.ts';
import type { FareboxErrorCode } from '../protocol/errors.ts';
import type { CaptionStyle } from './commands.ts';

/** What pictures are shown on: a stream that a video element of the frame plays, or, where the browser has none, a canvas of it. */
export type PictureScreen =
  | { readonly kind: 'stream'; readonly pictures: WritableStream<VideoFrame> }
  | { readonly kind: 'canvas'; readonly canvas: OffscreenCanvas };

/** Frame → worker. */
export type FrameToWorker =
  /** First message. `agencyKey` is the agency's Ed25519 public key, 32 bytes; the screen is transferred. */
  | { readonly type: 'start'; readonly agencyKey: Uint8Array; readonly screen: PictureScreen }
  /** A page connected: its two ports, transferred. A newer pair replaces the older. */
  | { readonly type: 'connect'; readonly commandPort: MessagePort; readonly eventPort: MessagePort }
  /** Asked for an answer, to tell a hung worker from a live one. */
  | { readonly type: 'ping'; readonly number: number }
  /** What the person, or the window, answered to the question of this number. */
  | { readonly type: 'answered'; readonly number: number; readonly answer: SurfaceAnswer }
  | SoundFrameMessage;

/**
 * What the worker asks of its window. Drawn on the module's own surface, one at a time; nothing of it is reachable from the host. `title` and
 * `lines` are made by the worker from objects it has verified, never from the host's words. Prompts check themselves again where they must:
 * the window gives the answer, the worker judges it.
 */
export type SurfaceQuestion =
  /** Approve or refuse: `amount` the largest thing on it, as shown ("€1.20"), `party` who it is for, as certified. */
  | {
      readonly kind: 'approve';
      readonly title: string;
      readonly amount: string | null;
      readonly party: string | null;
      readonly lines: readonly string[];
      readonly yes: string;
      /** True where what is approved cannot be undone. */
      readonly grave: boolean;
    }
  /** Choose a passphrase, twice. */
  | { readonly kind: 'new-passphrase'; readonly minLength: number }
  /** Make a passkey with PRF. `userName` names it in the authenticator. */
  | {
      readonly kind: 'new-passkey';
      readonly userName: string;
      readonly userId: Uint8Array;
      readonly prfSalt: Uint8Array;
    }
  /** Open the lock, with any of the factors that are set; `wrongTries` so far. */
  | {
      readonly kind: 'unlock';
      readonly passphrase: boolean;
      readonly passkeys: readonly { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array }[];
      readonly wrongTries: number;
    }
  /**
   * A passkey beside the words of a backup: one of `known` (credential ids that are this module's own), or a new one, which the authenticator has
   * to be able to find by itself. `prfSalt` is the same for every backup.
   */
  | {
      readonly kind: 'backup-passkey';
      readonly known: readonly Uint8Array[];
      readonly userName: string;
      readonly userId: Uint8Array;
      readonly prfSalt: Uint8Array;
    }
  /** Show the twelve recovery words, to be written down. */
  | { readonly kind: 'show-words'; readonly words: readonly string[] }
  /**
   * Ask for the twelve recovery words, or for a passkey in their place. `wrong`: what was given before does not fit. `passkeys`: null where none
   * can help; without credential ids, any that the authenticator finds by itself.
   */
  | {
      readonly kind: 'ask-words';
      readonly wrong: 'words' | 'passkey' | null;
      readonly passkeys: { readonly prfSalt: Uint8Array; readonly credentialIds: readonly Uint8Array[] } | null;
    }
  /** Choose the PIN of an application, typed twice. `application`: its reference; `party`: the provider, as certified. */
  | { readonly kind: 'new-pin'; readonly application: string; readonly party: string }
  /** The PIN that chooses an application at this provider. */
  | { readonly kind: 'pin'; readonly party: string }
  /** A card's number, expiry and verification value, and its PIN where the person gives it, for this provider. */
  | { readonly kind: 'card'; readonly party: string }
  /** No surface: `navigator.storage.persist()`, or only `persisted()` where `ask` is false. */
  | { readonly kind: 'persist'; readonly ask: boolean };

/** The window's answer. `refused`: the person said no or went away; `covered`: the surface could not be seen whole. */
export type SurfaceAnswer =
  | { readonly kind: 'approved' }
  | { readonly kind: 'passphrase'; readonly passphrase: string }
  /** PRF output, 32 bytes, taken in the window and transferred at once. */
  | { readonly kind: 'passkey'; readonly credentialId: Uint8Array; readonly prfOutput: Uint8Array }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** 4 to 12 digits. */
  | { readonly kind: 'pin'; readonly pin: string }
  /** Digits alone; `expiry` as `YYYY-MM`. The window has checked the number's last digit and that the card is not over; the worker does again. */
  | {
      readonly kind: 'card';
      readonly number: string;
      readonly expiry: string;
      readonly verification: string;
      readonly pin: string | null;
    }
  | { readonly kind: 'persistence'; readonly persistent: boolean }
  | { readonly kind: 'refused' }
  | { readonly kind: 'covered' }
  /** The authenticator or the browser cannot do it: no PRF, no authenticator, a browser that gives no passkeys here. */
  | { readonly kind: 'unavailable' };

/** Frame → worker, about sound. */
export type SoundFrameMessage =
  /** The sound output is there: the port leads to the audio worklet, transferred. */
  | { readonly type: 'sound-opened'; readonly port: MessagePort }
  /** There is no sound output on this device. */
  | { readonly type: 'sound-absent' }
  /** Whether the sound device runs (a browser holds it until the person has touched the page), and where its clock stands. */
  | {
      readonly type: 'sound-clock';
      readonly running: boolean;
      /** Seconds on the AudioContext's clock of the sample that is heard … */
      readonly contextTimeS: number;
      /** … at this time, milliseconds since 1970 (`timeOrigin + now`). */
      readonly heardAtMs: number;
    };

/** Worker → frame. */
export type WorkerToFrame =
  /** The worker runs and holds this Web Lock until it dies. */
  | { readonly type: 'started'; readonly lockName: string }
  | { readonly type: 'pong'; readonly number: number }
  /** Something is about to be heard at this rate: open the output, or wake it. */
  | { readonly type: 'sound-open'; readonly sampleRateHz: number }
  /** Nothing is to be heard for now. */
  | { readonly type: 'sound-rest' }
  /** Volume 0–1. */
  | { readonly type: 'volume'; readonly volume: number; readonly muted: boolean }
  /** The captions on the screen now, perhaps none. `language` as the manifest has it, '' where it is not told; `ratio`: width of the picture ÷ its height. */
  | {
      readonly type: 'captions';
      readonly language: string;
      readonly ratio: number;
      readonly cues: readonly Pick<Cue, 'lines' | 'settings'>[];
    }
  | { readonly type: 'caption-style'; readonly style: CaptionStyle }
  /** The preview to show, transferred, at `at`: 0 the left edge, 1 the right one. */
  | { readonly type: 'preview'; readonly picture: ImageBitmap; readonly at: number }
  /** The preview there is goes to another place, or away. */
  | { readonly type: 'preview-at'; readonly at: number | null }
  /** Ask the person or the window. A newer question takes the place of an older one, which is then never answered. */
  | { readonly type: 'ask'; readonly number: number; readonly question: SurfaceQuestion }
  /** Nothing is asked any more: take the surface away. */
  | { readonly type: 'ask-no-more' }
  /** The module could not start. */
  | { readonly type: 'start-failed'; readonly code: FareboxErrorCode };

/** Frame → terminal's page: all it may ever post there, docs/protocol.md §12. */
export type FrameToHost =
  | { readonly type: 'farebox/ready' }
  | { readonly type: 'farebox/worker-died'; readonly code: FareboxErrorCode };
