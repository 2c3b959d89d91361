// What a person reads of the errors in ../keys.ts.

import type { WordsOf } from '../entry.ts';
import type { KEY_ERRORS } from '../keys.ts';

/** Words of `KEY_ERRORS`, a row for each of its rows. */
export const KEY_WORDS: WordsOf<typeof KEY_ERRORS> = {
  'keys/altered': {
    message:
      'What is kept here of downloaded keys was changed from outside, so it is not used. Receipts and money are safe.',
    next: 'Choose “Fetch the keys anew” on the Module page.',
  },
  'keys/busy': {
    message: 'Another run is working on these answers at this moment, so this one was not begun. Nothing was changed.',
    next: 'Wait until it has ended, or stop it.',
  },
  'keys/certificate': {
    message:
      'This key was made for another terminal or another request, or was changed on its way, so it was not opened. The keys you have are as they were.',
    next: 'Ask for it again.',
  },
  'keys/contact': {
    message:
      'The provider wants this terminal to show itself by its signature this time. Nothing was paid and nothing was changed.',
    next: 'Nothing needs doing: the terminal comes again by itself.',
  },
  'keys/data': {
    message: 'This key came whole but does not open, so nothing was kept of it. The keys you have are as they were.',
    next: 'Tell the provider.',
  },
  'keys/exists': {
    message: 'There is one of this name already. It is unchanged.',
    next: 'Choose another name, or a new version of it.',
  },
  'keys/expired-card': {
    message: 'This card’s time is over, so it was not taken. Nothing was kept of it.',
    next: 'Check the date on the card, or use another one.',
  },
  'keys/malformed': {
    message:
      'What was said of a key is broken or has another form than it must have, so it was not used. The keys you have are as they were.',
    next: 'Ask for it again.',
  },
  'keys/no-such-key': {
    message: 'The provider has no key of this name for this terminal. Nothing was changed.',
    next: 'Check the name.',
  },
  'keys/old-reference': {
    message: 'This key is older than the one that is kept here, so it was refused. The newer one stays.',
    next: 'Nothing needs doing.',
  },
  'keys/other-unit': {
    message: 'The provider keeps this terminal in another set, so it gave no key. Nothing was changed.',
    next: 'Check the list of terminals.',
  },
  'keys/pin': {
    message: 'This key is chosen by a PIN, so it is not kept without one. The keys you have are as they were.',
    next: 'Choose a PIN for it.',
  },
  'keys/refused': {
    message: 'The provider did not recognise this. Nothing was paid and nothing was opened.',
    next: 'Check what you typed, then try again.',
  },
  'keys/replayed': {
    message:
      'This key answers a request that was never made here or was answered before, so it was refused. The keys you have are as they were.',
    next: 'Ask for it again.',
  },
  'keys/retired': {
    message: 'The provider has changed what was agreed on keys. Nothing is lost.',
    next: 'The new agreement comes with the next contact.',
  },
  'keys/signature': {
    message:
      'The provider’s own word on this key does not fit the key, so it was not kept. The keys you have are as they were.',
    next: 'Tell the provider.',
  },
  'keys/too-many': {
    message: 'Too many PINs were tried, so this one was not looked at. Everything is safe.',
    next: 'Try again later; the tries of a day count.',
  },
  'keys/too-often': {
    message: 'Keys were agreed anew too often today, so it was not done again. Everything is safe.',
    next: 'Nothing needs doing: it comes by itself tomorrow.',
  },
  'keys/unknown-set': {
    message: 'There is no set of terminals of this name. Nothing was changed.',
    next: 'List the sets to see their names.',
  },
  'keys/unknown-slot': {
    message: 'This terminal did not ask for this key, so it was refused. The keys you have are as they were.',
    next: 'Nothing needs doing.',
  },
  'keys/unknown-unit': {
    message: 'The provider has not taken this terminal into any set, so it gave no key. Nothing was changed.',
    next: 'Ask the provider to add it.',
  },
};
