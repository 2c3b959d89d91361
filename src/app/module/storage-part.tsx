// How safe the module's storage is from the browser itself: in words, how much of it is used, what would be lost, and the limit that holds until
// it is safe.

import { useState } from 'react';
import { errorWords } from '../../protocol/error-words.ts';
import type { ModuleStatus } from '../../worker-module/commands.ts';
import type { ModuleRoom } from '../state/module-room.ts';
import type { Drawer } from '../state/terminal.ts';
import { Button } from '../ui/button.tsx';
import { RoomUsed } from '../ui/share-bar.tsx';
import { useIntent } from '../ui/use-intent.ts';
import { Actions, Part, Say } from './part.tsx';
import { STORAGE_ERRORS } from './status-errors.ts';
import styles from './storage-part.module.css';
import { formatAny, isAtRisk, sayStorage } from './words.ts';

/** `drawer` is null while it is not read; `currency` the one that amounts are in, where there is one. */
export function StoragePart({
  status,
  room,
  drawer,
  currency,
}: {
  readonly status: ModuleStatus;
  readonly room: ModuleRoom;
  readonly drawer: Drawer | null;
  readonly currency: string | null;
}) {
  const intent = useIntent();
  const [refused, setRefused] = useState(false);
  const error = STORAGE_ERRORS[status.storage];
  const { persistent, usageBytes, quotaBytes, unsafeLimitMinor } = status.safety;
  return (
    <Part name="storage" title="Storage" said={sayStorage(status)}>
      <Say>
        {error !== null
          ? errorWords(error)
          : persistent
            ? 'The browser has promised to keep what the module has until you remove it yourself.'
            : 'The browser has not promised to keep what the module has: short of room, it may clear it.'}
      </Say>
      {usageBytes !== null && quotaBytes !== null ? (
        <RoomUsed usedBytes={usageBytes} allowedBytes={quotaBytes} />
      ) : null}
      {isAtRisk(status) && status.moduleId !== null ? (
        <Say quiet>
          {drawer === null ? '' : `${whatIsAtRisk(drawer)} `}
          Until the browser promises, or a backup was checked, open sessions may hold no more than{' '}
          <span className={styles.figure}>{formatAny(unsafeLimitMinor, currency)}</span>.
        </Say>
      ) : null}
      {persistent ? null : (
        <Actions
          intent={intent}
          done={
            refused
              ? 'The browser did not promise it. Browsers decide by how often you come; installing Farebox helps. A backup that was checked does as well.'
              : null
          }
        >
          <Button
            disabled={intent.busy !== null}
            onClick={() => intent.start('persist', room.askPersistence, (kept) => setRefused(!kept))}
          >
            Ask the browser to keep it
          </Button>
        </Actions>
      )}
    </Part>
  );
}

function whatIsAtRisk({ receipts, open }: Drawer): string {
  const waiting = receipts.filter(({ state }) => state === 'durable').length;
  const parts = [
    'who you are to the provider',
    ...(open.length > 0 ? [open.length === 1 ? 'one open session' : `${open.length} open sessions`] : []),
    ...(waiting > 0 ? [waiting === 1 ? 'one receipt without an answer' : `${waiting} receipts without an answer`] : []),
  ];
  const last = parts.pop() ?? '';
  return `At risk: ${parts.length === 0 ? last : `${parts.join(', ')} and ${last}`}.`;
}
