// What may be set aside in a day without asking. Raising it is approved on the module's own surface; lowering it is done at once and can be undone
// the same way as it was raised.

import { useId, useState } from 'react';
import type { ModuleStatus } from '../../worker-module/commands.ts';
import type { ModuleRoom } from '../state/module-room.ts';
import { Button } from '../ui/button.tsx';
import field from '../ui/field.module.css';
import { useIntent } from '../ui/use-intent.ts';
import { Actions, Part, Say } from './part.tsx';
import styles from './storage-part.module.css';
import { formatAny, parseAny } from './words.ts';

/** `currency`: the one that amounts are in, where there is one. */
export function AllowancePart({
  status,
  room,
  currency,
}: {
  readonly status: ModuleStatus;
  readonly room: ModuleRoom;
  readonly currency: string | null;
}) {
  const { dayMinor, leftMinor } = status.allowance;
  const intent = useIntent();
  const id = useId();
  const [written, setWritten] = useState<string | null>(null);
  const [before, setBefore] = useState<number | null>(null);
  const shown = written ?? formatAny(dayMinor, null);
  const asked = parseAny(shown);
  const undoable = before !== null && before !== dayMinor && intent.busy === null;
  const save = (next: number): void =>
    intent.start(
      'save',
      () => room.setAllowance(next),
      () => {
        setBefore(dayMinor);
        setWritten(null);
      },
    );
  return (
    <Part name="allowance" title="Allowance" said={null}>
      <Say>
        {dayMinor === 0
          ? 'The module asks you before anything is set aside for watching.'
          : 'Up to this much may be set aside in 24 hours without asking. Beyond it, the module asks you itself.'}
      </Say>
      <form
        className={field.row}
        onSubmit={(event) => {
          event.preventDefault();
          if (asked !== null && asked !== dayMinor) save(asked);
        }}
      >
        <label htmlFor={id}>A day</label>
        <input
          id={id}
          className={`${field.field} ${field.amount}`}
          inputMode="decimal"
          autoComplete="off"
          value={shown}
          aria-invalid={asked === null}
          disabled={intent.busy !== null}
          onChange={(event) => setWritten(event.target.value)}
        />
        {currency === null ? null : <span className={field.unit}>{currency}</span>}
        <Button type="submit" disabled={intent.busy !== null || asked === null || asked === dayMinor}>
          {intent.busy === null
            ? 'Save'
            : asked !== null && asked > dayMinor
              ? 'Answer the module’s question'
              : 'Saving'}
        </Button>
      </form>
      <Say quiet>
        <span className={styles.figure}>{formatAny(leftMinor, currency)}</span> of{' '}
        <span className={styles.figure}>{formatAny(dayMinor, currency)}</span> is left now.
        {asked === null ? ' Write an amount such as 5 or 2.50.' : ''}
      </Say>
      {undoable || intent.code !== null ? (
        <Actions intent={intent}>
          {undoable ? (
            <>
              <span>
                It was <span className={styles.figure}>{formatAny(before, currency)}</span>.
              </span>
              <Button onClick={() => save(before)}>Undo</Button>
            </>
          ) : null}
        </Actions>
      ) : null}
    </Part>
  );
}
