// @ts-check
// Numbers, times and troubles as the keeper reads them. Pure.

const COUNT = new Intl.NumberFormat('en');

/** @param {number} value */
export const countWord = (value) => COUNT.format(value);

/** `12 s`, `3 min`, `1 h 5 min`. @param {number} seconds */
export function spanWord(seconds) {
  const whole = Math.ceil(seconds);
  if (whole < 90) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `21 Nov, 14:05`. @param {number} timeMs */
export function momentWord(timeMs) {
  const options = /** @type {const} */ ({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  return new Date(timeMs).toLocaleString('en-GB', options);
}

/** `48 kB`, `4.8 MB`. @param {number} sizeBytes */
export function sizeWord(sizeBytes) {
  if (sizeBytes < 1000) return `${sizeBytes} B`;
  if (sizeBytes < 1_000_000) return `${Math.round(sizeBytes / 1000)} kB`;
  return `${(sizeBytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
}

/** Words for what the table of errors says in those of a terminal. */
const TROUBLES = new Map([
  [
    'keys/malformed',
    'This file is no list of commands, or the answers that are there belong to another one. Nothing was changed.',
  ],
  [
    'keys/busy',
    'This batch is being worked on already, or too many are. Nothing was changed. Wait until one has ended.',
  ],
  [
    'network/unreachable',
    'The provider stopped while it was asked. What was answered is kept. Go on when it runs again, or without it.',
  ],
  [
    'server/locked',
    'Another command has the provider’s database. What was answered is kept. Try again when that one has ended.',
  ],
  ['server/overloaded', 'The provider has too much to do. What was answered is kept. Try again in a moment.'],
  ['publish/no-space', 'The disk is full. What was answered is kept. Make room, then go on.'],
  [
    'publish/unreadable',
    'A file of this batch cannot be read or written. What was answered is kept. Look at the folder keys/batches.',
  ],
  ['request/too-large', 'This file is larger than a batch may be. Nothing was taken in. Split it.'],
  ['request/unauthorised', 'This address does not open the desk any more. Use the one that the command printed last.'],
  [
    'desk/gone',
    'The desk does not answer. What was answered is kept. Start `farebox keys desk` again and open the address that it prints.',
  ],
]);

/**
 * What a trouble means here, and what to do.
 * @param {{ readonly code: string, readonly message: string }} trouble
 */
export const troubleWord = ({ code, message }) => TROUBLES.get(code) ?? message;

/** @type {Readonly<Record<import('../desk-app.ts').BatchView['state'], string>>} */
export const STATE_WORDS = { running: 'Running', pausing: 'Pausing', stopped: 'Stopped', finished: 'Finished' };
