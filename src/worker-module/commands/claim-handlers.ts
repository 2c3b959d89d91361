// The commands of claims: each decodes its own argument and asks claims/. Called through commands/handlers.ts.

import { commitClaimAnswer } from '../claims/accept-claim-answer.ts';
import { commitClaim } from '../claims/make-claim.ts';
import { bytesField, expectFields, sessionField } from '../gate/arguments.ts';
import type { CommandHandlers } from '../gate/command-table.ts';
import { readReceiptFile } from '../receipts/receipt-drawer.ts';
import { type CommandParts, expectWritable } from './command-parts.ts';

/** The implementations behind the command table. */
export function makeClaimHandlers(parts: CommandParts): Pick<CommandHandlers, 'makeClaim' | 'acceptClaimAnswer'> {
  return {
    makeClaim: async (argument) => {
      expectFields(argument, ['session']);
      const session = sessionField(argument);
      const { core } = expectWritable(parts);
      const claim = await commitClaim(core, session);
      core.noteChanged('receipts');
      return { claim, receiptFile: await readReceiptFile(core, session) };
    },
    acceptClaimAnswer: async (argument) => {
      expectFields(argument, ['session', 'answer']);
      const session = sessionField(argument);
      const answer = bytesField(argument, 'answer');
      const { core } = expectWritable(parts);
      const view = await commitClaimAnswer(core, session, answer);
      core.noteChanged('receipts');
      return view;
    },
  };
}
