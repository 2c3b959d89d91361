// The names of sequence functions (docs/protocol.md §7), apart from the functions: a screen that shows a name needs none of them.

import { FareboxError, type FareboxErrorCode } from '../errors.ts';
import { LIMITS } from '../limits.ts';

/** Names of the functions that make the frame keys of a programme. */
export type SequenceName = 'tree' | 'hkdf';

/** Names of the functions that a grant may name: its programme's, or `logistic`, which masks that one's leaves for one session. */
export type SessionSequenceName = SequenceName | 'logistic';

/** Reads the name of one. Throws `code`. */
export function decodeSessionSequenceName(name: string, code: FareboxErrorCode): SessionSequenceName {
  if (name === 'tree' || name === 'hkdf' || name === 'logistic') return name;
  throw new FareboxError(code, { sequence: name });
}

/** Whether a function is kept for the document's sake and is no strong one: to be said wherever its name is shown. Never the default. */
export function isWeakSequence(name: SessionSequenceName): boolean {
  return name === 'logistic';
}

/** What may be chosen for one session in place of its programme's own function. */
export type ChosenSequence = Exclude<SessionSequenceName, SequenceName>;

/**
 * Reads a person's choice for a session of a programme; null for the programme's own function.
 * @throws FareboxError `sequence/unknown` for a name that is none to choose, `sequence/not-covered` where it does not fit: a live programme, or one of more frames than one grant under it may have.
 */
export function decodeSequenceChoice(
  name: string | null,
  programme: { readonly frameCount: number; readonly isLive: boolean },
): ChosenSequence | null {
  if (name === null) return null;
  if (name !== 'logistic') throw new FareboxError('sequence/unknown', { sequence: name });
  if (!mayChooseSequence(programme)) throw new FareboxError('sequence/not-covered', { sequence: name });
  return name;
}

/** Whether there is anything to choose for a session of this programme. */
export function mayChooseSequence(programme: { readonly frameCount: number; readonly isLive: boolean }): boolean {
  return !programme.isLive && programme.frameCount <= LIMITS.logisticFrames;
}

/** Whether the keys of a session come in the order of its frames alone: one that was passed over cannot be opened in this session any more. */
export function runsForwards({ sequence }: { readonly sequence: SessionSequenceName }): boolean {
  return sequence === 'logistic';
}
