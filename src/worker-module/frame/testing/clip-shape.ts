// The clip's shape, shared by the script that makes it and the page that checks it.

/** Pictures a second. */
export const PICTURE_RATE = 30;
/** Length of one slot, milliseconds. */
export const SLOT_MS = 2000;
/** Cells that spell the picture's number, most significant first. */
export const NUMBER_BITS = 12;
/** Samples a second. */
export const SAMPLE_RATE_HZ = 48_000;
