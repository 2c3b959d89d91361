// Errors on the way of a frame: programme/*, grant/*, session/*, sequence/*, frame/*, captions/*, previews/*, credit/*.

import type { ErrorEntry } from './entry.ts';

/** Rows `captions/*`, `credit/*`, `frame/*`, `grant/*`, `previews/*`, `programme/*`, `sequence/*`, `session/*`. */
export const PLAYING_ERRORS = {
  'captions/malformed': {
    severity: 'warning',
    httpStatus: 400,
    retry: 'never',
    message:
      'The captions of this piece could not be read, so they are not shown. Picture and sound go on. Choose other captions if it lasts.',
  },
  'credit/exhausted': {
    severity: 'warning',
    httpStatus: 402,
    retry: 'after-sync',
    message:
      'Your credit does not cover another frame. What you watched is kept and receipted. Add credit, then go on from here.',
  },
  'frame/cut': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'A piece of the programme arrived incomplete and was not shown. You do not pay for it. It is fetched again.',
  },
  'frame/interrupted': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message: 'The page was closed before this piece could be shown. You do not pay for it. Play on to see it.',
  },
  'frame/not-wanted': {
    severity: 'info',
    httpStatus: 409,
    retry: 'never',
    message:
      'This piece of the programme is not needed at this place, so it was put aside. You do not pay for it. Nothing needs doing.',
  },
  'frame/tampered': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'A piece of the programme was altered on its way and was not shown. You do not pay for it. It is fetched again.',
  },
  'frame/too-large': {
    severity: 'error',
    httpStatus: 413,
    retry: 'never',
    message:
      'A piece of the programme is larger than this terminal accepts. You do not pay for it. Choose a lower quality.',
  },
  'frame/undecodable': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'A piece of the programme could not be turned into picture and sound. You do not pay for it. Try another quality.',
  },
  'frame/unknown-part': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'The programme has no such picture or sound track. You do not pay for it. Choose another quality.',
  },
  'frame/withheld': {
    severity: 'info',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'This piece was made ready but never shown, because you moved on or stopped. You do not pay for it. Nothing needs doing.',
  },
  'frame/wrong-key': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'The provider gave a wrong key for this piece of the programme. You do not pay for it, and the proof is kept. Stop here and tell the provider.',
  },
  'grant/coverage': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'The permission to watch does not hold what it says it holds, so it was refused. Nothing was paid. Start the programme again.',
  },
  'grant/expired': {
    severity: 'warning',
    httpStatus: 403,
    retry: 'new-request',
    message:
      'The permission to watch has run out. What you watched is kept and receipted. Start the programme again to go on.',
  },
  'grant/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'The permission to watch is broken or was altered, so it was refused. Nothing was paid. Start the programme again.',
  },
  'grant/mode': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This programme does not offer that way of watching. Nothing was opened and nothing was paid. Watch it in another way.',
  },
  'grant/not-covered': {
    severity: 'info',
    httpStatus: 403,
    retry: 'after-sync',
    message:
      'This place is beyond what you have permission to watch so far. Nothing was paid for it. A new permission is asked for.',
  },
  'grant/other-module': {
    severity: 'error',
    httpStatus: 403,
    retry: 'never',
    message:
      'This permission to watch was given to another terminal. Nothing was paid. Start the programme again on this one.',
  },
  'grant/other-programme': {
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'This permission is for another programme, or for an older edition of it. Nothing was paid. Start the programme again.',
  },
  'grant/price': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'The price in the permission is not the price of the programme, so it was refused. Nothing was paid. Tell the provider.',
  },
  'grant/sealed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'The permission to watch could not be opened by this terminal. Nothing was paid. Start the programme again.',
  },
  'grant/suite': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'The permission is sealed in a way that this version does not know. Nothing was paid. Update this page, then try again.',
  },
  'previews/malformed': {
    severity: 'warning',
    httpStatus: 400,
    retry: 'never',
    message:
      'The small pictures for this place could not be read, so none are shown. Playing is not touched. Look for the place by its time.',
  },
  'programme/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'The description of this programme is broken or was altered. Nothing was paid. Go back to the catalogue and open it again.',
  },
  'programme/other-manifest': {
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'The contents list does not belong to this programme. Nothing was paid. Go back to the catalogue and open it again.',
  },
  'programme/unknown': {
    severity: 'error',
    httpStatus: 404,
    retry: 'after-sync',
    message:
      'This programme is no longer offered. Your receipts for it stay valid. Choose another one from the catalogue.',
  },
  'sequence/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'The keys given for this programme are not in order, so they were refused. Nothing was paid. Start the programme again.',
  },
  'sequence/not-covered': {
    severity: 'warning',
    httpStatus: 403,
    retry: 'after-sync',
    message:
      'This place is beyond what you have permission to watch so far. Nothing was paid for it. A new permission is asked for.',
  },
  'sequence/spent': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'never',
    message:
      'This piece was opened before and its key is gone, as agreed for this programme. It is not charged again. Play on from the next piece.',
  },
  'sequence/unknown': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This programme makes its keys in a way that this version does not know. Nothing was paid. Update this page, then try again.',
  },
  'session/closed': {
    severity: 'info',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'This viewing has ended and its receipt is in the drawer. Nothing more is charged. Start the programme again to watch on.',
  },
  'session/exists': {
    severity: 'error',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'This permission to watch was used before. Nothing is charged twice. Start the programme again to get a new one.',
  },
  'session/mode': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'This viewing was bought for another way of watching, so nothing was opened. Its count is in order. Close it, and begin one for this way.',
  },
  'session/not-active': {
    severity: 'info',
    httpStatus: 409,
    retry: 'after-sync',
    message: 'This viewing goes on in another tab. Its count is in order. Go to that tab, or take the viewing up here.',
  },
  'session/unknown': {
    severity: 'error',
    httpStatus: 404,
    retry: 'after-sync',
    message: 'There is no such viewing on this terminal. Nothing was changed. Look in the drawer of receipts.',
  },
} as const satisfies Record<string, ErrorEntry>;
