// Errors of the encodings and of the cryptographic suites: cbor/*, cose/*, suite/*.
// Rejections by a key say one thing and no more: why a signature or a seal did not hold is not told.

import type { ErrorEntry } from './entry.ts';

/** Rows `cbor/*`, `cose/*`, `suite/*`. */
export const ENCODING_ERRORS = {
  'cbor/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This message is broken and could not be read. Nothing was changed. Fetch it again from where it came from.',
  },
  'cbor/not-deterministic': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This message is written in a form that Farebox does not accept. Nothing was changed. It has to be made again by whoever sent it.',
  },
  'cbor/too-deep': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This message is nested too deeply to be read safely. Nothing was changed. It has to be made again by whoever sent it.',
  },
  'cbor/too-large': {
    severity: 'error',
    httpStatus: 413,
    retry: 'never',
    message:
      'This message is larger than Farebox accepts. Nothing was changed. It has to be made smaller by whoever sent it.',
  },
  'cose/malformed': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This signed message is broken and could not be read. Nothing was changed. Fetch it again from where it came from.',
  },
  'cose/signature': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'The signature on this message does not hold, so it was not used. Nothing was changed. Fetch it again from where it came from.',
  },
  'cose/wrong-type': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This signed message is of another kind than expected here. Nothing was changed. Check which file or message was given.',
  },
  'suite/not-authentic': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'This sealed message could not be opened, so it was not used. Nothing was changed. Fetch it again from where it came from.',
  },
  'suite/weak-key': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'The key offered by the other side is not safe to use. Nothing was sent under it. The other side has to make a new key.',
  },
  'suite/wrong-length': {
    severity: 'error',
    httpStatus: 400,
    retry: 'never',
    message:
      'A key, nonce or output of the wrong length was refused. Nothing was changed. Reload the page; if it happens again, report it.',
  },
} as const satisfies Record<string, ErrorEntry>;
