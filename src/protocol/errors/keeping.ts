// Errors about keeping a module: copies and epochs, the lock, the person's consent, backup and restore.
// backup/*, consent/*, lock/*, record/*, restore/*, standing/*, and the rows of module/*, session/* and store/* that belong to them.

import type { ErrorEntry } from './entry.ts';

/** Rows `backup/*`, `consent/*`, `lock/*`, `record/*`, `restore/*`, `standing/*`, and some of `module/*`, `session/*` and `store/*`. */
export const KEEPING_ERRORS = {
  'backup/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message: 'This file is not a Farebox backup, or it is broken. Nothing was changed. Check which file was chosen.',
  },
  'backup/newer-version': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This backup was made by a newer version of Farebox. It is whole, and nothing was changed. Reload the page to get that version, then try again.',
  },
  'backup/no-passkey': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This device has no passkey that can open a backup, so none was made. Nothing was changed, and an older backup still holds. Make one with twelve words alone.',
  },
  'backup/other-module': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'This backup belongs to another Farebox than the one here. Nothing was changed. Choose the file that was made here.',
  },
  'backup/too-large': {
    severity: 'error',
    httpStatus: 413,
    retry: 'never',
    message:
      'There is more here than one backup can hold, so none was made. Nothing was changed, and an older backup still holds. Save your receipts as files.',
  },
  'backup/unknown': {
    severity: 'warning',
    httpStatus: 404,
    retry: 'never',
    message:
      'The provider keeps no backup under these words or this passkey. Nothing was changed. Check which they are, or choose a backup file that you saved yourself.',
  },
  'backup/words': {
    severity: 'warning',
    httpStatus: 400,
    retry: 'new-request',
    message:
      'These are not twelve recovery words, or one of them is misspelt or out of place. Nothing was changed. Compare them with what you wrote down.',
  },
  'backup/wrong-passkey': {
    severity: 'warning',
    httpStatus: 403,
    retry: 'new-request',
    message:
      'This passkey does not open this backup, or the file was altered. Nothing was changed. Use another passkey, or your twelve words.',
  },
  'backup/wrong-words': {
    severity: 'warning',
    httpStatus: 403,
    retry: 'new-request',
    message:
      'These words do not open this backup, or the file was altered. Nothing was changed. Check that words and file belong together.',
  },
  'consent/busy': {
    severity: 'info',
    httpStatus: 409,
    retry: 'after-sync',
    message: 'Farebox is already asking you something. Nothing was done yet. Answer that question first.',
  },
  'consent/covered': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'The question could not be shown whole, so it was not asked. Nothing was done. Make the window larger, close what lies over it, then try again.',
  },
  'consent/refused': {
    severity: 'info',
    httpStatus: 403,
    retry: 'new-request',
    message:
      'You did not agree, so it was not done. Nothing was changed and nothing was paid. Start it again if you meant to agree.',
  },
  'lock/bound-keys': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'The keys of this Farebox were made by an older version and cannot leave this browser, so they can be neither locked nor backed up. They still work. Start anew on the Module page to get keys that can.',
  },
  'lock/no-passkey': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This device has no passkey that can lock Farebox. Nothing was changed, and your lock is as it was. Use a passphrase instead.',
  },
  'lock/none': {
    severity: 'info',
    httpStatus: 409,
    retry: 'never',
    message: 'Farebox has no lock, so it cannot be locked. Nothing was changed. Set a lock on the Module page first.',
  },
  'lock/too-many': {
    severity: 'warning',
    httpStatus: 429,
    retry: 'new-request',
    message: 'That was wrong too many times. Everything inside is safe. Wait a moment, then try again.',
  },
  'lock/wrong': {
    severity: 'warning',
    httpStatus: 403,
    retry: 'new-request',
    message: 'That does not open Farebox. Everything inside is safe. Try again, or use another way to unlock.',
  },
  'module/locked': {
    severity: 'info',
    httpStatus: 403,
    retry: 'after-sync',
    message: 'Farebox is locked. Everything inside is safe. Unlock it to go on.',
  },
  'module/superseded': {
    severity: 'error',
    httpStatus: 409,
    retry: 'after-sync',
    message:
      'This Farebox was restored elsewhere, and the other one goes on in its place. What you watched here is kept, and no money is lost. Go on there, or choose on the Module page to go on with this one.',
  },
  'module/unknown': {
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    message:
      'The provider knows no Farebox with this id. Nothing was changed. Look for the id in the list of modules, or on the Module page.',
  },
  'record/fork': {
    severity: 'error',
    httpStatus: 409,
    retry: 'after-sync',
    message:
      'There are two copies of this Farebox, and both went on from the same state. What each has shown is kept, and nothing was charged twice. Choose on the Module page to go on with this one.',
  },
  'record/regress': {
    severity: 'error',
    httpStatus: 409,
    retry: 'after-sync',
    message:
      'This copy of Farebox is older than one that the provider has met, as after restoring an older profile. Nothing was charged, and what is missing here is safe with the provider. Choose on the Module page to go on with this one.',
  },
  'restore/not-empty': {
    severity: 'error',
    httpStatus: 409,
    retry: 'never',
    message:
      'There is a Farebox in this browser already, so the backup was not put in its place. Nothing was changed. Start anew on the Module page first, if you want to give this one up.',
  },
  'restore/nothing': {
    severity: 'error',
    httpStatus: 404,
    retry: 'never',
    message:
      'There is nothing left in this browser from which Farebox could be brought back. Nothing was changed. Restore a backup, or start anew on the Module page.',
  },
  'session/full': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'This viewing has jumped about more than one receipt can say, so no more is opened in it. What you have seen is counted once and safe. Play goes on in a new viewing.',
  },
  'standing/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'new-request',
    message:
      "The provider's word on this copy of Farebox is broken or was meant for another one, and was not kept. Nothing was changed. Ask the provider again.",
  },
  'standing/needed': {
    severity: 'info',
    httpStatus: 409,
    retry: 'after-sync',
    message:
      'Farebox has to ask the provider first how things stand. Nothing was changed. Connect to the network, then try again.',
  },
  'standing/stale': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'new-request',
    message:
      'This word of the provider is older than what Farebox knows already, so it was not kept. Nothing was changed. Ask the provider again.',
  },
  'store/at-risk': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'after-sync',
    message:
      'This browser may delete what Farebox keeps, and no backup was checked yet, so only little money may be set aside. Nothing was lost. On the Module page, allow lasting storage, or make a backup and check it.',
  },
  'store/replaced': {
    severity: 'warning',
    httpStatus: 409,
    retry: 'after-sync',
    message:
      'In another tab this module was restored or begun anew. What is written down there is safe; nothing was written here. Reload this page.',
  },
} as const satisfies Record<string, ErrorEntry>;
