// Downloaded keys: one row for each by what it is for, with its check value on a tag; what was agreed; the PINs that open applications; a card for the
// provider. What is typed is typed in the module's own frame; this page asks for it and says what came of it.

import { useEffect, useMemo, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { errorWords } from '../../protocol/error-words.ts';
import type { KeySetView, ModuleStatus } from '../../worker-module/commands.ts';
import { formatMoment } from '../format.ts';
import { createKeyRoom, type KeyRoom } from '../state/key-room.ts';
import { useStore, useTerminal } from '../terminal-context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icons.tsx';
import { type Intent, useIntent } from '../ui/use-intent.ts';
import styles from './keys-part.module.css';
import { EmptyPlaces, TagRow } from './keys-part-tag.tsx';
import {
  type KeyRow,
  RULES,
  rowsOf,
  sayApplication,
  sayEvent,
  sayFetched,
  sayKeys,
  sayPinTrouble,
} from './keys-part-words.ts';
import place from './part.module.css';
import { Actions, Part, Say } from './part.tsx';

const ASKING = 'Answer the module’s question';

/** What became of the last thing that was asked for here. `opened`: by a PIN. */
type Done = { readonly words: string; readonly opened?: boolean };
/** Does one thing and says what came of it. */
type Start = <T>(name: string, work: () => Promise<T>, say: (value: T) => Done | null) => void;
type Parts = { readonly room: KeyRoom; readonly intent: Intent; readonly start: Start };

/** The part of an open module. `readOthers`: reads anew what else on the page tells of contacts. */
export function KeysPart({ status, readOthers }: { readonly status: ModuleStatus; readOthers(): Promise<void> }) {
  const terminal = useTerminal();
  const room = useMemo(() => createKeyRoom(terminal, readOthers), [terminal, readOthers]);
  useEffect(() => room.follow(), [room]);
  const loaded = useStore(room.sets);
  const intent = useIntent();
  const [last, setLast] = useState('');
  const [done, setDone] = useState<Done | null>(null);
  const start: Start = (name, work, say) => {
    setLast(name);
    setDone(null);
    intent.start(name, work, (value) => setDone(say(value)));
  };
  const sets = 'value' in loaded ? loaded.value : null;
  const here = sets?.find(({ provider }) => provider === room.provider());
  const parts = { room, intent, start };
  const outcome = useRef<HTMLDivElement>(null);
  // The row that was pressed may be a screen above.
  useEffect(() => {
    if (done !== null || intent.code !== null) outcome.current?.scrollIntoView({ block: 'nearest' });
  }, [done, intent.code]);
  const failed = intent.code ?? ('code' in loaded ? loaded.code : null);
  if ('code' in loaded && loaded.code === 'keys/altered') return <AlteredKeys {...parts} />;
  return (
    <Part name="keys" title="Keys" said={sets === null ? null : sayKeys(here)}>
      {sets === null ? null : <Say>{sentenceOf(here)}</Say>}
      {here?.agreement == null ? null : (
        <Say quiet>
          Agreement {here.agreement.number}: {RULES[here.agreement.rule]}.
        </Say>
      )}
      {sets !== null && here === undefined ? <EmptyPlaces /> : null}
      {here === undefined ? null : <KeyRows set={here} status={status} {...parts} />}
      <div className={place.place}>
        <div className={place.actions}>
          {here?.slots.some(({ pin }) => pin) ? <EnterButton {...parts} /> : null}
          {sets === null && loaded.state === 'failed' ? (
            <Button icon="replay" onClick={() => void room.sets.reload()}>
              Try again
            </Button>
          ) : null}
          {sets === null ? null : <FetchButton isFirst={here === undefined} {...parts} />}
        </div>
        <div ref={outcome} className={styles.outcome} role="status">
          {failed !== null ? (
            <p className={place.trouble}>
              <Icon name="warning" size={18} />
              <span>{last === 'enter' ? sayPinTrouble(failed) : errorWords(failed)}</span>
            </p>
          ) : done === null ? null : (
            <p className={done.opened ? styles.opened : place.done}>
              {done.opened ? <Icon name="check" size={18} /> : null}
              <span>{done.words}</span>
            </p>
          )}
        </div>
      </div>
      {here === undefined || here.history.length === 0 ? null : <History set={here} />}
      {sets?.map((set) => (set === here ? null : <OtherKeys key={set.provider} set={set} />))}
    </Part>
  );
}

/** What the module keeps of them was altered: what happened, what is safe, and the one thing to do. */
function AlteredKeys({ intent, start, room }: Parts) {
  return (
    <Part name="keys" title="Keys" said={['bad', 'altered']}>
      <Say>
        What this module kept of its keys was changed from outside: by a fault of the disk, or by somebody who uses this
        device. It uses none of it.
      </Say>
      <Say>
        Your receipts and your money are safe, and you can watch: until you have keys again, your module signs each
        contact. You choose your PINs anew. A card that the provider has stays with it.
      </Say>
      <Actions intent={intent}>
        <Button
          look="filled"
          icon="replay"
          disabled={intent.busy !== null}
          onClick={() => start('renew', room.renewKeys, (fetched) => ({ words: sayFetched(fetched) }))}
        >
          {intent.busy === null ? 'Fetch the keys anew' : ASKING}
        </Button>
      </Actions>
    </Part>
  );
}

function sentenceOf(set: KeySetView | undefined): string {
  if (set === undefined)
    return 'A provider can give this module keys of its own. With them it signs in by itself, opens applications with your PINs, and takes a card that nobody reads on the way.';
  return set.agreement === null
    ? 'The provider has changed what is agreed on these keys. Nothing is lost; the new agreement comes by itself, or when you fetch it.'
    : 'Your module has these keys from the provider and signs in with them by itself. None of them ever leaves it.';
}

function KeyRows({ set, status, ...parts }: Parts & { readonly set: KeySetView; readonly status: ModuleStatus }) {
  return (
    <ul className={styles.keys}>
      {rowsOf(set).map((row) => (
        <KeyRowItem key={row.reference} row={row} {...parts} />
      ))}
      {set.agreement === null ? null : <CardRow moduleId={status.moduleId} {...parts} />}
    </ul>
  );
}

function KeyRowItem({ row, intent, start, room }: Parts & { readonly row: KeyRow }) {
  const { reference, title, about, slot, pin } = row;
  const name = `pin ${reference}`;
  const face =
    slot === null
      ? ({ face: 'empty' } as const)
      : slot.checkValue === null
        ? ({ face: 'masked' } as const)
        : ({ face: 'key', checkValue: slot.checkValue } as const);
  const choose = (): void =>
    start(
      name,
      () => room.choosePin(reference),
      () => ({ words: `Your PIN for ${title} is chosen. Only you know it: it is kept nowhere.` }),
    );
  return (
    <TagRow
      shows={face}
      title={title}
      slot={slot === null ? reference : `${reference}/${slot.version}`}
      about={intent.busy === name ? ASKING : about}
    >
      {pin === 'none' ? (
        slot && <time className={styles.time}>{formatMoment(slot.importedTime)}</time>
      ) : (
        <Button
          disabled={intent.busy !== null}
          aria-label={`${pin === 'missing' ? 'Choose a PIN' : 'Renew the PIN'} for ${title}`}
          onClick={choose}
        >
          {pin === 'missing' ? 'Choose a PIN' : 'Renew PIN'}
        </Button>
      )}
    </TagRow>
  );
}

/** The card of this module at the provider, or the place for one. */
function CardRow({ moduleId, intent, start, room }: Parts & { readonly moduleId: string | null }) {
  const [asked, setAsked] = useState(false);
  const given = useStore(room.card);
  const card = given?.moduleId === moduleId ? given : null;
  const busy = intent.busy !== null;
  const give = (): void =>
    start('card', room.giveCard, ({ last4 }) => ({ words: `The provider has your card that ends in ${last4}.` }));
  const remove = (): void => {
    setAsked(false);
    start('uncard', room.removeCard, () => ({ words: 'The provider has your card no longer.' }));
  };
  const about =
    intent.busy === 'card'
      ? ASKING
      : card === null
        ? 'Typed in the module; the provider alone can read it'
        : asked
          ? 'Is it to go from the provider?'
          : 'Kept by the provider';
  return (
    <TagRow
      shows={card === null ? { face: 'empty', shape: 'card' } : { face: 'card', last4: card.last4 }}
      title="Card"
      about={intent.busy === 'uncard' ? 'Being removed' : about}
    >
      <div className={styles.choices}>
        {card === null ? (
          <Button disabled={busy} onClick={give}>
            Give a card
          </Button>
        ) : asked ? (
          <>
            <Button disabled={busy} onClick={remove}>
              Remove it
            </Button>
            <Button disabled={busy} onClick={() => setAsked(false)}>
              Keep it
            </Button>
          </>
        ) : (
          <>
            <Button disabled={busy} aria-label="Replace the card" onClick={give}>
              Replace
            </Button>
            <Button disabled={busy} aria-label="Remove the card" onClick={() => setAsked(true)}>
              Remove
            </Button>
          </>
        )}
      </div>
    </TagRow>
  );
}

function FetchButton({ isFirst, intent, start, room }: Parts & { readonly isFirst: boolean }) {
  return (
    <Button
      icon={isFirst ? 'key' : 'replay'}
      disabled={intent.busy !== null}
      onClick={() => start('fetch', room.fetchKeys, (fetched) => ({ words: sayFetched(fetched) }))}
    >
      {intent.busy === 'fetch' ? 'Fetching keys' : isFirst ? 'Fetch keys' : 'Fetch again'}
    </Button>
  );
}

/** A PIN chooses what it opens: where that has a screen here, the person is taken there. */
function EnterButton({ intent, start, room }: Parts) {
  const [, go] = useLocation();
  const open = (application: string): Done | null => {
    if (application === 'watch') {
      go('/');
      return null;
    }
    return {
      words: `Your PIN opened ${sayApplication(application)}. Its screen is not in this version yet.`,
      opened: true,
    };
  };
  return (
    <Button icon="lock" disabled={intent.busy !== null} onClick={() => start('enter', room.enterWithPin, open)}>
      {intent.busy === 'enter' ? ASKING : 'Enter with PIN'}
    </Button>
  );
}

function History({ set }: { readonly set: KeySetView }) {
  return (
    <details className={styles.history}>
      <summary>What happened to them</summary>
      <ul>
        {set.history.toReversed().map((event, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no name, and a list that has grown is drawn anew.
          <li key={place} className={styles.event}>
            <span>{sayEvent(event)}</span>
            <time className={styles.time}>{formatMoment(event.time)}</time>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Keys of a provider whose page this is not: they are shown, and dealt with there. */
function OtherKeys({ set }: { readonly set: KeySetView }) {
  return (
    <div>
      <p className={styles.other}>
        Of another provider, <span className={styles.slot}>{set.provider.slice(0, 8)}</span>
      </p>
      <ul className={styles.keys}>
        {rowsOf(set)
          .filter(({ slot }) => slot !== null)
          .map(({ reference, title, about, slot }) => (
            <TagRow
              key={reference}
              shows={slot?.checkValue ? { face: 'key', checkValue: slot.checkValue } : { face: 'masked' }}
              title={title}
              slot={`${reference}/${slot?.version ?? 0}`}
              about={about}
            />
          ))}
      </ul>
    </div>
  );
}
