// What the module has begun and not brought to an end, as the screens show it, from the status index. Called by commands/; the rows are
// written with the commits that change the thing itself, so that none can say another state than the thing has.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { OperationView } from '../commands.ts';
import type { Core } from '../core.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { type OperationRow, type OperationStatus, ROW_VERSION } from '../store/rows.ts';

/** What is listed: all that is not done. */
const LISTED: readonly OperationStatus[] = ['needs-you', 'working', 'waiting', 'failed'];

/** The row of the module's way to a new epoch. */
export function epochRow(status: OperationStatus, code: FareboxErrorCode | null, changedTime: number): OperationRow {
  return { name: 'epoch', version: ROW_VERSION, kind: 'epoch', status, code, session: null, changedTime };
}

/** Newest change first, at most MODULE_LIMITS.listedOperations. */
export async function listOperations(core: Pick<Core, 'store'>): Promise<readonly OperationView[]> {
  const read = LISTED.map((status) => core.store.operations(status, MODULE_LIMITS.listedSessions));
  const rows = (await Promise.all(read)).flat();
  rows.sort((left, right) => right.changedTime - left.changedTime);
  return rows.slice(0, MODULE_LIMITS.listedOperations).map(viewOperation);
}

function viewOperation({ name, kind, status, code, session, changedTime }: OperationRow): OperationView {
  return { name, kind, status, code, session, changedTime };
}
