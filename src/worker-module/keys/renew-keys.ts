// The way back from a row of downloaded keys that was altered (docs/protocol.md §16): the person says yes on the module's own surface, the row is set
// aside, and the host then joins and downloads as a new module does. Called by the command `renewKeys`.

import type { Core } from '../core.ts';
import { expectApproved } from '../settings/approval.ts';
import { isKeyringAltered, setAsideKeyring } from './keyring.ts';

/**
 * Asks, then sets an altered row aside; durable on return, its entry in the record and the checkpoint included. Where the row is sound it asks
 * nothing and changes nothing: no page can have good keys thrown away. @throws FareboxError `consent/*`, `store/*`.
 */
export async function renewKeys(core: Core): Promise<void> {
  if (!(await isKeyringAltered(core))) return;
  await expectApproved(core, {
    title: 'Fetch your keys anew?',
    amount: null,
    party: null,
    lines: [
      'What this module kept of its downloaded keys was changed from outside. It uses none of it.',
      'It is removed for good, and the record says so. Your receipts and your money are not touched.',
      'You choose your PINs anew. A card that a provider has stays with it; any other is typed anew.',
    ],
    yes: 'Fetch anew',
    grave: true,
  });
  await setAsideKeyring(core);
  await core.checkpointer.flush();
}
