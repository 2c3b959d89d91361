// Module: who the secure module in this browser is, and whether it is well. Each row says how it stands in words.

import { useEffect } from 'react';
import { certificateLife } from '../../host/certificate-life.ts';
import { toHex } from '../../protocol/bytes.ts';
import type { ModuleStatus, StorageState } from '../../worker-module/commands.ts';
import { formatDay, groupDigits } from '../format.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { CountText } from '../ui/figures.tsx';
import { Page } from '../ui/page.tsx';
import { Line, Lines, Paper, PaperHeading, Perforation } from '../ui/paper.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Verdict, type VerdictKind } from '../ui/verdict.tsx';
import styles from './module-page.module.css';
import { STORAGE_ERRORS } from './storage-errors.ts';

const STORAGE_WORDS: Readonly<Record<StorageState, readonly [VerdictKind, string]>> = {
  ready: ['good', 'well'],
  refused: ['bad', 'refused'],
  full: ['bad', 'full'],
  wiped: ['bad', 'wiped'],
  'newer-version': ['unsure', 'newer version'],
};

/** The screen at `/module`. */
export function ModulePage() {
  const { moduleStatus, moduleLife } = useTerminal();
  const loaded = useStore(moduleStatus);
  const life = useStore(moduleLife);
  useEffect(() => {
    if (life === 'ready') void moduleStatus.reload();
  }, [life, moduleStatus]);
  const status = 'value' in loaded ? loaded.value : null;
  const storageError = status === null ? null : STORAGE_ERRORS[status.storage];
  return (
    <Page title="Module" narrow>
      <p className={styles.lead}>
        The secure module keeps the keys and the record. It runs apart from this page, has no network, and writes every
        frame down before it shows it.
      </p>
      {life === 'failed' ? (
        <ErrorNote code="module/dead" title="The module could not be started">
          <Button look="filled" icon="replay" onClick={() => window.location.reload()}>
            Load the page again
          </Button>
        </ErrorNote>
      ) : null}
      {loaded.state === 'failed' ? (
        <ErrorNote code={loaded.code} title="The module did not answer">
          <Button look="filled" icon="replay" onClick={() => void moduleStatus.reload()}>
            Try again
          </Button>
        </ErrorNote>
      ) : null}
      {storageError ? <ErrorNote code={storageError} title="The module's storage needs you" /> : null}
      {life === 'failed' || loaded.state === 'failed' ? null : <IdentityCard status={status} />}
    </Page>
  );
}

function IdentityCard({ status }: { readonly status: ModuleStatus | null }) {
  if (status === null) {
    return (
      <Paper label="The module is starting">
        <div className={styles.blank} role="status" aria-label="The module is starting">
          <Skeleton width="6em" height={16} />
          <Skeleton width="18em" height={28} />
          {['a', 'b', 'c', 'd'].map((line) => (
            <Skeleton key={line} width="100%" height={20} />
          ))}
        </div>
      </Paper>
    );
  }
  const [kind, word] = STORAGE_WORDS[status.storage];
  const life = status.certificate === null ? null : certificateLife(status.certificate);
  return (
    <Paper label="Identity of the module">
      <PaperHeading>Number</PaperHeading>
      <p className={styles.number}>{status.moduleId === null ? 'none yet' : groupDigits(status.moduleId)}</p>
      {status.moduleId === null ? (
        <p className={styles.hint}>
          The module gets its number from the agency when you first choose something to watch.
        </p>
      ) : null}
      <Perforation />
      <Lines>
        <Line name="Certificate">{life === null ? 'none yet' : `until ${formatDay(life.expiresMs)}`}</Line>
        <Line name="Storage">
          <Verdict kind={kind} word={word} onPaper />
        </Line>
        <Line name="Record counter">
          <CountText value={status.counter} />
        </Line>
        <Line name="Record head">{groupDigits(toHex(status.head).slice(0, 16))} …</Line>
        <Line name="Calls dropped at the gate">
          <CountText value={status.droppedCalls} />
        </Line>
      </Lines>
    </Paper>
  );
}
