// Every session the module has, newest first: what it was, what it cost, how safe its receipt is; an open one can be ended here.

import { Link } from 'wouter';
import { amount } from '../../protocol/amount.ts';
import type { SessionView } from '../../worker-module/commands.ts';
import { formatMoment } from '../format.ts';
import { SettleButton } from '../receipts/settle-button.tsx';
import { useTerminal } from '../terminal-context.tsx';
import { CountText, MeteredAmountText } from '../ui/figures.tsx';
import { Verdict } from '../ui/verdict.tsx';
import { FirstRows } from './first-rows.tsx';
import { Part, Say } from './part.tsx';
import styles from './rows.module.css';
import { SESSIONS } from './words.ts';

const FIRST = 5;

/** The part; empty where nothing was watched. */
export function SessionsPart({ sessions }: { readonly sessions: readonly SessionView[] }) {
  return (
    <Part name="sessions" title="Sessions" said={null}>
      {sessions.length === 0 ? <Say>Nothing was watched yet.</Say> : null}
      <FirstRows items={sessions} most={FIRST} row={(session) => <Row key={session.session} session={session} />} />
    </Part>
  );
}

function Row({ session }: { readonly session: SessionView }) {
  const { settleSession } = useTerminal();
  const [kind, word] = SESSIONS[session.state];
  const open = session.state === 'open';
  return (
    <li className={styles.row}>
      <div className={styles.what}>
        <p className={styles.name}>
          <Link href={open ? `/watch/${session.programme}` : `/receipts/${session.session}`}>{session.title}</Link>
        </p>
        <p className={styles.note}>
          {formatMoment(session.openedTime)} ·{' '}
          <CountText value={session.count} of={session.live === null ? session.frameCount : null} /> ·{' '}
          <MeteredAmountText value={amount(session.currency, BigInt(session.amountMinor))} />
        </p>
      </div>
      {open ? (
        <SettleButton word="Stop and settle" settle={() => settleSession(session.session)} />
      ) : (
        <Verdict kind={kind} word={word} />
      )}
    </li>
  );
}
