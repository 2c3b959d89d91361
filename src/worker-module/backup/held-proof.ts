// What a person gave to look for a backup, kept for the few minutes in which the host fetches the file: nobody is asked twice for one thing. In
// this worker's memory only. Made by the commands of keeping.

import type { Clock } from '../clock.ts';
import { BACKUP_LIMITS } from './backup-limits.ts';
import type { RecoveryProof } from './recovery-proof.ts';

/** A proof between two commands. */
export type HeldProof = {
  /** Takes over the proof, in place of an earlier one. */
  hold(proof: RecoveryProof): void;
  /** A copy, or null. */
  take(): RecoveryProof | null;
  drop(): void;
};

/** Holds nothing yet; drops what it holds after `BACKUP_LIMITS.proofKeptMs`. */
export function makeHeldProof(clock: Clock): HeldProof {
  let kept: RecoveryProof | null = null;
  let cancel: (() => void) | null = null;
  const drop = () => {
    cancel?.();
    cancel = null;
    if (kept !== null) wipeProof(kept);
    kept = null;
  };
  return {
    drop,
    hold: (proof) => {
      drop();
      kept = proof;
      cancel = clock.after(BACKUP_LIMITS.proofKeptMs, drop);
    },
    take: () => (kept?.kind === 'words' ? { kind: 'words', entropy: Uint8Array.from(kept.entropy) } : kept),
  };
}

/** Overwrites the entropy of words. The key of a passkey no script can read; it goes with the last who holds it. */
export function wipeProof(proof: RecoveryProof): void {
  if (proof.kind === 'words') proof.entropy.fill(0);
}
