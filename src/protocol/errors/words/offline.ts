// What a person reads of the errors in ../offline.ts.

import type { WordsOf } from '../entry.ts';
import type { OFFLINE_ERRORS } from '../offline.ts';

/** Words of `OFFLINE_ERRORS`, a row for each of its rows. */
export const OFFLINE_WORDS: WordsOf<typeof OFFLINE_ERRORS> = {
  'grant/offline': {
    message:
      'This programme is not offered for watching offline, or not in this way. Nothing was opened and nothing was paid.',
    next: 'Watch it with a connection.',
  },
  'offline/full': {
    message: 'There is no room left on this device for the download. What is here already stays.',
    next: 'Remove a download or free some space, then press Resume.',
  },
  'offline/over': {
    message:
      'The time for which this programme was kept is over, and the provider cannot be reached to ask for more. What you watched is receipted.',
    next: 'Connect, then watch it or keep it again.',
  },
};
