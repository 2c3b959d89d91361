// Receipts: the drawer of tickets by month, with the sessions that are still open above them.

import { useEffect } from 'react';
import { Link } from 'wouter';
import { amount } from '../../protocol/amount.ts';
import type { ReceiptView, SessionView } from '../../worker-module/commands.ts';
import { formatMoment } from '../format.ts';
import type { Drawer } from '../state/terminal.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button, ButtonLink } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { CountText, MeteredAmountText } from '../ui/figures.tsx';
import { Page } from '../ui/page.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Verdict, type VerdictKind } from '../ui/verdict.tsx';
import { LockedNote, useLocked } from '../unlock-button.tsx';
import { ClaimByItself } from './claim-by-itself.tsx';
import { byMonth } from './months.ts';
import styles from './receipts-page.module.css';
import { SettleButton } from './settle-button.tsx';

/** The screen at `/receipts`. */
export function ReceiptsPage() {
  const { drawer, moduleLife } = useTerminal();
  const loaded = useStore(drawer);
  const life = useStore(moduleLife);
  const locked = useLocked();
  useEffect(() => {
    if (life === 'ready' && !locked) void drawer.reload();
  }, [drawer, life, locked]);
  if (locked) {
    return (
      <Page title="Receipts" narrow>
        <LockedNote what="Your receipts" />
      </Page>
    );
  }
  return (
    <Page title="Receipts" narrow>
      {loaded.state === 'loading' && life !== 'failed' ? <DrawerSkeleton /> : null}
      {loaded.state === 'failed' || loaded.state === 'stale' ? (
        <ErrorNote code={loaded.code} title="The module could not read its receipts">
          <Button look="filled" icon="replay" onClick={() => void drawer.reload()}>
            Try again
          </Button>
        </ErrorNote>
      ) : null}
      {'value' in loaded ? <DrawerView drawer={loaded.value} /> : null}
    </Page>
  );
}

/** How safe a receipt is; `refused`: the provider has another one for the session, from another copy of the module. */
const STATES: Readonly<Record<ReceiptView['state'], readonly [VerdictKind, string]>> = {
  durable: ['unsure', 'durable'],
  accepted: ['good', 'accepted'],
  refused: ['bad', 'refused'],
};

function DrawerView({ drawer: { receipts, open } }: { readonly drawer: Drawer }) {
  const waiting = receipts.some(({ state }) => state === 'durable');
  if (receipts.length === 0 && open.length === 0) {
    return (
      <div className={styles.empty}>
        <p>There is no receipt yet. Watch something and stop: the module signs a receipt for exactly what it showed.</p>
        <ButtonLink look="filled" icon="watch" href="/">
          See what there is
        </ButtonLink>
      </div>
    );
  }
  return (
    <>
      {open.length > 0 ? <OpenSessions sessions={open} /> : null}
      {waiting ? <WaitingNote /> : null}
      <ClaimByItself />
      {byMonth(receipts).map(({ month, receipts: inMonth }) => (
        <section key={month} className={styles.month} aria-label={month}>
          <h2 className={styles.heading}>{month}</h2>
          <ul className={styles.tickets}>
            {inMonth.map((receipt) => (
              <li key={receipt.session}>
                <Ticket receipt={receipt} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Ticket({ receipt }: { readonly receipt: ReceiptView }) {
  const [kind, word] = STATES[receipt.state];
  return (
    <Link href={`/receipts/${receipt.session}`} className={styles.ticket}>
      <span className={styles.what}>
        <span className={styles.title}>{receipt.title}</span>
        <span className={styles.when}>
          {formatMoment(receipt.closedTime)} · <CountText value={receipt.count} />{' '}
          {receipt.count === 1 ? 'frame' : 'frames'}
        </span>
      </span>
      <span className={styles.stub}>
        <span className={styles.amount}>
          <MeteredAmountText value={amount(receipt.currency, BigInt(receipt.amountMinor))} />
        </span>
        <Verdict kind={kind} word={word} onPaper />
      </span>
    </Link>
  );
}

function WaitingNote() {
  const { settleAll } = useTerminal();
  return (
    <div className={styles.note} role="status">
      <p>
        Receipts marked <em>durable</em> are safe on this device and are being confirmed by the provider.
      </p>
      <SettleButton word="Ask again" settle={settleAll} />
    </div>
  );
}

function OpenSessions({ sessions }: { readonly sessions: readonly SessionView[] }) {
  const { settleSession } = useTerminal();
  return (
    <section className={styles.month} aria-label="Still open">
      <h2 className={styles.heading}>Still open</h2>
      <ul className={styles.tickets}>
        {sessions.map((session) => (
          <li key={session.session} className={styles.open}>
            <span className={styles.what}>
              <Link href={`/watch/${session.programme}`} className={styles.title}>
                {session.title}
              </Link>
              <span className={styles.openWhen}>
                {formatMoment(session.openedTime)} ·{' '}
                <CountText value={session.count} of={session.live === null ? session.frameCount : null} /> frames ·{' '}
                <MeteredAmountText value={amount(session.currency, BigInt(session.amountMinor))} />
                {session.offline ? ` · kept until ${formatMoment(session.expires)}` : null}
              </span>
            </span>
            <SettleButton word="Stop and settle" settle={() => settleSession(session.session)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function DrawerSkeleton() {
  return (
    <div className={styles.month} role="status" aria-label="Loading receipts">
      <div className={styles.heading}>
        <Skeleton width="8em" height={16} />
      </div>
      <div className={styles.tickets}>
        {[0, 1, 2].map((place) => (
          <div key={place} className={styles.ticket}>
            <span className={styles.what}>
              <Skeleton width="12em" height={16} />
            </span>
          </div>
        ))}
      </div>
    </div>
  );
}
