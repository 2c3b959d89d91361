// Notices above every screen: no line, a module that did not start, is locked, lost, refused or at risk, a new version that waits. Each says
// what is safe and offers what can be done. On the Module page the page itself says what concerns the module.

import { useState } from 'react';
import { useLocation } from 'wouter';
import type { FareboxErrorCode } from '../protocol/errors.ts';
import type { ModuleStatus } from '../worker-module/commands.ts';
import { STANDING_ERRORS, STORAGE_ERRORS } from './module/status-errors.ts';
import styles from './notices.module.css';
import { newVersion, takeNewVersion } from './service-worker.ts';
import { useStore, useTerminal } from './terminal-context.tsx';
import { Button, ButtonLink } from './ui/button.tsx';
import { ErrorWords } from './ui/error-note.tsx';
import { Icon } from './ui/icons.tsx';
import { UnlockButton } from './unlock-button.tsx';

/** The notices that hold now; nothing when all is well. */
export function Notices({ inert }: { readonly inert: boolean }) {
  const { online, moduleLife, moduleStatus } = useTerminal();
  const hasLine = useStore(online);
  const life = useStore(moduleLife);
  const status = useStore(moduleStatus);
  const version = useStore(newVersion);
  return (
    <div className={styles.notices} inert={inert}>
      {hasLine ? null : <CodedNotice code="network/offline" />}
      {life === 'failed' ? (
        <CodedNotice
          code="module/dead"
          instead="The module could not be started. Record and receipts are safe. Load the page again."
        >
          <ReloadButton />
        </CodedNotice>
      ) : null}
      {'value' in status ? <ModuleNotice status={status.value} /> : null}
      {version === 'none' ? null : (
        <div className={styles.notice} role="status">
          <p>
            {version === 'waits'
              ? 'A new version of Farebox is ready. What is playing, here or in another tab, stops for a moment when you take it.'
              : 'Farebox was renewed in another tab. This one goes on as it was until you load it again.'}
          </p>
          <Button onClick={takeNewVersion}>Reload</Button>
        </div>
      )}
    </div>
  );
}

/** The one thing about the module that matters most now. */
function ModuleNotice({ status }: { readonly status: ModuleStatus }) {
  const [location] = useLocation();
  if (location.startsWith('/module')) return null;
  if (status.storage === 'newer-version') {
    return (
      <CodedNotice code="store/newer-version">
        <ReloadButton />
      </CodedNotice>
    );
  }
  const storage = STORAGE_ERRORS[status.storage];
  if (storage !== null) {
    const lost = status.storage === 'wiped' || status.storage === 'altered';
    return (
      <CodedNotice
        code={storage}
        {...(lost ? { instead: 'This browser lost what the module had written. It can be brought back.' } : {})}
      >
        {lost ? <ButtonLink href="/module">Bring it back</ButtonLink> : null}
      </CodedNotice>
    );
  }
  if (status.lock === 'locked') {
    // Receipts and programmes say it in their own place, with the same button.
    if (location !== '/') return null;
    return (
      <div className={styles.notice} role="status">
        <span className={styles.quiet}>
          <Icon name="lock" />
        </span>
        <p>The module is locked. Everything inside is safe.</p>
        <UnlockButton look="plain" />
      </div>
    );
  }
  const standing = STANDING_ERRORS[status.standing];
  if (standing !== null) {
    return (
      <CodedNotice
        code={standing}
        instead="The provider knows another copy of this module. What each has shown is kept."
      >
        <ButtonLink href="/module">See why</ButtonLink>
      </CodedNotice>
    );
  }
  return <AtRiskNotice status={status} />;
}

/** Said once there is something to lose, after the browser was asked, and until the person has read it. */
function AtRiskNotice({ status: { safety } }: { readonly status: ModuleStatus }) {
  const { ports, persistenceAsked } = useTerminal();
  const asked = useStore(persistenceAsked);
  const [read, setRead] = useState(() => ports.notes.read(AT_RISK_NOTE) !== null);
  if (!asked || read || safety.persistent || safety.backup === 'verified') return null;
  const later = (): void => {
    ports.notes.write(AT_RISK_NOTE, 'yes');
    setRead(true);
  };
  return (
    <div className={styles.notice} role="status">
      <span className={styles.icon}>
        <Icon name="warning" />
      </span>
      <p>Your browser may clear what the module keeps, and no backup was checked yet.</p>
      <ButtonLink href="/module">Make it safe</ButtonLink>
      <Button onClick={later}>Later</Button>
    </div>
  );
}

const AT_RISK_NOTE = 'at-risk-read';

function ReloadButton() {
  return <Button onClick={() => window.location.reload()}>Load again</Button>;
}

function CodedNotice({
  code,
  instead,
  children,
}: {
  readonly code: FareboxErrorCode;
  /** Words for this place, where those of the table promise what has failed already or say more than fits. */
  readonly instead?: string;
  readonly children?: React.ReactNode;
}) {
  return (
    <div className={styles.notice} role="alert">
      <span className={styles.icon}>
        <Icon name="warning" />
      </span>
      <p>{instead ?? <ErrorWords code={code} />}</p>
      {children}
    </div>
  );
}
