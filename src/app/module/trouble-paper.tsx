// What has happened to the module, on a paper above everything else on its page: another copy that the provider knows, a store that the browser
// lost, a new epoch that is not granted yet. What happened, what is safe, and the one thing to do.

import type { ReactNode } from 'react';
import type { ModuleStatus, Standing } from '../../worker-module/commands.ts';
import type { ModuleRoom } from '../state/module-room.ts';
import { Button } from '../ui/button.tsx';
import { Paper, PaperHeading } from '../ui/paper.tsx';
import { useIntent } from '../ui/use-intent.ts';
import { Verdict } from '../ui/verdict.tsx';
import { Actions } from './part.tsx';
import { RestoreChoices } from './restore-choices.tsx';
import styles from './trouble-paper.module.css';
import { isLost } from './words.ts';

type Refused = Exclude<Standing, 'unknown' | 'good'>;

const CASES: Readonly<Record<Refused, { readonly title: string; readonly happened: string }>> = {
  regress: {
    title: 'This copy is older than one the provider has met',
    happened:
      'The module in this browser was put back to an earlier state, as when a browser profile is copied or brought back from an old backup. What was watched since then is not written down here; the provider has it.',
  },
  fork: {
    title: 'Two copies of this module went on from the same state',
    happened:
      'Somebody copied this browser profile, and both copies were used. It may have been you, on another computer. What each of them has shown is written down in each.',
  },
  superseded: {
    title: 'This module was brought back somewhere else',
    happened:
      'It was restored from a backup, or somebody chose to go on with another copy. That one is the module now, and this one may not speak for it any more.',
  },
};

/** The paper, or nothing where nothing has happened. */
export function TroublePaper({ status, room }: { readonly status: ModuleStatus; readonly room: ModuleRoom }) {
  if (isLost(status)) return <LostPaper status={status} room={room} />;
  if (status.epochPending) return <PendingPaper room={room} />;
  if (status.standing === 'unknown' || status.standing === 'good') return null;
  return <CopyPaper standing={status.standing} room={room} />;
}

function Trouble({
  heading,
  title,
  verdict,
  children,
}: {
  readonly heading: string;
  readonly title: string;
  readonly verdict: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <Paper label={heading} torn>
      <div className={styles.paper}>
        <header className={styles.head}>
          <PaperHeading>{heading}</PaperHeading>
          {verdict}
        </header>
        <h2 id="trouble" className={styles.title} tabIndex={-1}>
          {title}
        </h2>
        {children}
      </div>
    </Paper>
  );
}

function CopyPaper({ standing, room }: { readonly standing: Refused; readonly room: ModuleRoom }) {
  const intent = useIntent();
  const { title, happened } = CASES[standing];
  return (
    <Trouble heading="Another copy" title={title} verdict={<Verdict kind="bad" word="refused" onPaper />}>
      <dl className={styles.words}>
        <dt>What happened</dt>
        <dd>{happened}</dd>
        <dt>What is safe</dt>
        <dd>
          Your receipts, here and with the provider, and your money: nothing is charged twice. Until you choose, the
          provider takes nothing from this copy.
        </dd>
        <dt>What you can do</dt>
        <dd>
          Go on with this copy: the other one is refused from then on, and what the provider knows and this one lacks is
          brought home. Or leave it, and go on where the other copy is.
        </dd>
      </dl>
      <Actions intent={intent}>
        <Button
          look="filled"
          icon="check"
          disabled={intent.busy !== null}
          onClick={() => intent.start('go', room.beginEpoch)}
        >
          {intent.busy === null ? 'Go on with this copy' : 'Answer the module’s question'}
        </Button>
      </Actions>
    </Trouble>
  );
}

function PendingPaper({ room }: { readonly room: ModuleRoom }) {
  const intent = useIntent();
  return (
    <Trouble
      heading="Going on"
      title="The agency has to confirm this copy"
      verdict={<Verdict kind="unsure" word="being confirmed" onPaper />}
    >
      <dl className={styles.words}>
        <dt>What happened</dt>
        <dd>This module goes on as a new device. It has asked the agency for a certificate that says so.</dd>
        <dt>What is safe</dt>
        <dd>Everything it has. The same request is sent again by itself whenever there is a line.</dd>
      </dl>
      <Actions intent={intent}>
        <Button
          look="paper"
          icon="replay"
          disabled={intent.busy !== null}
          onClick={() => intent.start('ask', room.askProvider)}
        >
          {intent.busy === null ? 'Ask again now' : 'Being confirmed'}
        </Button>
      </Actions>
    </Trouble>
  );
}

function LostPaper({ status, room }: { readonly status: ModuleStatus; readonly room: ModuleRoom }) {
  const intent = useIntent();
  const wiped = status.storage === 'wiped';
  return (
    <Trouble
      heading="Lost storage"
      title={wiped ? 'The browser threw away what the module had written' : 'What the module had written was altered'}
      verdict={<Verdict kind="bad" word="lost" onPaper />}
    >
      <dl className={styles.words}>
        <dt>What happened</dt>
        <dd>
          {wiped
            ? 'The database is gone, although more was written than is there now. Browsers do this after a crash, or when they run out of room.'
            : 'What is in the database does not open or does not fit together. A fault of the disk does this, or somebody who changed it.'}
        </dd>
        <dt>What is safe</dt>
        <dd>
          The checkpoint beside the database: it has the keys, the record’s place, open sessions, and receipts that the
          provider has not answered. The provider has the other receipts.
        </dd>
        <dt>What you can do</dt>
        <dd>Bring it back from there. You are told of each receipt whether it was found.</dd>
      </dl>
      <Actions intent={intent}>
        <Button
          look="filled"
          icon="replay"
          disabled={intent.busy !== null}
          onClick={() => intent.start('recover', room.recover)}
        >
          {intent.busy === null ? 'Bring it back' : 'Bringing it back'}
        </Button>
      </Actions>
      <details className={styles.other}>
        <summary>From a backup instead</summary>
        <RestoreChoices room={room} look="paper" />
      </details>
    </Trouble>
  );
}
