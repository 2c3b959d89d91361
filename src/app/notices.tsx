// Notices above every screen: no line, a module that did not start or cannot write, a new version that waits. Each says what is
// safe and offers what can be done.

import { ERRORS, type FareboxErrorCode } from '../protocol/errors.ts';
import { STORAGE_ERRORS } from './module/storage-errors.ts';
import styles from './notices.module.css';
import { activateNewVersion, newVersionWaits } from './service-worker.ts';
import { useStore, useTerminal } from './terminal-context.tsx';
import { Button } from './ui/button.tsx';
import { Icon } from './ui/icons.tsx';

/** The notices that hold now; nothing when all is well. */
export function Notices() {
  const { online, moduleLife, moduleStatus } = useTerminal();
  const hasLine = useStore(online);
  const life = useStore(moduleLife);
  const status = useStore(moduleStatus);
  const waits = useStore(newVersionWaits);
  const storage = 'value' in status ? STORAGE_ERRORS[status.value.storage] : null;
  return (
    <div className={styles.notices}>
      {hasLine ? null : <CodedNotice code="network/offline" />}
      {life === 'failed' ? (
        <CodedNotice
          code="module/dead"
          instead="The module could not be started. Record and receipts are safe. Load the page again."
        >
          <Button onClick={() => window.location.reload()}>Load again</Button>
        </CodedNotice>
      ) : null}
      {storage === null ? null : <CodedNotice code={storage} />}
      {waits ? (
        <div className={styles.notice} role="status">
          <p>A new version of Farebox is ready. What is playing stops for a moment when you take it.</p>
          <Button onClick={activateNewVersion}>Reload</Button>
        </div>
      ) : null}
    </div>
  );
}

function CodedNotice({
  code,
  instead,
  children,
}: {
  readonly code: FareboxErrorCode;
  /** Words for this place, where those of the table promise what has failed already. */
  readonly instead?: string;
  readonly children?: React.ReactNode;
}) {
  return (
    <div className={styles.notice} role="alert">
      <span className={styles.icon}>
        <Icon name="warning" />
      </span>
      <p>{instead ?? ERRORS[code].message}</p>
      {children}
    </div>
  );
}
