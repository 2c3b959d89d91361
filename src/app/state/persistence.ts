// When the browser is asked to keep the module's storage: not at first sight, when there is nothing to lose and a person has no reason to say yes, but
// once, by itself, after the first receipt was accepted. Afterwards only the button on the Module page asks.

import type { ReceiptView } from '../../worker-module/commands.ts';
import type { TerminalPorts } from './ports.ts';

const NOTE = 'persistence-asked';

/** Whether it was asked by itself in this browser. */
export function wasPersistenceAsked({ notes }: Pick<TerminalPorts, 'notes'>): boolean {
  return notes.read(NOTE) !== null;
}

/** Asks where the moment has come; answers whether it did. A module that cannot ask now is asked after the next receipt. */
export async function askPersistenceOnce(
  { module, notes }: Pick<TerminalPorts, 'module' | 'notes'>,
  receipts: readonly ReceiptView[],
): Promise<boolean> {
  if (notes.read(NOTE) !== null || !receipts.some(({ state }) => state === 'accepted')) return false;
  const { safety } = await module.call('status', {});
  if (!safety.persistent) await module.call('askPersistence', {});
  notes.write(NOTE, 'yes');
  return true;
}
