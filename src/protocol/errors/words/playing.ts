// What a person reads of the errors in ../playing.ts.

import type { WordsOf } from '../entry.ts';
import type { PLAYING_ERRORS } from '../playing.ts';

/** Words of `PLAYING_ERRORS`, a row for each of its rows. */
export const PLAYING_WORDS: WordsOf<typeof PLAYING_ERRORS> = {
  'captions/malformed': {
    message: 'The captions of this piece could not be read, so they are not shown. You do not pay for them.',
    next: 'Choose other captions if it lasts.',
  },
  'credit/exhausted': {
    message: 'Your credit does not cover another frame. What you watched is kept and receipted.',
    next: 'Add credit, then go on from here.',
  },
  'frame/cut': {
    message: 'A piece of the programme arrived incomplete and was not shown. You do not pay for it.',
    next: 'If it lasts, try another network.',
  },
  'frame/interrupted': {
    message: 'The page was closed before this piece could be shown. You do not pay for it.',
    next: 'Play on to see it.',
  },
  'frame/missing': {
    message: 'The provider does not have a piece of the programme that it should have. You do not pay for it.',
    next: 'If it lasts, try again later.',
  },
  'frame/not-wanted': {
    message: 'This piece of the programme is not needed at this place, so it was put aside. You do not pay for it.',
    next: 'Nothing needs doing.',
  },
  'frame/tampered': {
    message: 'A piece of the programme was altered on its way and was not shown. You do not pay for it.',
    next: 'If it lasts, try another network.',
  },
  'frame/too-large': {
    message: 'A piece of the programme is larger than this terminal accepts. You do not pay for it.',
    next: 'If it lasts, choose a lower quality.',
  },
  'frame/undecodable': {
    message:
      'A piece of the programme could not be turned into picture and sound. You do not pay for what was not shown.',
    next: 'If it lasts, choose another quality.',
  },
  'frame/unknown-part': {
    message: 'The programme has no such picture or sound track. You do not pay for it.',
    next: 'Choose another quality.',
  },
  'frame/withheld': {
    message: 'This piece was made ready but never shown, because you moved on or stopped. You do not pay for it.',
    next: 'Nothing needs doing.',
  },
  'frame/wrong-key': {
    message:
      'The provider gave a wrong key for this piece of the programme. You do not pay for it, and the proof is kept.',
    next: 'Stop here and tell the provider.',
  },
  'grant/coverage': {
    message: 'The permission to watch does not hold what it says it holds, so it was refused. Nothing was paid.',
    next: 'Start the programme again.',
  },
  'grant/expired': {
    message: 'The permission to watch has run out. What you watched is kept and receipted.',
    next: 'If it does not go on, start the programme again.',
  },
  'grant/malformed': {
    message: 'The permission to watch is broken or was altered, so it was refused. Nothing was paid.',
    next: 'Start the programme again.',
  },
  'grant/mode': {
    message: 'This programme does not offer that way of watching. Nothing was opened and nothing was paid.',
    next: 'Watch it in another way.',
  },
  'grant/not-covered': {
    message: 'This place is beyond what you have permission to watch so far. Nothing was paid for it.',
    next: 'Nothing needs doing.',
  },
  'grant/other-module': {
    message: 'This permission to watch was given to another terminal. Nothing was paid.',
    next: 'Start the programme again on this one.',
  },
  'grant/other-programme': {
    message: 'This permission is for another programme, or for an older edition of it. Nothing was paid.',
    next: 'Start the programme again.',
  },
  'grant/price': {
    message: 'The price in the permission is not the price of the programme, so it was refused. Nothing was paid.',
    next: 'Tell the provider.',
  },
  'grant/sealed': {
    message: 'The permission to watch could not be opened by this terminal. Nothing was paid.',
    next: 'Start the programme again.',
  },
  'grant/sequence': {
    message: 'The provider does not give this programme under such keys. Nothing was opened and nothing was paid.',
    next: 'Watch it with its own keys.',
  },
  'grant/suite': {
    message: 'The permission is sealed in a way that this version does not know. Nothing was paid.',
    next: 'Update this page, then try again.',
  },
  'previews/malformed': {
    message: 'The small pictures for this place could not be read, so none are shown. They cost nothing.',
    next: 'Look for the place by its time.',
  },
  'programme/malformed': {
    message: 'The description of this programme is broken or was altered. Nothing was paid.',
    next: 'Go back to the catalogue and open it again.',
  },
  'programme/other-manifest': {
    message: 'The contents list does not belong to this programme. Nothing was paid.',
    next: 'Go back to the catalogue and open it again.',
  },
  'programme/unknown': {
    message: 'This programme is no longer offered. Your receipts for it stay valid.',
    next: 'Choose another one from the catalogue.',
  },
  'sequence/malformed': {
    message: 'The keys given for this programme are not in order, so they were refused. Nothing was paid.',
    next: 'Start the programme again.',
  },
  'sequence/not-covered': {
    message: 'This place is beyond what you have permission to watch so far. Nothing was paid for it.',
    next: 'Start the programme again.',
  },
  'sequence/spent': {
    message: 'This piece was opened before and its key is gone, as agreed for this programme. It is not charged again.',
    next: 'Watch the next piece.',
  },
  'sequence/unknown': {
    message: 'This programme makes its keys in a way that this version does not know. Nothing was paid.',
    next: 'Update this page, then try again.',
  },
  'session/closed': {
    message: 'This viewing has ended and its receipt is in the drawer. Nothing more is charged.',
    next: 'Start the programme again to watch on.',
  },
  'session/exists': {
    message: 'This permission to watch was used before. Nothing is charged twice.',
    next: 'Start the programme again to get a new one.',
  },
  'session/mode': {
    message: 'This viewing was bought for another way of watching, so nothing was opened. Its count is in order.',
    next: 'Close it, and begin one for this way.',
  },
  'session/not-active': {
    message: 'This viewing goes on in another tab. Its count is in order.',
    next: 'Go to that tab, or take the viewing up here.',
  },
  'session/unknown': {
    message: 'There is no such viewing on this terminal. Nothing was changed.',
    next: 'Look in the drawer of receipts.',
  },
};
