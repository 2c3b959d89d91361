// The keys part of the Module page in words: what a key is for, by whom its number is selected, what happened. Pure. A provider names its keys
// itself; those of the usual names have words of ours, all others are shown by the name that they have.

import type { KeyFetch } from '../../host/errands/keys.ts';
import { errorWords } from '../../protocol/error-words.ts';
import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { KeyEventView, KeySetView, KeySlotView } from '../../worker-module/commands.ts';
import type { Said } from './words.ts';

/** A row of the list: a key that is here, or the place for one that comes with its PIN. */
export type KeyRow = {
  readonly reference: string;
  readonly title: string;
  readonly about: string;
  /** Null where it has not come. */
  readonly slot: KeySlotView | null;
  /** `none`: no PIN chooses it; `missing`: it comes with one; `set`; `renew`: the provider has a newer version, which needs its PIN again. */
  readonly pin: 'none' | 'missing' | 'set' | 'renew';
};

const TITLES: ReadonlyMap<string, string> = new Map([
  ['master', 'Master key'],
  ['watch', 'Watching'],
  ['wallet', 'Wallet'],
  ['messages', 'Messages'],
]);

/** What an application is called. */
export function sayApplication(reference: string): string {
  return TITLES.get(reference) ?? reference;
}

/** Everything that there is of one provider: what was downloaded, and what waits for a PIN. Keys that sign in by themselves come first. */
export function rowsOf({ slots, agreement }: KeySetView): readonly KeyRow[] {
  const pins = agreement?.pins ?? [];
  const missing = pins.filter(({ reference }) => !slots.some((slot) => slot.reference === reference));
  const rows = [
    ...slots.map((slot): KeyRow => {
      const agreed = pins.find(({ reference }) => reference === slot.reference);
      const pin = !slot.pin ? 'none' : agreed !== undefined && agreed.version > slot.version ? 'renew' : 'set';
      return { ...named(slot.reference), about: aboutOf(slot), slot, pin };
    }),
    ...missing.map(({ reference }): KeyRow => {
      return { ...named(reference), about: 'Comes with a PIN of your choice', slot: null, pin: 'missing' };
    }),
  ];
  const rank = ({ slot, pin }: KeyRow): number => (slot?.kind === 'master' ? 0 : pin === 'none' ? 1 : 2);
  return rows.sort((left, right) => rank(left) - rank(right) || (left.reference < right.reference ? -1 : 1));
}

function named(reference: string): Pick<KeyRow, 'reference' | 'title'> {
  return { reference, title: sayApplication(reference) };
}

function aboutOf({ kind, pin }: KeySlotView): string {
  if (pin) return 'Opens with your PIN';
  return { master: 'The others are of use only with it', series: 'Signs you in', key: 'For one application' }[kind];
}

/** How the keys of this provider stand. */
export function sayKeys(set: KeySetView | undefined): Said {
  if (set === undefined) return ['absent', 'none yet'];
  return set.agreement === null ? ['unsure', 'to be agreed'] : ['good', 'agreed'];
}

/** By whom the number is selected that a key is derived with. */
export const RULES: Readonly<Record<NonNullable<KeySetView['agreement']>['rule'], string>> = {
  client: 'your module draws a number for each contact',
  server: 'the provider draws a number for each contact',
  date: 'each day has its own number',
  counter: 'each contact has the next number',
};

/** What happened to the keys. */
export function sayEvent({ what, reference, version, number }: KeyEventView): string {
  const key = reference === null ? '' : `${sayApplication(reference)} (${reference}/${version ?? 0})`;
  switch (what) {
    case 'joined':
      return 'The provider took this module into a set';
    case 'imported':
      return `${key} came`;
    case 'replaced':
      return `${key} took the place of an older one`;
    case 'agreed':
      return `Agreement ${number ?? 0} was accepted`;
    case 'pin':
      return `A PIN was chosen for ${key}`;
  }
}

/** A check value as it is read out: `3f 9a c1`. */
export function spellCheckValue(checkValue: string): string {
  return checkValue.replace(/(..)(?=.)/g, '$1 ');
}

/** What came of fetching. */
export function sayFetched({ imported, agreement }: KeyFetch): string {
  const came = imported.length === 1 ? 'One key came' : `${imported.length} keys came`;
  return imported.length === 0
    ? `You have every key there is. Agreement ${agreement} holds.`
    : `${came}, and agreement ${agreement} holds.`;
}

/** What a person reads where a PIN did not open anything. A wrong one is told as such and no more: there is nothing more to know. */
export function sayPinTrouble(code: FareboxErrorCode): string {
  return code === 'keys/refused' ? 'Not recognised.' : errorWords(code);
}
