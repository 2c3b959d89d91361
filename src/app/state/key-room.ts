// What the keys part of the Module page asks and shows: the keys of each provider, and the intents of the person. Made by that part. It has no key, no
// PIN and no card: those are typed in the module's own frame, and what it carries of them is sealed.

import { keyProvider } from '../../host/errands/key-note.ts';
import type { KeyFetch } from '../../host/errands/keys.ts';
import { createStore, type ReadableStore } from '../../player/store.ts';
import type { KeySetView } from '../../worker-module/commands.ts';
import { createLoadable, type LoadableStore } from './loadable.ts';
import type { Terminal } from './terminal.ts';

/** A card that a module (id in hex) has given to the provider: its last four digits, as the provider said them. */
export type GivenCard = { readonly moduleId: string; readonly last4: string };

/** The room. Every intent rejects with a FareboxError; those that ask the person with `consent/*` as well. */
export type KeyRoom = {
  /** All that the module has, by provider. */
  readonly sets: LoadableStore<readonly KeySetView[]>;
  /** Id of the provider of this page in hex, as far as it was dealt with; undefined before. */
  provider(): string | undefined;
  /** The card that was given last from here; null where there is none. */
  readonly card: ReadableStore<GivenCard | null>;
  /** Reads the keys now and whenever they change. Returns the function that ends it. */
  follow(): () => void;
  fetchKeys(): Promise<KeyFetch>;
  /** The module asks for the PIN. */
  choosePin(reference: string): Promise<unknown>;
  /** The module asks for a PIN; the reference of the application that it opens. */
  enterWithPin(): Promise<string>;
  /** The module asks for a card. */
  giveCard(): Promise<GivenCard>;
  removeCard(): Promise<void>;
  /** What is kept of keys was altered: the module asks, and they are fetched anew. */
  renewKeys(): Promise<KeyFetch>;
};

/** The note of the card: whose it is, and its last four digits. */
const CARD_NOTE = 'card';
const CARD = /^([0-9a-f]{32}) (\d{4})$/;

/** Makes the room over the terminal's state. `readOthers`: reads what else on the page tells of contacts. */
export function createKeyRoom(
  { ports, moduleStatus }: Pick<Terminal, 'ports' | 'moduleStatus'>,
  readOthers: () => Promise<void>,
): KeyRoom {
  const { module, relay, notes } = ports;
  const { signal } = new AbortController();
  const sets = createLoadable(() => module.call('keys', {}));
  const card = createStore(readCard(notes.read(CARD_NOTE)));
  /** What came of it is on the same page, whether it went through to its end or not. */
  const change = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      await Promise.all([sets.reload(), moduleStatus.reload(), readOthers()]);
    }
  };
  return {
    sets,
    card,
    provider: () => keyProvider(ports),
    follow() {
      void sets.reload();
      return module.onEvent((event) => {
        if (event.type === 'changed' && event.what === 'keys') void sets.reload();
      });
    },
    fetchKeys: async () => change((await relay.keys()).fetchKeys(signal)),
    choosePin: async (reference) => change((await relay.keys()).choosePin(reference, signal)),
    async enterWithPin() {
      const { application } = await change((await relay.keys()).signInWithPin(signal));
      return application;
    },
    async giveCard() {
      const { last4 } = await change((await relay.keys()).giveCard(signal));
      const { moduleId } = await module.call('status', {});
      const given = { moduleId: moduleId ?? '', last4 };
      notes.write(CARD_NOTE, `${given.moduleId} ${last4}`);
      card.set(given);
      return given;
    },
    async removeCard() {
      await change((await relay.keys()).removeCard(signal));
      notes.write(CARD_NOTE, '');
      card.set(null);
    },
    renewKeys: async () => change((await relay.keys()).renewKeys(signal)),
  };
}

function readCard(note: string | null): GivenCard | null {
  const [, moduleId, last4] = CARD.exec(note ?? '') ?? [];
  return moduleId === undefined || last4 === undefined ? null : { moduleId, last4 };
}
