// What a person reads of the errors in ../live.ts.

import type { WordsOf } from '../entry.ts';
import type { LIVE_ERRORS } from '../live.ts';

/** Words of `LIVE_ERRORS`, a row for each of its rows. */
export const LIVE_WORDS: WordsOf<typeof LIVE_ERRORS> = {
  'live/ended': {
    message: 'This live programme has ended. What you watched is safe.',
    next: 'Read on its receipt what you owe.',
  },
  'live/equivocation': {
    message:
      'The provider has signed two different accounts of this live programme. Nothing more of it is opened, and both are kept as the proof.',
    next: 'What you watched is safe; show this to the provider.',
  },
  'live/gap': {
    message: 'A piece of news about this live programme is missing. Nothing is lost.',
    next: 'Nothing needs doing.',
  },
  'live/malformed': {
    message:
      'What the provider says of this live programme does not hold, so it was not used. What you watched is safe.',
    next: 'Stop for your receipt, and tell the provider.',
  },
  'live/not-live': {
    message: 'This programme is not a live one, or has not begun. Nothing was changed.',
    next: 'Look again in a moment.',
  },
  'live/other-source': {
    message:
      'This video has another form than the one with which the live programme began: other sizes, or with or without sound. What was sent is safe.',
    next: 'Go on with a video of the same form.',
  },
  'live/outside-window': {
    message:
      'That place of the live programme is not on sale: it is too long ago, or has not happened yet. Nothing was paid for it.',
    next: 'Go to live.',
  },
  'live/taken': {
    message:
      'Somebody else goes on with this live programme, or it goes on elsewhere than said. What was sent is safe.',
    next: 'Let only one go on.',
  },
};
