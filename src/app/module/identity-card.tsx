// The module's identity as a card: its number, how long that holds, which life it is, where its record stands; on the stub whether it is well, and
// what needs the person. Shown beside everything else on the Module page.

import { certificateLife } from '../../host/certificate-life.ts';
import { toHex } from '../../protocol/bytes.ts';
import type { ModuleStatus } from '../../worker-module/commands.ts';
import { formatDay } from '../format.ts';
import { CountText } from '../ui/figures.tsx';
import { Mark } from '../ui/icons.tsx';
import { Line, Lines, Paper, Perforation } from '../ui/paper.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Verdict } from '../ui/verdict.tsx';
import styles from './identity-card.module.css';
import { isLost, needsOf, STANDINGS } from './words.ts';

/** The card of a module that has answered. */
export function IdentityCard({ status }: { readonly status: ModuleStatus }) {
  const readable = status.lock !== 'locked' && !isLost(status);
  return (
    <Paper label="Identity of the module" torn>
      <header className={styles.head}>
        <Mark size={24} />
        <h2>Secure module</h2>
        {status.epoch > 0 ? <p className={styles.epoch}>epoch {status.epoch}</p> : null}
      </header>
      <ModuleNumber moduleId={status.moduleId} readable={readable} />
      {readable ? <Facts status={status} /> : null}
      <Perforation />
      <Health status={status} />
    </Paper>
  );
}

function Facts({ status }: { readonly status: ModuleStatus }) {
  const life = status.certificate === null ? null : certificateLife(status.certificate);
  const [kind, word] = STANDINGS[status.standing];
  return (
    <>
      <Perforation />
      <Lines>
        <Line name="Certificate">{life === null ? 'none yet' : `until ${formatDay(life.expiresMs)}`}</Line>
        <Line name="The provider">
          <Verdict kind={kind} word={word} onPaper />
        </Line>
        <Line name="Entries in the record">
          <CountText value={status.counter} />
        </Line>
        <Line name="Head of the record">{status.counter === 0 ? 'none yet' : shortHash(status.head)}</Line>
        <Line name="Own keys">{status.keysMovable ? 'two, sealed here' : 'two, bound here'}</Line>
        {status.droppedCalls > 0 ? (
          <Line name="Calls dropped at the gate">
            <CountText value={status.droppedCalls} />
          </Line>
        ) : null}
      </Lines>
    </>
  );
}

/** In groups of four, as it is read out: two rows of four. */
function ModuleNumber({ moduleId, readable }: { readonly moduleId: string | null; readonly readable: boolean }) {
  if (moduleId === null) {
    return (
      <p className={styles.none}>
        {readable
          ? 'No number yet. The agency gives one when you first choose something to watch.'
          : 'Its number cannot be read now.'}
      </p>
    );
  }
  return (
    <p className={styles.number}>
      {moduleId.match(/.{1,4}/g)?.map((group, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the groups of one number stand where they stand.
        <span key={at}>{group}</span>
      ))}
    </p>
  );
}

function shortHash(hash: Uint8Array): string {
  return toHex(hash.subarray(0, 4))
    .replace(/(.{4})(?=.)/, '$1 ')
    .concat(' …');
}

function Health({ status }: { readonly status: ModuleStatus }) {
  const needs = needsOf(status);
  if (needs.length === 0) {
    return (
      <p className={styles.health}>
        <Verdict kind="good" word={status.moduleId === null ? 'ready' : 'all is well'} onPaper />
      </p>
    );
  }
  return (
    <div className={styles.health}>
      <Verdict
        kind="unsure"
        word={needs.length === 1 ? 'one thing needs you' : `${needs.length} things need you`}
        onPaper
      />
      <ul className={styles.needs}>
        {needs.map(({ part, words }) => (
          <li key={words}>
            <a href={`#${part}`} onClick={() => document.getElementById(part)?.focus()}>
              {words}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The card's place while the module is starting. */
export function IdentityCardSkeleton() {
  return (
    <Paper label="The module is starting" torn>
      <div className={styles.blank} role="status" aria-label="The module is starting">
        <Skeleton width="9em" height={20} />
        <Skeleton width="100%" height={64} />
        {['a', 'b', 'c', 'd', 'e'].map((line) => (
          <Skeleton key={line} width="100%" height={16} />
        ))}
      </div>
    </Paper>
  );
}
