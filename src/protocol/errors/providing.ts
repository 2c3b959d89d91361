// Errors of the provider, the way to it, and publishing: network/*, publish/*, request/*, server/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `network/*`, `publish/*`, `request/*`, `server/*`. */
export const PROVIDING_ERRORS = {
  'network/bad-status': {
    severity: 'error',
    httpStatus: 502,
    retry: 'same-request',
    message: 'The provider answered in a way that was not expected. What you watched is safe. Try again in a moment.',
  },
  'network/offline': {
    severity: 'warning',
    httpStatus: 503,
    retry: 'same-request',
    message: 'This device is offline. Record and receipts are safe. It goes on when the network is back.',
  },
  'network/timeout': {
    severity: 'warning',
    httpStatus: 504,
    retry: 'same-request',
    message:
      'The provider did not answer in time. What was sent is being confirmed and is never charged twice. It is tried again.',
  },
  'network/unreachable': {
    severity: 'warning',
    httpStatus: 503,
    retry: 'same-request',
    message:
      'The provider cannot be reached. Record and receipts are safe. It is tried again; check the network if it lasts.',
  },
  'network/wrong-content': {
    severity: 'error',
    httpStatus: 502,
    retry: 'same-request',
    message:
      'What was fetched is not what was asked for, so it was not used. You do not pay for it. It is fetched again.',
  },
  'publish/cut-short': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'This media file ends too early. Nothing was published. Use a complete copy of the file.',
  },
  'publish/exists': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'This programme is already published. The published one is unchanged. Remove it first, or publish under another title.',
  },
  'publish/failed': {
    severity: 'error',
    httpStatus: 500,
    retry: 'same-request',
    message: 'Publishing did not come to its end. Nothing was published and no half files were kept. Try again.',
  },
  'publish/no-space': {
    severity: 'error',
    httpStatus: 507,
    retry: 'same-request',
    message:
      'There is not enough disk space to publish this file. Nothing was published. Free some space, then try again.',
  },
  'publish/no-video': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'This file has no picture track. Nothing was published. Choose a video file.',
  },
  'publish/no-sound': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'One of the files for another sound track has no sound. Nothing was published. Choose a file with sound.',
  },
  'publish/not-media': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This file is not a video that Farebox can read. Nothing was published. Choose an MP4, MOV, MKV or WebM file.',
  },
  'publish/too-long': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'This video is longer than one programme may be. Nothing was published. Publish it in several parts.',
  },
  'publish/too-many-tracks': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'There are more sound tracks and captions than a programme of this length can hold. Nothing was published. Leave some of them out.',
  },
  'publish/unreadable': {
    severity: 'error',
    httpStatus: 400,
    retry: 'same-request',
    message: 'This file cannot be opened. Nothing was published. Check its name and whether you may read it.',
  },
  'publish/vtt-malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This WebVTT file has a mistake in it. Nothing was published. Correct the line that is named, then publish again.',
  },
  'publish/vtt-order': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'A cue in this WebVTT file begins before the one above it. Nothing was published. Put the cues in order of their times.',
  },
  'publish/vtt-overlap': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'Cues in this WebVTT file are on the screen together that cannot be. Nothing was published. Correct the times at the line that is named.',
  },
  'publish/vtt-times': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'A cue in this WebVTT file has times that cannot be. Nothing was published. Correct them at the line that is named.',
  },
  'publish/vtt-too-large': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This WebVTT file has more in it than a programme can show. Nothing was published. Shorten it at the line that is named.',
  },
  'request/key-missing': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'The request came without its own number, so it was not carried out. Nothing was changed. Reload the page and try again.',
  },
  'request/key-reused': {
    severity: 'error',
    httpStatus: 422,
    retry: 'new-request',
    message:
      'A request with this number was sent before with other contents. Only the first was carried out. Start again.',
  },
  'request/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'The request could not be understood, so it was not carried out. Nothing was changed. Reload the page and try again.',
  },
  'request/not-found': {
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    message: 'There is nothing at this address. Nothing was changed. Go back to the catalogue.',
  },
  'request/rate': {
    severity: 'warning',
    httpStatus: 429,
    retry: 'same-request',
    message: 'Too many requests came in a short time. Nothing is lost. Wait a moment; it goes on by itself.',
  },
  'request/too-large': {
    severity: 'error',
    httpStatus: 413,
    retry: 'never',
    message: 'The request is larger than the provider accepts. Nothing was changed. Check which file was chosen.',
  },
  'request/unauthorised': {
    severity: 'error',
    httpStatus: 401,
    retry: 'never',
    message:
      'The request did not show the right to do this, so it was not carried out. Nothing was changed. Run the command as the user who runs the provider.',
  },
  'server/internal': {
    severity: 'error',
    httpStatus: 500,
    retry: 'same-request',
    message: 'The provider has a fault of its own. Record and receipts are safe. Try again in a moment.',
  },
  'server/locked': {
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    message:
      'Another process already uses this database folder, so it was not opened. Nothing was changed. Stop that process, or choose another folder.',
  },
  'server/no-permission': {
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    message:
      'The provider may not write in its own folder, so it did not start. Nothing was changed. Give it the right to write there, or choose another folder.',
  },
  'server/not-built': {
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    message:
      'The pages are not built yet, so the provider did not start. Nothing was changed. Run npm run build, then start again.',
  },
  'server/overloaded': {
    severity: 'warning',
    httpStatus: 503,
    retry: 'same-request',
    message: 'The provider has more to do than it can take on. Nothing is lost. Wait a moment; it is tried again.',
  },
  'server/port-in-use': {
    severity: 'fatal',
    httpStatus: 500,
    retry: 'never',
    message:
      'Another program uses the port that the provider needs, so it did not start. Stop that program, or choose another port.',
  },
} as const satisfies Record<string, ErrorEntry>;
