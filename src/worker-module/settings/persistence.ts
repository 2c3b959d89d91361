// Asks the browser, through the module's window, not to evict this origin's storage, and keeps its answer. Asked for when the person wants
// it; at start the answer is only looked up again, since a browser may change its mind.

import { FareboxError } from '../../protocol/errors.ts';
import type { Core } from '../core.ts';
import { settingsOf } from './settings.ts';

/** Asks for lasting storage; durable on return. Answers whether the browser promised it. @throws FareboxError `consent/busy`. */
export function askPersistence(core: Core): Promise<boolean> {
  return learnPersistence(core, true);
}

/** Looks up what the browser says now, without asking anybody. What cannot be looked up stays as it was. */
export async function refreshPersistence(core: Core): Promise<void> {
  try {
    await learnPersistence(core, false);
  } catch (error) {
    // Another question stands, or storage refuses: the next start looks again. Anything else is a fault.
    if (!(error instanceof FareboxError)) throw error;
  }
}

async function learnPersistence(core: Core, ask: boolean): Promise<boolean> {
  const answer = await core.ask({ kind: 'persist', ask });
  const known = settingsOf(await core.store.meta('settings')).persistent;
  // A window that gives no answer tells nothing new: the next look-up does.
  const persistent = answer.kind === 'persistence' ? answer.persistent : known;
  if (persistent === known) return persistent;
  await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      draft.putMeta({ ...settingsOf(draft.meta('settings')), persistent });
    },
  });
  core.noteChanged('status');
  return persistent;
}
