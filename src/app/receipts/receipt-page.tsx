// One receipt: the paper with its lines, every check that makes it valid with its value, the strip of frames, and the raw object
// to view, copy, download or print.

import { lazy, Suspense, useEffect, useMemo } from 'react';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Page } from '../ui/page.tsx';
import { Paper } from '../ui/paper.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { LockedNote, useLocked } from '../unlock-button.tsx';
import { ReceiptChecks } from './receipt-checks.tsx';
import styles from './receipt-page.module.css';
import { ReceiptPaper } from './receipt-paper.tsx';
import { ReceiptRaw } from './receipt-raw.tsx';

/** With the protocol's claims in a chunk of its own: few receipts have any. */
const ClaimPart = lazy(() => import('./claim-part.tsx').then((loaded) => ({ default: loaded.ClaimPart })));

/** The screen at `/receipts/:session`. */
export function ReceiptPage({ session }: { readonly session: string }) {
  const terminal = useTerminal();
  const life = useStore(terminal.moduleLife);
  const drawer = useStore(terminal.drawer);
  const receipt = useMemo(() => terminal.receipt(session), [terminal, session]);
  const loaded = useStore(receipt);
  const locked = useLocked();
  const view = 'value' in drawer ? drawer.value.receipts.find((each) => each.session === session) : undefined;
  // Opened anew when the drawer changed: the provider's answer to this receipt may have come.
  useEffect(() => {
    if (life !== 'ready' || locked) return;
    if (drawer.state === 'loading') void terminal.drawer.reload();
    else void receipt.reload();
  }, [life, locked, drawer, receipt, terminal]);
  if (locked) {
    return (
      <Page title="Receipt" narrow>
        <LockedNote what="This receipt" />
      </Page>
    );
  }

  return (
    <Page title="Receipt" hiddenTitle narrow>
      <p className={styles.back}>
        <ButtonLink icon="back" href="/receipts">
          All receipts
        </ButtonLink>
        <Button icon="print" onClick={() => window.print()} disabled={!('value' in loaded)}>
          Print
        </Button>
      </p>
      {loaded.state === 'failed' || loaded.state === 'stale' ? (
        <ErrorNote code={loaded.code} title="This receipt could not be opened">
          <Button look="filled" icon="replay" onClick={() => void receipt.reload()}>
            Try again
          </Button>
        </ErrorNote>
      ) : null}
      {loaded.state === 'loading' && life !== 'failed' ? <PaperSkeleton /> : null}
      {view?.state === 'refused' ? (
        <ErrorNote code="receipt/refused" title="The provider has another receipt for this session" />
      ) : null}
      {'value' in loaded ? (
        <>
          <ReceiptPaper detail={loaded.value} />
          {view?.claim ? (
            <Suspense fallback={null}>
              <ClaimPart session={session} view={view.claim} report={loaded.value.claim} />
            </Suspense>
          ) : null}
          <ReceiptChecks report={loaded.value.report} />
          <ReceiptRaw detail={loaded.value} />
        </>
      ) : null}
    </Page>
  );
}

function PaperSkeleton() {
  return (
    <Paper label="Loading the receipt" torn>
      <div className={styles.blank} role="status" aria-label="Loading the receipt">
        <Skeleton width="6em" height={12} />
        <Skeleton width="16em" height={28} />
        <Skeleton width="100%" height={20} />
        {['a', 'b', 'c', 'd', 'e', 'f'].map((line) => (
          <Skeleton key={line} width="100%" height={16} />
        ))}
      </div>
    </Paper>
  );
}
