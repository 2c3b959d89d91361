// How times, sizes and names are written on the screen. Pure. Money is written by src/protocol/amount.ts alone; the one sum here,
// a price for a minute, is worked out in whole minor units.

import { type Amount, amount } from '../protocol/amount.ts';

/** `4:07` or `1:02:09`, from milliseconds; whole seconds passed. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `48 s`, `12 min`, `1 h 34 min`: how long a programme is. */
export function formatLength(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Length of a frame in words: `2 s`, `0.5 s`. */
export function formatSeconds(ms: number): string {
  return `${(ms / 1000).toLocaleString('en', { maximumFractionDigits: 2 })} s`;
}

/** Price of a minute: frames in a minute times the price of one, rounded half up to a minor unit. */
export function pricePerMinute(price: Amount, frameDurationMs: number): Amount {
  const duration = BigInt(frameDurationMs);
  return amount(price.currency, (price.amountMinor * 60_000n * 2n + duration) / (duration * 2n));
}

/** `720p` from the label `video/720p`; the label itself where it is not a video part. */
export function formatRung(label: string): string {
  return label.startsWith('video/') ? label.slice('video/'.length) : label;
}

/** `4.2 Mbit/s`. */
export function formatBitrate(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 })} Mbit/s`;
}

const SIZE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `999 B`, `1.4 kB`, `4.8 MB`, `2.1 GB`. */
export function formatSize(sizeBytes: number): string {
  const power = sizeBytes < 1000 ? 0 : Math.min(SIZE_UNITS.length - 1, Math.floor(Math.log10(sizeBytes) / 3));
  return `${(sizeBytes / 1000 ** power).toLocaleString('en', { maximumFractionDigits: 1 })} ${SIZE_UNITS[power]}`;
}

/** `21 November 2026`, in the zone of this device. */
export function formatDay(timeMs: number): string {
  return new Date(timeMs).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}

/** `21 Nov, 14:05`. */
export function formatMoment(timeMs: number): string {
  return new Date(timeMs).toLocaleString('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
}

/** `November 2026`. */
export function formatMonth(timeMs: number): string {
  return new Date(timeMs).toLocaleDateString('en-GB', { month: 'long', year: 'numeric' });
}

/** Hex digits in groups of four, as they are read out: `0123 4567`. */
export function groupDigits(hex: string): string {
  return hex.replace(/(.{4})(?=.)/g, '$1 ');
}
