// What a person reads of the errors in ../keeping.ts.

import type { WordsOf } from '../entry.ts';
import type { KEEPING_ERRORS } from '../keeping.ts';

/** Words of `KEEPING_ERRORS`, a row for each of its rows. */
export const KEEPING_WORDS: WordsOf<typeof KEEPING_ERRORS> = {
  'backup/malformed': {
    message: 'This file is not a Farebox backup, or it is broken. Nothing was changed.',
    next: 'Check which file was chosen.',
  },
  'backup/newer-version': {
    message: 'This backup was made by a newer version of Farebox. It is whole, and nothing was changed.',
    next: 'Reload the page to get that version, then try again.',
  },
  'backup/no-passkey': {
    message:
      'This device has no passkey that can open a backup, so none was made. Nothing was changed, and an older backup still holds.',
    next: 'Make one with twelve words alone.',
  },
  'backup/other-module': {
    message: 'This backup belongs to another Farebox than the one here. Nothing was changed.',
    next: 'Choose the file that was made here.',
  },
  'backup/too-large': {
    message:
      'There is more here than one backup can hold, so none was made. Nothing was changed, and an older backup still holds.',
    next: 'Save your receipts as files.',
  },
  'backup/unknown': {
    message: 'The provider keeps no backup under these words or this passkey. Nothing was changed.',
    next: 'Check which they are, or choose a backup file that you saved yourself.',
  },
  'backup/words': {
    message: 'These are not twelve recovery words, or one of them is misspelt or out of place. Nothing was changed.',
    next: 'Compare them with what you wrote down.',
  },
  'backup/wrong-passkey': {
    message: 'This passkey does not open this backup, or the file was altered. Nothing was changed.',
    next: 'Use another passkey, or your twelve words.',
  },
  'backup/wrong-words': {
    message: 'These words do not open this backup, or the file was altered. Nothing was changed.',
    next: 'Check that words and file belong together.',
  },
  'consent/busy': {
    message: 'Farebox is already asking you something. Nothing was done yet.',
    next: 'Answer that question first.',
  },
  'consent/covered': {
    message: 'The question could not be shown whole, so it was not asked. Nothing was done.',
    next: 'Make the window larger, close what lies over it, then try again.',
  },
  'consent/refused': {
    message: 'You did not agree, so it was not done. Nothing was changed and nothing was paid.',
    next: 'Start it again if you meant to agree.',
  },
  'lock/bound-keys': {
    message:
      'The keys of this Farebox were made by an older version and cannot leave this browser, so they can be neither locked nor backed up. They still work.',
    next: 'Start anew on the Module page to get keys that can.',
  },
  'lock/no-passkey': {
    message: 'This device has no passkey that can lock Farebox. Nothing was changed, and your lock is as it was.',
    next: 'Use a passphrase instead.',
  },
  'lock/none': {
    message: 'Farebox has no lock, so it cannot be locked. Nothing was changed.',
    next: 'Set a lock on the Module page first.',
  },
  'lock/too-many': {
    message: 'That was wrong too many times. Everything inside is safe.',
    next: 'Wait a moment, then try again.',
  },
  'lock/wrong': {
    message: 'That does not open Farebox. Everything inside is safe.',
    next: 'Try again, or use another way to unlock.',
  },
  'module/locked': { message: 'Farebox is locked. Everything inside is safe.', next: 'Unlock it to go on.' },
  'module/superseded': {
    message:
      'This Farebox was restored elsewhere, and the other one goes on in its place. What you watched here is kept, and no money is lost.',
    next: 'Go on there, or choose on the Module page to go on with this one.',
  },
  'module/unknown': {
    message: 'The provider knows no Farebox with this id. Nothing was changed.',
    next: 'Look for the id in the list of modules, or on the Module page.',
  },
  'record/fork': {
    message:
      'There are two copies of this Farebox, and both went on from the same state. What each has shown is kept, and nothing was charged twice.',
    next: 'Choose on the Module page to go on with this one.',
  },
  'record/regress': {
    message:
      'This copy of Farebox is older than one that the provider has met, as after restoring an older profile. Nothing was charged, and what is missing here is safe with the provider.',
    next: 'Choose on the Module page to go on with this one.',
  },
  'restore/not-empty': {
    message: 'There is a Farebox in this browser already, so the backup was not put in its place. Nothing was changed.',
    next: 'Start anew on the Module page first, if you want to give this one up.',
  },
  'restore/nothing': {
    message: 'There is nothing left in this browser from which Farebox could be brought back. Nothing was changed.',
    next: 'Restore a backup, or start anew on the Module page.',
  },
  'session/full': {
    message:
      'This viewing has jumped about more than one receipt can say, so no more is opened in it. What you have seen is counted once and safe.',
    next: 'Nothing needs doing.',
  },
  'standing/malformed': {
    message:
      "The provider's word on this copy of Farebox is broken or was meant for another one, and was not kept. Nothing was changed.",
    next: 'Ask the provider again.',
  },
  'standing/needed': {
    message: 'Farebox has to ask the provider first how things stand. Nothing was changed.',
    next: 'Connect to the network, then try again.',
  },
  'standing/stale': {
    message:
      'This word of the provider is older than what Farebox knows already, so it was not kept. Nothing was changed.',
    next: 'Ask the provider again.',
  },
  'store/at-risk': {
    message:
      'This browser may delete what Farebox keeps, and no backup was checked yet, so only little money may be set aside. Nothing was lost.',
    next: 'On the Module page, allow lasting storage, or make a backup and check it.',
  },
  'store/replaced': {
    message:
      'In another tab this module was restored or begun anew. What is written down there is safe; nothing was written here.',
    next: 'Reload this page.',
  },
};
