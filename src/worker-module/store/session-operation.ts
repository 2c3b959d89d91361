// What a session's state means to a person, as the operation row that is written with it. Called by record/seal-commit.ts and migrate-v1.ts, so
// that no duty can move a session and forget to say so.

import type { SessionId } from '../../protocol/ids.ts';
import { type OperationRow, type OperationStatus, ROW_VERSION, type SessionRowState } from './rows.ts';

const STATUS: Readonly<Record<SessionRowState, OperationStatus>> = {
  open: 'working',
  closing: 'working',
  // Its receipt waits for the provider's answer.
  closed: 'waiting',
  accepted: 'done',
  refused: 'failed',
};

/** The operation row of a session that came to `state` at `changedTime` (ms since 1970). */
export function sessionOperation(session: SessionId, state: SessionRowState, changedTime: number): OperationRow {
  return {
    name: `session/${session}`,
    version: ROW_VERSION,
    kind: 'session',
    status: STATUS[state],
    code: state === 'refused' ? 'receipt/refused' : null,
    session,
    changedTime,
  };
}
