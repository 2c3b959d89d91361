// What the module has begun and not finished, newest change first, each with its state in a word and what that means.

import { errorWords } from '../../protocol/error-words.ts';
import type { OperationView, SessionView } from '../../worker-module/commands.ts';
import { formatMoment } from '../format.ts';
import type { ModuleRoom } from '../state/module-room.ts';
import { Button } from '../ui/button.tsx';
import { useIntent } from '../ui/use-intent.ts';
import { Verdict } from '../ui/verdict.tsx';
import { Actions, Part, Say } from './part.tsx';
import styles from './rows.module.css';
import { OPERATION_STATES, OPERATIONS } from './words.ts';

/** `sessions` give an operation of a session its title. */
export function OperationsPart({
  operations,
  sessions,
  room,
}: {
  readonly operations: readonly OperationView[];
  readonly sessions: readonly SessionView[];
  readonly room: ModuleRoom;
}) {
  const intent = useIntent();
  const moving = operations.filter(({ status }) => status !== 'done');
  const waits = moving.some(({ status }) => status === 'waiting');
  return (
    <Part name="moving" title="Moving now" said={moving.length === 0 ? ['good', 'all done'] : null}>
      {moving.length === 0 ? (
        <Say>Nothing is under way.</Say>
      ) : (
        <ul className={styles.rows}>
          {moving.map((operation) => (
            <Row key={operation.name} operation={operation} title={titleOf(operation, sessions)} />
          ))}
        </ul>
      )}
      {waits || intent.code !== null ? (
        <Actions intent={intent}>
          <Button icon="replay" disabled={intent.busy !== null} onClick={() => intent.start('ask', room.askProvider)}>
            {intent.busy === null ? 'Ask the provider again' : 'Being confirmed'}
          </Button>
        </Actions>
      ) : null}
    </Part>
  );
}

function Row({ operation, title }: { readonly operation: OperationView; readonly title: string }) {
  const [kind, word] = OPERATION_STATES[operation.status];
  return (
    <li className={styles.row}>
      <div className={styles.what}>
        <p className={styles.name}>{title}</p>
        <p className={styles.note}>{noteOf(operation)}</p>
      </div>
      <div className={styles.end}>
        <Verdict kind={kind} word={word} />
        <time className={styles.time}>{formatMoment(operation.changedTime)}</time>
      </div>
    </li>
  );
}

function titleOf({ kind, session }: OperationView, sessions: readonly SessionView[]): string {
  return sessions.find((view) => view.session === session)?.title ?? OPERATIONS[kind];
}

function noteOf({ kind, status, code }: OperationView): string {
  if (code !== null) return errorWords(code);
  if (status === 'needs-you') return 'Only you can bring this on.';
  if (kind === 'session')
    return status === 'waiting' ? 'The provider has not answered its receipt yet.' : 'Open; stop it for its receipt.';
  return status === 'waiting' ? 'The answer is not here yet; it is asked for again by itself.' : 'The module is at it.';
}
