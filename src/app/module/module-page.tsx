// Module: who the secure module in this browser is, and whether it is well. The card stands beside its parts, each of which says in words how it
// stands and what can be done; what has happened to the module stands above them on a paper. This file lays out and decides nothing.

import { useEffect, useMemo } from 'react';
import type { ModuleStatus } from '../../worker-module/commands.ts';
import { createModuleRoom, type ModuleRoom } from '../state/module-room.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Page } from '../ui/page.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { LockedNote } from '../unlock-button.tsx';
import { AllowancePart } from './allowance-part.tsx';
import { BackupPart } from './backup-part.tsx';
import { DisclosuresPart } from './disclosures-part.tsx';
import { IdentityCard, IdentityCardSkeleton } from './identity-card.tsx';
import { KeysPart } from './keys-part.tsx';
import { LockPart } from './lock-part.tsx';
import styles from './module-page.module.css';
import { OperationsPart } from './operations-part.tsx';
import { OldReportPart, ReportPaper } from './report-paper.tsx';
import { SessionsPart } from './sessions-part.tsx';
import { StartAnewPart } from './start-anew-part.tsx';
import { STORAGE_ERRORS } from './status-errors.ts';
import { StoragePart } from './storage-part.tsx';
import { TroublePaper } from './trouble-paper.tsx';
import { isLost } from './words.ts';

/** A restore is news for a day; then its report is found further down. */
const DAY_MS = 86_400_000;

/** The screen at `/module`. */
export function ModulePage() {
  const terminal = useTerminal();
  const { moduleStatus, moduleLife } = terminal;
  const loaded = useStore(moduleStatus);
  const life = useStore(moduleLife);
  const room = useMemo(() => createModuleRoom(terminal), [terminal]);
  useEffect(() => {
    if (life === 'ready') void moduleStatus.reload();
  }, [life, moduleStatus]);
  const status = 'value' in loaded ? loaded.value : null;
  const failed = life === 'failed' || loaded.state === 'failed';
  return (
    <Page title="Module">
      <p className={styles.lead}>
        The secure module keeps the keys and the record. It runs apart from this page, has no network, and writes every
        frame down before it shows it.
      </p>
      {life === 'failed' ? (
        <ErrorNote code="module/dead" title="The module could not be started">
          <ReloadButton />
        </ErrorNote>
      ) : loaded.state === 'failed' ? (
        <ErrorNote code={loaded.code} title="The module did not answer">
          <Button look="filled" icon="replay" onClick={() => void moduleStatus.reload()}>
            Try again
          </Button>
        </ErrorNote>
      ) : null}
      {failed ? null : status === null ? <Coming /> : <Room status={status} room={room} />}
    </Page>
  );
}

function ReloadButton() {
  return (
    <Button look="filled" icon="replay" onClick={() => window.location.reload()}>
      Load the page again
    </Button>
  );
}

/** What is there of a module that has answered: all of it, or only what can be done about one that is locked, lost or of another version. */
function Room({ status, room }: { readonly status: ModuleStatus; readonly room: ModuleRoom }) {
  const error = STORAGE_ERRORS[status.storage];
  const locked = status.lock === 'locked';
  const open = !locked && !isLost(status) && status.storage !== 'refused' && status.storage !== 'newer-version';
  return (
    <div className={styles.room}>
      <div className={styles.trouble}>
        {locked ? (
          <div id="lock" tabIndex={-1}>
            <LockedNote what="What is in the module" />
          </div>
        ) : isLost(status) || error === null ? (
          <TroublePaper status={status} room={room} />
        ) : (
          <div id="trouble" tabIndex={-1}>
            <ErrorNote code={error} title="The module’s storage needs you">
              {status.storage === 'newer-version' ? <ReloadButton /> : null}
            </ErrorNote>
          </div>
        )}
      </div>
      <aside className={styles.card}>
        <IdentityCard status={status} />
      </aside>
      <div className={styles.parts}>
        {open ? <OpenParts status={status} room={room} /> : null}
        {/* What a newer version has written is not this one's to erase, and where the browser keeps nothing there is nothing to. */}
        {status.storage === 'newer-version' || status.storage === 'refused' ? null : (
          <StartAnewPart status={status} room={room} />
        )}
      </div>
    </div>
  );
}

function OpenParts({ status, room }: { readonly status: ModuleStatus; readonly room: ModuleRoom }) {
  const { drawer, ports } = useTerminal();
  const operations = useStore(room.operations);
  const disclosures = useStore(room.disclosures);
  const reported = useStore(room.report);
  const loadedSessions = useStore(room.sessions);
  const kept = useStore(drawer);
  useEffect(() => {
    void drawer.reload();
    return room.follow();
  }, [room, drawer]);

  const unread = [operations, disclosures, reported, loadedSessions].find((each) => each.state === 'failed');
  const report = 'value' in reported ? reported.value : null;
  const isOld = report?.reconciled === true && ports.wallClockMs() - report.time > DAY_MS;
  const sessions = 'value' in loadedSessions ? loadedSessions.value : null;
  const tickets = 'value' in kept ? kept.value : null;
  const currency = useOneCurrency();
  const isEmpty = status.moduleId === null || (tickets !== null && tickets.receipts.length + tickets.open.length === 0);
  return (
    <>
      {unread === undefined ? null : (
        <ErrorNote code={unread.code} title="Some of this could not be read">
          <Button look="filled" icon="replay" onClick={() => void room.read()}>
            Try again
          </Button>
        </ErrorNote>
      )}
      {report === null || isOld ? null : <ReportPaper report={report} room={room} />}
      <div>
        {'value' in operations ? (
          <OperationsPart operations={operations.value} sessions={sessions ?? []} room={room} />
        ) : null}
        <LockPart status={status} room={room} />
        <StoragePart status={status} room={room} drawer={tickets} currency={currency} />
        <BackupPart status={status} room={room} isEmpty={isEmpty} />
        <KeysPart status={status} readOthers={room.read} />
        <AllowancePart status={status} room={room} currency={currency} />
        {sessions === null ? null : <SessionsPart sessions={sessions} />}
        {'value' in disclosures ? <DisclosuresPart disclosures={disclosures.value} /> : null}
        {report !== null && isOld ? <OldReportPart report={report} room={room} /> : null}
      </div>
    </>
  );
}

/** The currency of everything in the catalogue; null where there are several, or none is known. */
function useOneCurrency(): string | null {
  const loaded = useStore(useTerminal().catalogue);
  const currencies = new Set('value' in loaded ? loaded.value.map(({ currency }) => currency) : []);
  const [only] = currencies;
  return currencies.size === 1 && only !== undefined ? only : null;
}

function Coming() {
  return (
    <div className={styles.room}>
      <aside className={styles.card}>
        <IdentityCardSkeleton />
      </aside>
      <div className={styles.blank} aria-hidden="true">
        {['a', 'b', 'c', 'd'].map((part) => (
          <Skeleton key={part} width="100%" height={88} />
        ))}
      </div>
    </div>
  );
}
