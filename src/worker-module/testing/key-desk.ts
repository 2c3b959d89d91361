// The key unit of a test's provider, in memory: one set that every module joins, its application keys, what it agrees with each module, and the
// judging of figs 2 to 4. It seals, signs and checks with the protocol's own functions; who may ask, and what is kept of it all in a database,
// is the real provider's business. Made by provider-side.ts.

import { toHex } from '../../protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { makeKeyAgreement, verifyKeyAcceptance } from '../../protocol/derived-keys/agreement.ts';
import { type Card, decodeCard } from '../../protocol/derived-keys/card.ts';
import { confidentialContext, pinContext, signInContext } from '../../protocol/derived-keys/context.ts';
import { deriveDerivedKey, isAnswerTo, revealNumber } from '../../protocol/derived-keys/dea.ts';
import {
  countsAfter,
  drawIndex,
  indexesAround,
  indexOfCount,
  liveIndexes,
  type SelectionRule,
} from '../../protocol/derived-keys/rules.ts';
import { deriveSeriesNumber } from '../../protocol/derived-keys/series.ts';
import {
  decodePinSignIn,
  decodeSignIn,
  decodeTicket,
  encodeTicket,
  type SignInMessage,
  type SignInTag,
  tokenOf,
} from '../../protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { type ContentHash, decodeModuleId, decodeProviderId, hashObject, type ModuleId } from '../../protocol/ids.ts';
import {
  type ApplicationKey,
  checkValueOf,
  diversifyKey,
  type KeyPurpose,
} from '../../protocol/key-unit/application-key.ts';
import { type ExportedKey, exportKey } from '../../protocol/key-unit/export-key.ts';
import type { KeySlot } from '../../protocol/key-unit/references.ts';
import { makeTransportKey } from '../../protocol/key-unit/transport-key.ts';
import type { Signer } from '../../protocol/suite/signer.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import type { ContactToken } from '../commands.ts';
import type { Contact, ProviderLedger } from './provider-ledger.ts';
import { randomBytes } from './random.ts';

/** Names of its keys: a master key, a series that no PIN chooses, two that a PIN chooses, and one for an application's own use. */
export const DESK_KEYS = { master: 'master', open: 'watch', pins: ['messages', 'wallet'], own: 'coupons' } as const;
/** Series numbers of each series. */
export const SERIES_COUNT = 64;

const TICKET_MS = 60_000;

/** What the provider keeps for one module: its client information block. */
type Block = {
  number: number;
  epoch: number;
  /** What was agreed, by the desk's own policy then. */
  policy: Policy;
  agreement: Uint8Array;
  agreementHash: ContentHash;
  accepted: boolean;
  count: number;
};
type Policy = {
  readonly rule: SelectionRule;
  readonly versions: ReadonlyMap<string, number>;
  readonly retired: ReadonlyMap<string, readonly number[]>;
  readonly pins: readonly string[];
};

