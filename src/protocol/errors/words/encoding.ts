// What a person reads of the errors in ../encoding.ts.

import type { ENCODING_ERRORS } from '../encoding.ts';
import type { WordsOf } from '../entry.ts';

/** Words of `ENCODING_ERRORS`, a row for each of its rows. */
export const ENCODING_WORDS: WordsOf<typeof ENCODING_ERRORS> = {
  'cbor/malformed': {
    message: 'This message is broken and could not be read. Nothing was changed.',
    next: 'Fetch it again from where it came from.',
  },
  'cbor/not-deterministic': {
    message: 'This message is written in a form that Farebox does not accept. Nothing was changed.',
    next: 'It has to be made again by whoever sent it.',
  },
  'cbor/too-deep': {
    message: 'This message is nested too deeply to be read safely. Nothing was changed.',
    next: 'It has to be made again by whoever sent it.',
  },
  'cbor/too-large': {
    message: 'This message is larger than Farebox accepts. Nothing was changed.',
    next: 'It has to be made smaller by whoever sent it.',
  },
  'cose/malformed': {
    message: 'This signed message is broken and could not be read. Nothing was changed.',
    next: 'Fetch it again from where it came from.',
  },
  'cose/signature': {
    message: 'The signature on this message does not hold, so it was not used. Nothing was changed.',
    next: 'Fetch it again from where it came from.',
  },
  'cose/wrong-type': {
    message: 'This signed message is of another kind than expected here. Nothing was changed.',
    next: 'Check which file or message was given.',
  },
  'suite/not-authentic': {
    message: 'This sealed message could not be opened, so it was not used. Nothing was changed.',
    next: 'Fetch it again from where it came from.',
  },
  'suite/weak-key': {
    message: 'The key offered by the other side is not safe to use. Nothing was sent under it.',
    next: 'The other side has to make a new key.',
  },
  'suite/wrong-length': {
    message: 'A key, nonce or output of the wrong length was refused. Nothing was changed.',
    next: 'Reload the page; if it happens again, report it.',
  },
};
