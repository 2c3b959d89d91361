// What a person types for a token, and what became of it where they took longer than a token is good for (docs/protocol.md §24). It waits, in
// memory alone and for a minute, for the token that the host fetches next: nobody types a card twice because it took them a while to find it.
// Kept for the same purpose at the same provider, for one use; gone with the core, so when the module locks.

import { FareboxError } from '../../protocol/errors.ts';
import type { Core, ModuleKeys } from '../core.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../frame-messages.ts';
import { MODULE_LIMITS } from '../limits.ts';

type Waiting = { readonly bytes: Uint8Array; cancel(): void };

const waiting = new WeakMap<ModuleKeys, Map<string, Waiting>>();

/**
 * What the person types, or typed a moment ago for a token that was over by then; the caller overwrites it. `name`: for what and for whom;
 * `since`: when the host came with the token, ms. @throws FareboxError `challenge/expired` where this token is too old by now: the host comes
 * again with the next one, and the person is not asked again; and what `type` throws.
 */
export async function typedInTime(
  core: Pick<Core, 'keys' | 'clock'>,
  { name, since, type }: { readonly name: string; readonly since: number; readonly type: () => Promise<Uint8Array> },
): Promise<Uint8Array> {
  const bytes = takeWaiting(core, name) ?? (await type());
  if (core.clock.now() - since <= MODULE_LIMITS.tokenFreshMs) return bytes;
  keepWaiting(core, name, bytes);
  throw new FareboxError('challenge/expired');
}

function takeWaiting({ keys }: Pick<Core, 'keys'>, name: string): Uint8Array | null {
  const found = waiting.get(keys)?.get(name);
  if (found === undefined) return null;
  found.cancel();
  waiting.get(keys)?.delete(name);
  return found.bytes;
}

function keepWaiting({ keys, clock }: Pick<Core, 'keys' | 'clock'>, name: string, bytes: Uint8Array): void {
  const kept = waiting.get(keys) ?? new Map<string, Waiting>();
  waiting.set(keys, kept);
  const cancel = clock.after(MODULE_LIMITS.typedKeptMs, () => {
    kept.delete(name);
    bytes.fill(0);
  });
  kept.set(name, { bytes, cancel });
}

/** The answer of this kind to a question. @throws FareboxError `consent/refused`, `consent/covered`, `consent/busy`. */
export async function expectAnswer<Kind extends SurfaceAnswer['kind']>(
  core: Pick<Core, 'ask'>,
  question: SurfaceQuestion,
  kind: Kind,
): Promise<Extract<SurfaceAnswer, { kind: Kind }>> {
  const answer = await core.ask(question);
  if (isOfKind(answer, kind)) return answer;
  throw new FareboxError(answer.kind === 'covered' ? 'consent/covered' : 'consent/refused');
}

function isOfKind<Kind extends SurfaceAnswer['kind']>(
  answer: SurfaceAnswer,
  kind: Kind,
): answer is Extract<SurfaceAnswer, { kind: Kind }> {
  return answer.kind === kind;
}