/** The desk. */
export type KeyDesk = {
  /** Name of its set (16 bytes), its T, and the materials of its keys, for whoever looks whether they are somewhere. */
  readonly secrets: () => readonly Uint8Array[];
  /** T of the set, sealed to the holder of this certificate. */
  transportKey(certificate: Uint8Array): Promise<Uint8Array>;
  /** Every module is in another set with another T from here on, as of this time in ms. */
  moveSet(issuedAt: number): void;
  /** EXPORTKEY, of the newest version unless told. @throws FareboxError `keys/no-such-key`. */
  exportKey(module: ModuleId, asked: DeskRequest, version?: number): ExportedKey;
  /** The newest agreement; the next one where the policy or the module's epoch is another than it was made for. */
  agreement(module: ModuleId): Promise<Uint8Array>;
  /** Takes an acceptance. @throws FareboxError `keys/malformed`, `keys/retired`. */
  accept(certificate: Uint8Array, acceptance: Uint8Array): Promise<void>;
  /** Number of the agreement that is in force, or null. */
  agreed(module: ModuleId): number | null;
  /** A token for a contact. @throws FareboxError `keys/retired` where nothing is in force. */
  token(module: ModuleId): ContactToken;
  /** Judges a sign-in. @throws FareboxError `challenge/*`, `keys/retired`, `keys/refused`, `keys/contact`. */
  meet(contact: Contact): Promise<SignInMessage>;
  /** The application that a PIN chooses. @throws FareboxError `keys/refused`, `keys/retired`. */
  applicationOf(module: ModuleId, pin: Uint8Array): string;
  /** Judges a sign-in and reads the card beside it. @throws FareboxError as `meet`, `keys/refused`, `keys/expired-card`. */
  readCard(contact: Contact, concealed: Uint8Array): Promise<Card>;
  /** The key of this slot for this module in the clear, as the unit is to have it. */
  keyFor(module: ModuleId, slot: KeySlot): ApplicationKey;
  /** The newest version of a key. */
  newest(reference: string): number;
  /** Changes the policy: every agreement is over. */
  change(policy: Partial<Pick<Policy, 'rule' | 'pins'>>): void;
  /** The next version of a key, with new material. */
  renew(reference: string): void;
  /** An index of a series that is over. */
  retire(reference: string, index: number): void;
};

/** A request of a module. */
export type DeskRequest = { readonly reference: string; readonly random: Uint8Array };

const PURPOSES: ReadonlyMap<string, KeyPurpose> = new Map<string, KeyPurpose>([
  [DESK_KEYS.master, { kind: 'master', count: 0 }],
  [DESK_KEYS.own, { kind: 'key', count: 0 }],
  ...[DESK_KEYS.open, ...DESK_KEYS.pins].map((name): [string, KeyPurpose] => [
    name,
    { kind: 'series', count: SERIES_COUNT },
  ]),
]);

