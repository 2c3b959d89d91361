// Bounds of the sound path, apart from the protocol's limits because the worklet is a file of its own and must stay small.

/** Seconds of samples the worklet can hold: two slots and what a boundary adds. */
export const RING_SECONDS = 6;
/** Channels that are played; more are left out by the feed. */
export const CHANNELS = 2;
/** Render blocks between two position reports: 128 samples each, so about 20 ms at 48 kHz. */
export const BLOCKS_PER_REPORT = 8;
