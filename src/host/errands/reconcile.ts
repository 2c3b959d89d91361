// After a loss or a copy, docs/protocol.md §14: has the provider say where this module stands, and brings home the papers of sessions
// that it has and this copy lacks. Loaded when it is needed. What is missing is worked out anew each time, so it can be cut anywhere.

import { LIMITS } from '../../protocol/limits.ts';
import type { Standing } from '../../worker-module/commands.ts';
import { HOST_LIMITS } from '../limits.ts';
import type { Contact } from './contact.ts';
import type { RelayParts } from './parts.ts';

/** What the module made of the provider's word. */
export type StandingKept = { readonly standing: Standing; readonly missing: readonly string[] };

/** Asks where the module stands; the answer is kept by the module. */
export async function learnStanding(
  { module, provider }: Pick<RelayParts, 'module' | 'provider'>,
  contact: Contact,
  moduleId: string,
  signal: AbortSignal,
): Promise<StandingKept> {
  const answer = await contact(moduleId, signal, (contacted) => provider.standing(contacted));
  return module.call('acceptStanding', answer);
}

/** Learns the standing and, where this copy is the good one, fetches what it lacks. Returns the standing. */
export async function reconcile(
  parts: Pick<RelayParts, 'module' | 'provider'>,
  contact: Contact,
  moduleId: string,
  signal: AbortSignal,
): Promise<Standing> {
  for (let rounds = 1; ; rounds += 1) {
    const { standing, missing } = await learnStanding(parts, contact, moduleId, signal);
    // A copy that is refused gets no papers: the person chooses first.
    if (standing !== 'good' || missing.length === 0 || rounds === HOST_LIMITS.reconcileRounds) return standing;
    const kept = await fetchPapers(parts, contact, moduleId, missing, signal);
    // A provider that has nothing more of what it named would be asked for ever.
    if (kept === 0) return standing;
  }
}

async function fetchPapers(
  { module, provider }: Pick<RelayParts, 'module' | 'provider'>,
  contact: Contact,
  moduleId: string,
  missing: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  let kept = 0;
  for (let at = 0; at < missing.length; at += LIMITS.papers) {
    const sessions = missing.slice(at, at + LIMITS.papers);
    const { receiptFiles } = await contact(moduleId, signal, (contacted) =>
      provider.papers({ ...contacted, sessions }),
    );
    if (receiptFiles.length > 0) kept += (await module.call('acceptPapers', { receiptFiles })).kept;
  }
  return kept;
}
