// The secret of a board's drawer: made from the provider's storage key and the board's id, so that it is stored nowhere and the link can
// be told again. cli/board.ts prints it, http/board-routes.ts asks for it.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { FareboxError } from '../../../src/protocol/errors.ts';
import type { ProgrammeId } from '../../../src/protocol/ids.ts';

/** The token of a board's drawer: 43 characters of base64url. `storageKey` is 32 bytes. */
export function deriveDrawerToken(storageKey: Uint8Array, board: ProgrammeId): string {
  return createHmac('sha256', storageKey).update(`farebox/1 board drawer ${board}`).digest('base64url');
}

/** Compared in constant time. @throws FareboxError `board/link`. */
export function expectDrawer(storageKey: Uint8Array, board: ProgrammeId, token: string): void {
  const right = Buffer.from(deriveDrawerToken(storageKey, board));
  const given = Buffer.from(token);
  if (given.length !== right.length || !timingSafeEqual(given, right)) throw new FareboxError('board/link');
}

/** The address that a drawer opens; the token is in the fragment, which no browser sends to anybody. */
export function drawerLink(terminalOrigin: string, storageKey: Uint8Array, board: ProgrammeId): string {
  return `${terminalOrigin}/board/${board}/draw#${deriveDrawerToken(storageKey, board)}`;
}