/** Makes a desk with its set. */
export function makeKeyDesk(of: {
  readonly signer: Signer;
  readonly agencyKey: Uint8Array;
  readonly ledger: ProviderLedger;
}): KeyDesk {
  const { signer, agencyKey, ledger } = of;
  const provider = decodeProviderId(signer.kid);
  const tokenKey = randomBytes(32);
  let transport = { set: randomBytes(16), transportKey: randomBytes(32), issuedAt: ledger.now };
  const materials = new Map<string, Uint8Array>();
  const blocks = new Map<ModuleId, Block>();
  let policy: Policy = {
    rule: 'client',
    versions: new Map([...PURPOSES.keys()].map((reference) => [reference, 1])),
    retired: new Map(),
    pins: DESK_KEYS.pins,
  };

  const materialOf = ({ reference, version }: KeySlot): Uint8Array => {
    const name = `${toHex(transport.set)} ${reference}/${version}`;
    const material = materials.get(name) ?? randomBytes(32);
    materials.set(name, material);
    return material;
  };
  const slotOf = ({ versions }: Policy, reference: string): KeySlot => {
    const version = versions.get(reference);
    if (version === undefined) throw new FareboxError('keys/no-such-key');
    return { reference, version };
  };
  const keyFor = (module: ModuleId, slot: KeySlot): ApplicationKey => {
    const purpose = PURPOSES.get(slot.reference);
    if (purpose === undefined) throw new FareboxError('keys/no-such-key');
    return diversifyKey({ material: materialOf(slot), set: transport.set, unit: module, slot, purpose });
  };
  const certified = (bytes: Uint8Array): Promise<VerifiedCertificate> =>
    verifyCertificate({ bytes, agencyKey, role: 'module', now: ledger.now, suite });
  const findInForce = (module: ModuleId): Block | null => {
    const block = blocks.get(module);
    const isHeld = block?.accepted === true && block.policy === policy;
    return isHeld && block.epoch === ledger.expected(module).epoch ? block : null;
  };
  const inForce = (module: ModuleId): Block => {
    const block = findInForce(module);
    if (block === null) throw new FareboxError('keys/retired');
    return block;
  };

  /** Whether this tag is that of one of these indexes. */
  function fits(
    module: ModuleId,
    block: Block,
    of: { readonly tag: SignInTag; readonly index: number; readonly token: Uint8Array; readonly context: Uint8Array },
  ): boolean {
    const { tag, index, token, context } = of;
    const master = keyFor(module, slotOf(block.policy, DESK_KEYS.master)).applicationKey;
    const series = keyFor(module, slotOf(block.policy, tag.reference)).applicationKey;
    const derivedKey = deriveDerivedKey(master, block.number, deriveSeriesNumber(series, index));
    return isAnswerTo({ derivedKey, token, context, tag: tag.tag });
  }

  /** The index under which a tag fits, or null. `count` under the rule `counter`. */
  function indexOf(
    module: ModuleId,
    block: Block,
    of: { tag: SignInTag; index: number | null; count: number; token: Uint8Array; context: Uint8Array },
  ): number | null {
    const live = liveIndexes(SERIES_COUNT, block.policy.retired.get(of.tag.reference) ?? []);
    const candidates: Readonly<Record<SelectionRule, () => readonly (number | null)[]>> = {
      client: () => [of.tag.index],
      server: () => [of.index],
      date: () => indexesAround(live, ledger.now),
      counter: () => [indexOfCount(live, of.count)],
    };
    for (const index of candidates[block.policy.rule]()) {
      if (index === null || !live.includes(index)) continue;
      if (fits(module, block, { ...of, index })) return index;
    }
    return null;
  }

  /** The count under which every one of these fits; 0 under the other rules. Null where none does. */
  function countFitting(block: Block, all: (count: number) => boolean): number | null {
    const counts = block.policy.rule === 'counter' ? countsAfter(block.count) : [0];
    return counts.find(all) ?? null;
  }

  async function judge(contact: Contact): Promise<{ message: SignInMessage; module: ModuleId; index: number }> {
    const certificate = await certified(contact.certificate);
    const module = decodeModuleId(certificate.subject);
    const message = decodeSignIn(contact.response);
    const ticket = decodeTicket(message.ticket);
    if (ticket.module !== module) throw new FareboxError('challenge/malformed');
    if (ledger.now >= ticket.expires) throw new FareboxError('challenge/expired');
    const block = inForce(module);
    if (message.agreement !== block.number || message.epoch !== block.epoch) throw new FareboxError('keys/retired');
    const token = tokenOf(tokenKey, message.ticket);
    const context = signInContext({ provider, module, agreement: block.number, place: message });
    const [first] = message.tags;
    const wanted = [DESK_KEYS.open, ...DESK_KEYS.pins].filter((name) => !block.policy.pins.includes(name)).sort();
    const isWhole = message.tags.map(({ reference }) => reference).join() === wanted.join();
    const found = countFitting(block, (count) =>
      message.tags.every((tag) => indexOf(module, block, { tag, index: ticket.index, count, token, context }) !== null),
    );
    if (first === undefined || !isWhole || found === null) throw new FareboxError('keys/refused');
    ledger.meetPlace(module, message, ticket.counter);
    block.count = found;
    const index = indexOf(module, block, { tag: first, index: ticket.index, count: found, token, context });
    return { message, module, index: index ?? 0 };
  }

  return {
    secrets: () => [transport.set, transport.transportKey, ...materials.values()],
    keyFor,
    transportKey: async (certificate) => {
      const { issuedAt } = transport;
      return makeTransportKey({ signer, module: await certified(certificate), transport, issuedAt });
    },
    moveSet: (issuedAt) => {
      transport = { set: randomBytes(16), transportKey: randomBytes(32), issuedAt };
      policy = { ...policy };
    },
    exportKey: (module, { reference, random }, version) => {
      const newest = slotOf(policy, reference);
      const slot = { reference, version: version ?? newest.version };
      const exchange = { transport, unit: module, random };
      return exportKey(exchange, { slot, application: keyFor(module, slot), nonce: randomBytes(12) });
    },
    agreement: async (module) => {
      const { epoch } = ledger.expected(module);
      const known = blocks.get(module);
      if (known?.policy === policy && known.epoch === epoch) return known.agreement;
      const number = (known?.number ?? 0) + 1;
      const series = [DESK_KEYS.open, ...DESK_KEYS.pins].map((reference) => ({
        slot: slotOf(policy, reference),
        retired: policy.retired.get(reference) ?? [],
        pin: policy.pins.includes(reference),
      }));
      const { rule } = policy;
      const content = { module, number, rule, master: slotOf(policy, DESK_KEYS.master), series, issuedAt: ledger.now };
      const agreement = await makeKeyAgreement({ signer, agreement: content });
      const agreementHash = hashObject(agreement);
      blocks.set(module, { number, epoch, policy, agreement, agreementHash, accepted: false, count: 0 });
      return agreement;
    },
    accept: async (certificate, acceptance) => {
      const module = await certified(certificate);
      const block = blocks.get(decodeModuleId(module.subject));
      if (block === undefined) throw new FareboxError('keys/retired');
      const { agreementHash } = block;
      await verifyKeyAcceptance({ bytes: acceptance, module, provider, agreementHash, suite });
      block.accepted = true;
    },
    agreed: (module) => findInForce(module)?.number ?? null,
    token: (module) => {
      const block = inForce(module);
      const { rule, retired } = block.policy;
      const live = liveIndexes(SERIES_COUNT, retired.get(DESK_KEYS.open) ?? []);
      const index = rule === 'server' ? drawIndex(live, randomBytes) : null;
      const { epoch, counter, head } = ledger.expected(module);
      const expires = ledger.now + TICKET_MS;
      const ticket = encodeTicket({ module, epoch, expires, counter, head, index, nonce: randomBytes(16) });
      return { provider, ticket, token: tokenOf(tokenKey, ticket), agreement: block.number, counter, index };
    },
    meet: async (contact) => (await judge(contact)).message,
    applicationOf: (module, pin) => {
      const { ticket, agreement, tags } = decodePinSignIn(pin);
      const block = inForce(module);
      if (agreement !== block.number) throw new FareboxError('keys/retired');
      const token = tokenOf(tokenKey, ticket);
      const context = pinContext({ provider, module, agreement });
      const { index } = decodeTicket(ticket);
      const offered = tags.filter(({ reference }) => block.policy.pins.includes(reference));
      const fitting = (count: number) =>
        offered.find((tag) => indexOf(module, block, { tag, index, count, token, context }) !== null);
      const count = countFitting(block, (next) => fitting(next) !== undefined);
      if (count === null) throw new FareboxError('keys/refused');
      block.count = count;
      const only = fitting(count);
      if (only === undefined) throw new FareboxError('keys/refused');
      return only.reference;
    },
    readCard: async (contact, concealed) => {
      const { message, module, index } = await judge(contact);
      const block = inForce(module);
      const [first] = message.tags;
      if (first === undefined) throw new FareboxError('keys/refused');
      const master = keyFor(module, slotOf(block.policy, DESK_KEYS.master)).applicationKey;
      const series = keyFor(module, slotOf(block.policy, first.reference)).applicationKey;
      const derivedKey = deriveDerivedKey(master, block.number, deriveSeriesNumber(series, index));
      const token = tokenOf(tokenKey, message.ticket);
      const context = confidentialContext({ provider, module, agreement: block.number, token });
      return decodeCard(revealNumber(derivedKey, concealed, context), ledger.now);
    },
    newest: (reference) => slotOf(policy, reference).version,
    change: (next) => {
      policy = { ...policy, ...next };
    },
    renew: (reference) => {
      const { version } = slotOf(policy, reference);
      policy = { ...policy, versions: new Map(policy.versions).set(reference, version + 1) };
    },
    retire: (reference, index) => {
      const before = policy.retired.get(reference) ?? [];
      const retired = [...new Set([...before, index])].sort((left, right) => left - right);
      policy = { ...policy, retired: new Map(policy.retired).set(reference, retired) };
    },
  };
}

/** The check value of a key, 6 hex digits. */
export function checkValueTextOf({ applicationKey }: ApplicationKey): string {
  return toHex(checkValueOf(applicationKey));
}
