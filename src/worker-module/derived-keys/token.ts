// The token of fig. 2 as a host brings it (docs/protocol.md §24): what is looked at before anything is written, asked or derived. The module
// cannot tell whether a token is the provider's; that is the provider's own business, and a tag for another token opens nothing.

import { TOKEN_LENGTH_BYTES } from '../../protocol/derived-keys/dea.ts';
import { decodeTicket } from '../../protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { TokenGiven } from '../commands.ts';
import type { Core } from '../core.ts';
import { expectCertified } from '../keys/keyring-duties.ts';

/**
 * Checks that ticket and token have their form, are of this module, go together with what the host says of them, and are not over: until 5
 * minutes after the ticket's time by this module's clock, which may be ahead. `counter` where the contact has one.
 * @throws FareboxError `enrolment/needed`, `keys/malformed`, `challenge/expired`.
 */
export async function expectToken(core: Core, given: TokenGiven & { readonly counter?: number }): Promise<void> {
  const { moduleId } = await expectCertified(core);
  const ticket = decodeTicket(given.ticket);
  const isWhole = given.token.length === TOKEN_LENGTH_BYTES && ticket.index === given.index;
  const isPlaced = given.counter === undefined || given.counter === ticket.counter;
  if (ticket.module !== moduleId || !isWhole || !isPlaced)
    throw new FareboxError('keys/malformed', { expected: 'token' });
  if (core.clock.now() >= ticket.expires + LIMITS.clockToleranceMs) throw new FareboxError('challenge/expired');
}
