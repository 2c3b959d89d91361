// What a person reads of the errors in ../providing.ts.

import type { WordsOf } from '../entry.ts';
import type { PROVIDING_ERRORS } from '../providing.ts';

/** Words of `PROVIDING_ERRORS`, a row for each of its rows. */
export const PROVIDING_WORDS: WordsOf<typeof PROVIDING_ERRORS> = {
  'network/bad-status': {
    message: 'The provider answered in a way that was not expected. What you watched is safe.',
    next: 'Try again in a moment.',
  },
  'network/offline': {
    message: 'This device is offline. Record and receipts are safe.',
    next: 'Connect to the network.',
  },
  'network/timeout': {
    message: 'The provider did not answer in time. What was sent is being confirmed and is never charged twice.',
    next: 'Check the network if it lasts.',
  },
  'network/unreachable': {
    message: 'The provider cannot be reached. Record and receipts are safe.',
    next: 'Check the network if it lasts.',
  },
  'network/wrong-content': {
    message: 'What was fetched is not what was asked for, so it was not used. You do not pay for it.',
    next: 'If it lasts, try again later, or over another network.',
  },
  'publish/cut-short': {
    message: 'This media file ends too early. Nothing was published.',
    next: 'Use a complete copy of the file.',
  },
  'publish/exists': {
    message: 'This programme is already published. The published one is unchanged.',
    next: 'Remove it first, or publish under another title.',
  },
  'publish/failed': {
    message: 'Publishing did not come to its end. Nothing was published and no half files were kept.',
    next: 'Try again.',
  },
  'publish/no-space': {
    message: 'There is not enough disk space to publish this file. Nothing was published.',
    next: 'Free some space, then try again.',
  },
  'publish/no-video': {
    message: 'This file has no picture track. Nothing was published.',
    next: 'Choose a video file.',
  },
  'publish/no-sound': {
    message: 'One of the files for another sound track has no sound. Nothing was published.',
    next: 'Choose a file with sound.',
  },
  'publish/not-media': {
    message: 'This file is not a video that Farebox can read. Nothing was published.',
    next: 'Choose an MP4, MOV, MKV or WebM file.',
  },
  'publish/too-long': {
    message: 'This video is longer than one programme may be. Nothing was published.',
    next: 'Publish it in several parts.',
  },
  'publish/too-many-tracks': {
    message:
      'There are more sound tracks and captions than a programme of this length can hold. Nothing was published.',
    next: 'Leave some of them out.',
  },
  'publish/unreadable': {
    message: 'This file cannot be opened. Nothing was published.',
    next: 'Check its name and whether you may read it.',
  },
  'publish/vtt-malformed': {
    message: 'This WebVTT file has a mistake in it. Nothing was published.',
    next: 'Correct the line that is named, then publish again.',
  },
  'publish/vtt-order': {
    message: 'A cue in this WebVTT file begins before the one above it. Nothing was published.',
    next: 'Put the cues in order of their times.',
  },
  'publish/vtt-overlap': {
    message: 'Cues in this WebVTT file are on the screen together that cannot be. Nothing was published.',
    next: 'Correct the times at the line that is named.',
  },
  'publish/vtt-times': {
    message: 'A cue in this WebVTT file has times that cannot be. Nothing was published.',
    next: 'Correct them at the line that is named.',
  },
  'publish/vtt-too-large': {
    message: 'This WebVTT file has more in it than a programme can show. Nothing was published.',
    next: 'Shorten it at the line that is named.',
  },
  'request/key-missing': {
    message: 'The request came without its own number, so it was not carried out. Nothing was changed.',
    next: 'Reload the page and try again.',
  },
  'request/key-reused': {
    message: 'A request with this number was sent before with other contents. Only the first was carried out.',
    next: 'Start again.',
  },
  'request/malformed': {
    message: 'The request could not be understood, so it was not carried out. Nothing was changed.',
    next: 'Reload the page and try again.',
  },
  'request/not-found': {
    message: 'There is nothing at this address. Nothing was changed.',
    next: 'Go back to the catalogue.',
  },
  'request/rate': { message: 'Too many requests came in a short time. Nothing is lost.', next: 'Wait a moment.' },
  'request/too-large': {
    message: 'The request is larger than the provider accepts. Nothing was changed.',
    next: 'Check which file was chosen.',
  },
  'request/unauthorised': {
    message: 'The request did not show the right to do this, so it was not carried out. Nothing was changed.',
    next: 'Run the command as the user who runs the provider.',
  },
  'server/exposed-key': {
    message: 'Others on this machine may read the key of the key unit, so it was not used. Nothing was changed.',
    next: 'Give the file mode 600, and think of the key as known to them.',
  },
  'server/internal': {
    message: 'The provider has a fault of its own. Record and receipts are safe.',
    next: 'Try again in a moment.',
  },
  'server/locked': {
    message: 'Another process already uses this database folder, so it was not opened. Nothing was changed.',
    next: 'Stop that process, or choose another folder.',
  },
  'server/no-permission': {
    message: 'The provider may not write in its own folder, so it did not start. Nothing was changed.',
    next: 'Give it the right to write there, or choose another folder.',
  },
  'server/not-built': {
    message: 'The pages are not built yet, so the provider did not start. Nothing was changed.',
    next: 'Run npm run build, then start again.',
  },
  'server/overloaded': {
    message: 'The provider has more to do than it can take on. Nothing is lost.',
    next: 'Wait a moment.',
  },
  'server/port-in-use': {
    message: 'Another program uses the port that the provider needs, so it did not start. Nothing was changed.',
    next: 'Stop that program, or choose another port.',
  },
};
