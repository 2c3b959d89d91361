// The errands of a module's keys, docs/protocol.md §23 and §24: the transport key, the keys of an agreement and the agreement itself; a PIN that
// chooses an application; a card for the provider. Loaded when it is needed. What is missing is worked out anew each time, so each may be cut
// anywhere, done again, and done in two tabs at once. What a person types stays in the module: only sealed bytes pass here.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { KeySetView, KeySlotView } from '../../worker-module/commands.ts';
import type { ExportedBytes, KeptCard, NamedKey, TokenAnswer } from '../key-answers.ts';
import { makeKeyRequests } from '../key-requests.ts';
import { HOST_LIMITS } from '../limits.ts';
import { areKeysLost, keyProvider, noteKeysDue, noteKeysHeld, noteKeysLost, noteKeysRefused } from './key-note.ts';
import { type InContact, type RelayParts, unaborted } from './parts.ts';

/** What came: references of the keys that are new, and the number of the agreement that holds now. */
export type KeyFetch = { readonly imported: readonly string[]; readonly agreement: number };

/** The errands. All throw FareboxError; an abort throws its reason. Those that ask the person throw `consent/*` as well. */
export type KeyErrands = {
  /** Gets whatever keys the provider has for this module but those that a PIN chooses, and accepts the agreement. Errors: `keys/unknown-unit` where it has none. */
  fetchKeys(signal: AbortSignal): Promise<KeyFetch>;
  /** Gets the key of an application that a PIN chooses; the module asks for the PIN. Choosing it anew is the same. */
  choosePin(reference: string, signal: AbortSignal): Promise<KeySlotView>;
  /** The module asks for a PIN, and the provider says which application it opens. Errors: `keys/refused` for a wrong one, `keys/too-many`. */
  signInWithPin(signal: AbortSignal): Promise<{ readonly application: string }>;
  /** The module asks for a card, which the provider alone can read. Errors: `keys/refused`, `keys/expired-card`. */
  giveCard(signal: AbortSignal): Promise<KeptCard>;
  removeCard(signal: AbortSignal): Promise<void>;
  /** Where what the module keeps of keys was altered: it asks the person, sets it aside, and everything is fetched as for a new module. */
  renewKeys(signal: AbortSignal): Promise<KeyFetch>;
};

/** Refusals because something was changed since the errand began, by the provider or another tab: from the beginning it may do. */
const CHANGED: ReadonlySet<FareboxErrorCode> = new Set([
  'keys/certificate',
  'keys/no-such-key',
  'keys/replayed',
  'keys/retired',
  'keys/unknown-slot',
  'keys/unknown-unit',
]);

