// What the module's frame (its document) and its worker say to each other, as two discriminated unions.
// Both ends are of one origin and one build; nothing here is reachable from the terminal's page.
// Ports for the page pass through as they are: the frame never reads what travels on them.

import type { FareboxErrorCode } from '../protocol/errors.ts';

/** Frame → worker. */
export type FrameToWorker =
  /** First message. `agencyKey` is the agency's Ed25519 public key, 32 bytes; the canvas is transferred. */
  | { readonly type: 'start'; readonly agencyKey: Uint8Array; readonly canvas: OffscreenCanvas }
  /** A page connected: its two ports, transferred. A newer pair replaces the older. */
  | { readonly type: 'connect'; readonly commandPort: MessagePort; readonly eventPort: MessagePort }
  /** Asked for an answer, to tell a hung worker from a live one. */
  | { readonly type: 'ping'; readonly number: number }
  | SoundFrameMessage;

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
  /** The module could not start. */
  | { readonly type: 'start-failed'; readonly code: FareboxErrorCode };

/** Frame → terminal's page: all it may ever post there, docs/protocol.md §12. */
export type FrameToHost =
  | { readonly type: 'farebox/ready' }
  | { readonly type: 'farebox/worker-died'; readonly code: FareboxErrorCode };
