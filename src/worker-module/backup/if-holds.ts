// Looking at something that may have been altered, without being thrown off by it. Called by backup/ where a thing that does not hold is named
// and left out, and the rest goes on.

import { FareboxError } from '../../protocol/errors.ts';

/** What `read` gives, or null where it finds something altered. What is not about the thing itself is thrown on: a store that refuses, a bug. */
export async function ifHolds<Value>(read: () => Promise<Value>): Promise<Value | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof FareboxError) || error.code.startsWith('module/')) throw error;
    if (error.code.startsWith('store/') && error.code !== 'store/altered') throw error;
    return null;
  }
}