/** Makes the errands. `inContact` makes contacts by P1. */
export function makeKeyErrands(
  parts: Pick<RelayParts, 'module' | 'provider' | 'notes' | 'wallClockMs'>,
  ensureEnrolled: (signal: AbortSignal) => Promise<string>,
  inContact: InContact,
): KeyErrands {
  const { module, wallClockMs } = parts;
  const requests = makeKeyRequests(parts.provider.posts);

  /** What the module has of the provider that it has dealt with here; undefined before the first time. */
  const heldSet = async (): Promise<KeySetView | undefined> => {
    const provider = keyProvider(parts);
    return provider === undefined ? undefined : findSet(await module.call('keys', {}), provider);
  };

  const takeTransportKey = async (): Promise<KeySetView> =>
    module.call('acceptTransportKey', await inContact(unaborted(), requests.transport));

  /** Asks for one key of each name and gives each answer, with the R that it answers, to `take`. */
  const exportKeys = async <T>(
    { provider }: KeySetView,
    references: readonly string[],
    take: (answer: ExportedBytes & { readonly provider: string; readonly random: Uint8Array }) => Promise<T>,
  ): Promise<T[]> => {
    const keys = await module.call('drawKeyRequests', { provider, references });
    const { answers } = await inContact(unaborted(), (contact) => requests.exportKeys({ ...contact, keys }));
    const taken: T[] = [];
    for (const [place, { random }] of keys.entries()) {
      const answer = answers[place];
      if (answer === undefined || 'error' in answer) throw new FareboxError(answer?.error ?? 'network/wrong-content');
      taken.push(await take({ ...answer, provider, random }));
    }
    return taken;
  };

  const importLacking = async (set: KeySetView, named: readonly NamedKey[]): Promise<string[]> => {
    const lacking = named.filter((key) => !key.pin && !isHeld(set, key)).map(({ reference }) => reference);
    if (lacking.length === 0) return [];
    await exportKeys(set, lacking, (answer) => module.call('importKey', answer).catch(unlessNewer));
    return lacking;
  };

  const fetchOnce = async (held: KeySetView | undefined): Promise<KeyFetch> => {
    const set = held ?? (await takeTransportKey());
    const { keys, ...agreed } = await inContact(unaborted(), requests.agreement);
    const imported = await importLacking(set, keys);
    const acceptance = Uint8Array.from((await module.call('acceptAgreement', agreed)).acceptance);
    const { number } = await inContact(unaborted(), (contact) => requests.acceptance({ ...contact, acceptance }));
    const now = findSet(await module.call('keys', {}), set.provider);
    // The keys of one provider and the agreement of another are no way to come to either.
    if (!now?.agreement) throw new FareboxError('keys/malformed', { expected: 'an agreement of the same provider' });
    noteKeysHeld(parts, set.provider);
    return { imported, agreement: number };
  };

  const fetchAll = async (): Promise<KeyFetch> => {
    for (let rounds = 1; ; rounds += 1) {
      // From the second round on nothing is taken for granted, the transport key least of all; asking for it ends what was agreed.
      const held = rounds === 1 && !areKeysLost(parts) ? await heldSet() : undefined;
      try {
        return await fetchOnce(held);
      } catch (thrown) {
        if (!(thrown instanceof FareboxError)) throw thrown;
        const isHopeless = thrown.code === 'keys/unknown-unit' && held === undefined;
        if (!isHopeless && CHANGED.has(thrown.code) && rounds < HOST_LIMITS.keyRounds) continue;
        if (thrown.code.startsWith('keys/')) noteKeysRefused(parts, wallClockMs());
        throw thrown;
      }
    }
  };
  let fetching: Promise<KeyFetch> | null = null;
  /** One errand for all who ask at once: who gives up stops nobody else. */
  const fetchKeys = async (signal: AbortSignal): Promise<KeyFetch> => {
    fetching ??= fetchAll().finally(() => {
      fetching = null;
    });
    const fetched = await fetching;
    signal.throwIfAborted();
    return fetched;
  };

  /** The keys of this provider, fetched first where there are none. */
  const ensureSet = async (signal: AbortSignal): Promise<KeySetView> => {
    const held = await heldSet();
    if (held?.agreement) return held;
    await fetchKeys(signal);
    const now = await heldSet();
    if (now === undefined) throw new FareboxError('keys/unknown-unit');
    return now;
  };

  /** A token under the agreement that holds on both sides: what was retired is found out before the person types anything. */
  const takeToken = async (signal: AbortSignal): Promise<TokenAnswer & { readonly provider: string }> => {
    const moduleId = await ensureEnrolled(signal);
    const { provider, agreement } = await ensureSet(signal);
    const token = await requests.token(moduleId, signal).catch((thrown: unknown) => {
      if (thrown instanceof FareboxError && CHANGED.has(thrown.code)) return null;
      throw thrown;
    });
    if (token !== null && token.agreement === agreement?.number) return { provider, ...token };
    noteKeysDue(parts);
    await fetchKeys(signal);
    return { provider, ...(await requests.token(moduleId, signal)) };
  };

  /**
   * Has the module answer a token with what a person types. Where they take longer than a token is good for, the module keeps what was typed for the
   * next one, and asks nothing again.
   */
  const answerToken = async <T>(
    signal: AbortSignal,
    answer: (token: TokenAnswer & { readonly provider: string }) => Promise<T>,
  ): Promise<T> => {
    const token = await takeToken(signal);
    try {
      return await answer(token);
    } catch (thrown) {
      if (!(thrown instanceof FareboxError) || thrown.code !== 'challenge/expired') throw thrown;
      return answer(await takeToken(signal));
    }
  };

  /** Where what was typed went under keys that do not fit, the next time is under others. */
  const agreeAnew = async (thrown: unknown): Promise<void> => {
    if (!(thrown instanceof FareboxError) || thrown.code !== 'keys/refused') return;
    noteKeysLost(parts);
    await fetchKeys(unaborted()).catch((failed: unknown) => {
      if (!(failed instanceof FareboxError)) throw failed;
    });
  };

  return {
    fetchKeys,
    async choosePin(reference, signal) {
      const set = await ensureSet(signal);
      const [slot] = await exportKeys(set, [reference], (answer) => module.call('choosePin', answer));
      if (slot === undefined) throw new FareboxError('module/internal', { expected: 'one key' });
      return slot;
    },
    async signInWithPin(signal) {
      const answered = await answerToken(signal, ({ counter: _place, ...asked }) =>
        module.call('signInWithPin', asked),
      );
      const pin = Uint8Array.from(answered.pin);
      return inContact(signal, (contact) => requests.pin({ ...contact, pin }));
    },
    async giveCard(signal) {
      const answered = await answerToken(signal, (asked) => module.call('giveCard', asked));
      const { response, certificate, concealed } = answered;
      const sent = {
        ...{ response: Uint8Array.from(response), certificate: Uint8Array.from(certificate) },
        concealed: Uint8Array.from(concealed),
        signal,
      };
      const { card } = await requests.confide(sent).catch(async (thrown: unknown) => {
        await agreeAnew(thrown);
        throw thrown;
      });
      return card;
    },
    async removeCard(signal) {
      await inContact(signal, requests.removeCard);
    },
    async renewKeys(signal) {
      await module.call('renewKeys', {});
      noteKeysLost(parts);
      return fetchKeys(signal);
    },
  };
}

function findSet(sets: readonly KeySetView[], provider: string): KeySetView | undefined {
  return sets.find((set) => set.provider === provider);
}

function isHeld({ slots }: KeySetView, { reference, version }: NamedKey): boolean {
  return slots.some((slot) => slot.reference === reference && slot.version >= version);
}

/** Another tab has brought a newer one in the meantime: it stays. */
function unlessNewer(thrown: unknown): null {
  if (thrown instanceof FareboxError && thrown.code === 'keys/old-reference') return null;
  throw thrown;
}
