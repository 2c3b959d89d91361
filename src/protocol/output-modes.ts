// The ways out of the module (docs/protocol.md §18) by name. Apart from programme.ts, which signs and verifies them, so that a screen can name
// them without the code of signatures.

/** Ways out of the module (BT-5), the strongest first: what leaves is a picture, the clear parts of frames, or the keys of parts. */
export const OUTPUT_MODES = ['display', 'frames', 'keys'] as const;

/** A way out of the module. */
export type OutputMode = (typeof OUTPUT_MODES)[number];
