// Keys between tabs of one module, so that a person unlocks once: a tab that opens locked asks those that are open, and they answer. Made by
// keeper.ts. Only CryptoKeys travel, over the channel of the module's own origin; what arrives is tried on the store before it is believed.

import { toHex } from '../../protocol/bytes.ts';
import type { ModuleKeys, Surroundings } from '../core.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { Hint, Hints } from '../store/hints.ts';
import { type Locks, tabLockName } from '../store/locks.ts';

/** The exchange. */
export type TabKeys = {
  /** Keys of another tab; null where none is open, or none answers in time. */
  ask(): Promise<ModuleKeys | null>;
  /** Takes the two hints that belong here. `present`: the keys of this tab, or null where it has none to give. */
  hear(hint: Extract<Hint, { kind: 'keys-wanted' | 'keys' }>, present: ModuleKeys | null): void;
};

const ASKER_BYTES = 16;

/** Makes the exchange of one tab. */
export function makeTabKeys(
  { clock, random }: Pick<Surroundings, 'clock' | 'random'>,
  hints: Hints,
  locks: Locks,
): TabKeys {
  let wanted: { readonly asker: string; take(keys: ModuleKeys): void } | null = null;
  return {
    ask: async () => {
      // Only a tab that is open holds a sign of life: without one there is nobody to wait for.
      const held = await locks.heldNames();
      if (![...held].some((name) => name.startsWith(tabLockName('')))) return null;
      const asker = toHex(random(ASKER_BYTES));
      const answer = Promise.withResolvers<ModuleKeys | null>();
      const cancel = clock.after(MODULE_LIMITS.keysFromTabMs, () => answer.resolve(null));
      wanted = { asker, take: answer.resolve };
      hints.announce({ kind: 'keys-wanted', asker });
      const keys = await answer.promise;
      wanted = null;
      cancel();
      return keys;
    },
    hear: (hint, present) => {
      if (hint.kind === 'keys') {
        if (wanted?.asker === hint.asker) wanted.take(hint.keys);
      } else if (present !== null) {
        hints.announce({ kind: 'keys', asker: hint.asker, keys: present });
      }
    },
  };
}
