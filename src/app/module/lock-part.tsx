// The lock: none, or what opens the module, each of which can be changed and removed. Every change is approved on the module's own surface; this page only asks for it.

import type { LockFactor, ModuleStatus } from '../../worker-module/commands.ts';
import type { ModuleRoom } from '../state/module-room.ts';
import { Button } from '../ui/button.tsx';
import { Select } from '../ui/select.tsx';
import { type Intent, useIntent } from '../ui/use-intent.ts';
import { Actions, Part, Say } from './part.tsx';
import rows from './rows.module.css';
import { FACTORS, LOCKS } from './words.ts';

const IDLE_CHOICES = [
  ['never', 'Never'],
  ['5', 'After 5 minutes'],
  ['15', 'After 15 minutes'],
  ['60', 'After an hour'],
  ['480', 'After 8 hours'],
] as const;

const FACTOR_NAMES: Readonly<Record<LockFactor, string>> = { passkey: 'Passkey', passphrase: 'Passphrase' };

/** The part of an open module. */
export function LockPart({ status, room }: { readonly status: ModuleStatus; readonly room: ModuleRoom }) {
  return (
    <Part name="lock" title="Lock" said={status.keysMovable ? LOCKS[status.lock] : ['absent', 'not possible']}>
      {!status.keysMovable ? (
        <Say>
          The keys of this module were made by an older version and cannot be locked or copied. They still work. Start
          anew, below, for keys that can.
        </Say>
      ) : status.lock === 'none' ? (
        <NoLock room={room} />
      ) : (
        <LockSet status={status} room={room} />
      )}
    </Part>
  );
}

function NoLock({ room }: { readonly room: ModuleRoom }) {
  const intent = useIntent();
  return (
    <>
      <Say>Whoever can use this browser, or copies its profile, can use the module.</Say>
      <Actions intent={intent}>
        <SetButton factor="passkey" word="Lock with a passkey" intent={intent} room={room} />
        <SetButton factor="passphrase" word="Lock with a passphrase" intent={intent} room={room} />
      </Actions>
    </>
  );
}

function LockSet({ status, room }: { readonly status: ModuleStatus; readonly room: ModuleRoom }) {
  const intent = useIntent();
  const idle = status.idleLockMinutes;
  const chosen = idle === null ? 'never' : String(idle);
  const choices = IDLE_CHOICES.some(([value]) => value === chosen)
    ? IDLE_CHOICES
    : [...IDLE_CHOICES, [chosen, `After ${chosen} minutes`] as const];
  return (
    <>
      <Say>What opens this module. A copied profile is useless without it.</Say>
      <ul className={rows.rows}>
        {(['passkey', 'passphrase'] as const).map((factor) => (
          <FactorRow
            key={factor}
            factor={factor}
            isSet={status.factors.includes(factor)}
            isOnly={status.factors.length === 1}
            intent={intent}
            room={room}
          />
        ))}
      </ul>
      <Select
        label="Locks itself"
        choices={choices.map(([value, word]) => ({ value, word }))}
        chosen={chosen}
        disabled={intent.busy !== null}
        onChoose={(value) => intent.start('idle', () => room.setIdleLock(value === 'never' ? null : Number(value)))}
      />
      <Actions intent={intent}>
        <Button icon="lock" disabled={intent.busy !== null} onClick={() => intent.start('lock', room.lock)}>
          Lock now
        </Button>
        {status.factors.length > 1 ? (
          <SetButton factor="none" word="Remove the lock" intent={intent} room={room} />
        ) : null}
      </Actions>
    </>
  );
}

/** One way to open the module, or the place for one. */
function FactorRow({
  factor,
  isSet,
  isOnly,
  intent,
  room,
}: {
  readonly factor: LockFactor;
  readonly isSet: boolean;
  readonly isOnly: boolean;
  readonly intent: Intent;
  readonly room: ModuleRoom;
}) {
  const removing = `remove ${factor}`;
  const isAsked = intent.busy === factor || intent.busy === removing;
  const note = isSet ? (isOnly ? 'The only way to open it' : 'Opens it') : 'Not set';
  return (
    <li className={rows.row}>
      <div className={rows.what}>
        <p className={rows.name}>{FACTOR_NAMES[factor]}</p>
        <p className={rows.note}>{isAsked ? 'Answer the module’s question' : note}</p>
      </div>
      <div className={rows.choices}>
        <Button
          disabled={intent.busy !== null}
          aria-label={isSet ? `Change the ${factor}` : `Add ${FACTORS[factor]}`}
          onClick={() => intent.start(factor, () => room.setLock(factor))}
        >
          {isSet ? 'Change' : 'Add'}
        </Button>
        {isSet ? (
          <Button
            disabled={intent.busy !== null}
            aria-label={`Remove the ${factor}`}
            onClick={() => intent.start(removing, () => room.removeFactor(factor))}
          >
            Remove
          </Button>
        ) : null}
      </div>
    </li>
  );
}

function SetButton({
  factor,
  word,
  intent,
  room,
}: {
  readonly factor: LockFactor | 'none';
  readonly word: string;
  readonly intent: Intent;
  readonly room: ModuleRoom;
}) {
  return (
    <Button disabled={intent.busy !== null} onClick={() => intent.start(factor, () => room.setLock(factor))}>
      {intent.busy === factor ? 'Answer the module’s question' : word}
    </Button>
  );
}
