// Bounds of the sound path, apart from the protocol's limits because the worklet is a file of its own and must stay small.

/** Seconds of samples the worklet can hold: two slots and what a boundary adds. */
export const RING_SECONDS = 6;
/** Channels that are played; more are left out by the feed. */
export const CHANNELS = 2;
/** Seconds between two reports of the place: the clock goes on by itself between them, and what changes is said at once. */
export const REPORT_SECONDS = 0.25;
