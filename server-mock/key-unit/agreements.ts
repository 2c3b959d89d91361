// Agreements with modules (docs/protocol.md §24, MC-1, MC-2, MC-6) and the client information block that the key unit has of each: made, accepted,
// and found again by whoever checks a derived key. One is over in the moment in which something else is wanted; nothing has to be told for that.

import { and, eq, lt } from 'drizzle-orm';
import type { Bytes } from '../../src/protocol/bytes.ts';
import { concatBytes, fromHex } from '../../src/protocol/bytes.ts';
import { makeKeyAgreement, verifyKeyAcceptance } from '../../src/protocol/derived-keys/agreement.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeContentHash, hashObject, type ModuleId } from '../../src/protocol/ids.ts';
import { diversifyKey, KEY_LENGTH_BYTES } from '../../src/protocol/key-unit/application-key.ts';
import { encodeKeySlot, type KeySlot } from '../../src/protocol/key-unit/references.ts';
import { contact } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import { applicationKeys, clientBlocks, keySets, keyUnits } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { modules } from '../db/schema.ts';
import type { Provider } from '../provider.ts';
import { type AgreedContent, decodeContent, encodeContent } from './agreed-content.ts';
import { findWanted, type SetRow } from './policy.ts';
import type { KeyWrap } from './wrap.ts';

/** What the key unit has of a module under its newest agreement. No member is a key in the clear. */
export type ClientBlock = AgreedContent & {
  readonly module: ModuleId;
  /** Id of the set, 32 hex digits. */
  readonly set: string;
  /** Number of the agreement, from 1. */
  readonly number: number;
  readonly agreementHash: string;
  /** Epoch of the module in which it was made. */
  readonly epoch: number;
  /** SHA-256 of the COSE bytes of the certificate that signed the acceptance, 64 hex digits; null before it was accepted. */
  readonly acceptedCertificate: string | null;
  /** The last count of the rule `counter` that fitted, 0 before the first. */
  readonly count: number;
  /** It says what is wanted now, and the module is in the epoch in which it was made. */
  readonly isWanted: boolean;
  /** It is wanted and accepted: what is derived under it may be believed. */
  readonly inForce: boolean;
  /** Master key and series keys, wrapped as one. */
  readonly wrappedKeys: Uint8Array;
};

/** Keys of a block in the clear. Whoever opened them clears them. */
export type BlockKeys = {
  /** 32 bytes. */
  readonly master: Uint8Array;
  /** By reference, 32 bytes each. */
  readonly series: ReadonlyMap<string, Uint8Array>;
  /** Overwrites all of them. */
  readonly clear: () => void;
};

/** The answer to a module that asks for an agreement. */
export type GivenAgreement = {
  /** COSE bytes. */
  readonly agreement: Uint8Array;
  /** The keys that it names: what the module needs in its slots. */
  readonly keys: readonly (KeySlot & { readonly pin: boolean })[];
};

/**
 * The block of a module as it is at this moment, null where there never was an agreement. One statement where nothing has changed in the set
 * since the block was last looked at. `lock`: nobody else changes it until the transaction ends;
 * who locks the module's row as well (`contact`) does that first.
 */
export async function findBlock(
  tx: Queries,
  module: ModuleId,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<ClientBlock | null> {
  const found = tx
    .select(FOUND_COLUMNS)
    .from(clientBlocks)
    .innerJoin(keyUnits, eq(keyUnits.unitId, clientBlocks.moduleId))
    .innerJoin(keySets, eq(keySets.id, keyUnits.setId))
    .innerJoin(modules, eq(modules.id, clientBlocks.moduleId))
    .where(eq(clientBlocks.moduleId, module));
  const [row] = await (lock ? found.for('update', { of: clientBlocks }) : found);
  return row === undefined ? null : blockOf(tx, module, row);
}

/** The block that a row says; for `findBlock`, and for whoever asks for more columns in the same statement. */
export async function blockOf(tx: Queries, module: ModuleId, row: FoundBlock): Promise<ClientBlock> {
  const unchanged = row.setChanges === row.presentSetChanges && row.unitChanges === row.presentUnitChanges;
  const saysWanted = row.set === row.presentSet && (unchanged || (await stillSaysWanted(tx, row)));
  const isWanted = saysWanted && row.epoch === row.presentEpoch;
  const { set, number, agreementHash, epoch, acceptedCertificate, count, wrappedKeys } = row;
  return {
    ...decodeContent(row.content),
    ...{ module, set, number, agreementHash, epoch, acceptedCertificate, count, wrappedKeys, isWanted },
    inForce: isWanted && acceptedCertificate !== null,
  };
}

/** Columns of a block, its unit, its set and its module, joined. */
const FOUND_COLUMNS = {
  module: clientBlocks.moduleId,
  set: clientBlocks.setId,
  number: clientBlocks.number,
  agreementHash: clientBlocks.agreementHash,
  content: clientBlocks.content,
  wrappedKeys: clientBlocks.wrappedKeys,
  setChanges: clientBlocks.setChanges,
  unitChanges: clientBlocks.unitChanges,
  epoch: clientBlocks.epoch,
  acceptedCertificate: clientBlocks.certificateHash,
  count: clientBlocks.count,
  presentSet: keyUnits.setId,
  presentSetChanges: keySets.changes,
  presentUnitChanges: keyUnits.changes,
  presentEpoch: modules.epoch,
};

/** A row of them. */
export type FoundBlock = {
  readonly module: string;
  readonly set: string;
  readonly number: number;
  readonly agreementHash: string;
  readonly content: string;
  readonly wrappedKeys: Uint8Array;
  readonly setChanges: number;
  readonly unitChanges: number;
  readonly epoch: number;
  readonly acceptedCertificate: string | null;
  readonly count: number;
  readonly presentSet: string;
  readonly presentSetChanges: number;
  readonly presentUnitChanges: number;
  readonly presentEpoch: number;
};

/**
 * Something changed since the block was looked at: whether it changed for this module. Where it did not, that is noted under the changes that
 * were read before, so that what changes meanwhile is looked at again.
 */
async function stillSaysWanted(tx: Queries, row: FoundBlock): Promise<boolean> {
  const wanted = await wantedOf(tx, row.module);
  if (wanted?.content == null || encodeContent(wanted.content) !== row.content) return false;
  await tx
    .update(clientBlocks)
    .set({ setChanges: row.presentSetChanges, unitChanges: row.presentUnitChanges })
    .where(and(eq(clientBlocks.moduleId, row.module), eq(clientBlocks.content, row.content)));
  return true;
}

type Wanted = {
  readonly set: SetRow;
  /** `changes` of the unit. */
  readonly unitChanges: number;
  readonly isTransportDue: boolean;
  readonly content: AgreedContent | null;
};

/** What is wanted of a module; null where it is in no set. The changes are read before what they are changes of. */
async function wantedOf(tx: Queries, module: string): Promise<Wanted | null> {
  const [row] = await tx
    .select({ set: keySets, rule: keyUnits.rule, unitChanges: keyUnits.changes, isTransportDue: keyUnits.transportDue })
    .from(keyUnits)
    .innerJoin(keySets, eq(keySets.id, keyUnits.setId))
    .where(eq(keyUnits.unitId, module));
  if (row === undefined) return null;
  const { set, rule, unitChanges, isTransportDue } = row;
  const content = (await findWanted(tx, set, [{ unitId: module, rule }])).get(module) ?? null;
  return { set, unitChanges, isTransportDue, content };
}

/** Opens the keys of a block; none of them is diversified any further. @throws FareboxError `server/internal`. */
export async function openBlockKeys(wrap: KeyWrap, block: ClientBlock): Promise<BlockKeys> {
  const { set, module, number, series, wrappedKeys } = block;
  const clear = await wrap.open({ set, module, agreement: number }, wrappedKeys);
  const keyAt = (place: number) => clear.subarray(place * KEY_LENGTH_BYTES, (place + 1) * KEY_LENGTH_BYTES);
  return {
    master: keyAt(0),
    series: new Map(series.map(({ slot }, at) => [slot.reference, keyAt(at + 1)])),
    clear: () => {
      clear.fill(0);
    },
  };
}

/** A count of the rule `counter` has fitted: it is over, and so are those before it. */
export async function noteCount(tx: Queries, module: ModuleId, count: number): Promise<void> {
  await tx
    .update(clientBlocks)
    .set({ count })
    .where(and(eq(clientBlocks.moduleId, module), lt(clientBlocks.count, count)));
}

/**
 * The agreement that is wanted with the module that asks: the newest one as it was given, or the next number where that one is over.
 * @throws FareboxError what `contact` throws; `keys/unknown-unit` for a module of no set; `keys/retired` where its set is, or
 * where it was taken out of such a set and has not asked for its new transport key; `keys/no-such-key`
 * where there is no policy, or no master key or no series is left.
 */
export async function agree(
  provider: Provider,
  wrap: KeyWrap,
  tx: Queries,
  proven: ProvenModule,
): Promise<GivenAgreement> {
  // The contact has the module's row until the end: two of one module make one agreement.
  const { id: module, epoch } = await contact(provider, tx, proven);
  const wanted = await wantedOf(tx, module);
  if (wanted === null) throw new FareboxError('keys/unknown-unit');
  // A slot of the set before may have the name and version of one of this set: the transport key, which empties them, comes first.
  if (wanted.set.retiredTime !== null || wanted.isTransportDue) throw new FareboxError('keys/retired');
  const { content, set, unitChanges } = wanted;
  if (content === null) throw new FareboxError('keys/no-such-key');
  const keys = [{ ...content.master, pin: false }, ...content.series.map(({ slot, pin }) => ({ ...slot, pin }))];
  const [newest] = await tx.select().from(clientBlocks).where(eq(clientBlocks.moduleId, module));
  const text = encodeContent(content);
  if (newest?.setId === set.id && newest.content === text && newest.epoch === epoch && !newest.renewalDue)
    return { agreement: newest.agreement, keys };
  const number = 1 + (newest?.number ?? 0);
  const agreement = await sign(provider, module, number, content);
  const row = {
    ...{ setId: set.id, number, agreement, agreementHash: hashObject(agreement), content: text },
    wrappedKeys: await wrapKeys(wrap, tx, { module, set: set.id, number, content }),
    ...{ setChanges: set.changes, unitChanges, epoch },
    ...{ acceptedTime: null, certificateHash: null, count: 0, renewalDue: false },
  };
  await tx
    .insert(clientBlocks)
    .values({ moduleId: module, ...row })
    .onConflictDoUpdate({ target: clientBlocks.moduleId, set: row });
  return { agreement, keys };
}

function sign(provider: Provider, module: ModuleId, number: number, content: AgreedContent): Promise<Bytes> {
  const { rule, master } = content;
  const series = content.series.map(({ slot, retired, pin }) => ({ slot, retired, pin }));
  const agreement = { module, number, rule, master, series, issuedAt: provider.clock() };
  return makeKeyAgreement({ signer: provider.keys.provider, agreement });
}

type Named = {
  readonly module: ModuleId;
  readonly set: string;
  readonly number: number;
  readonly content: AgreedContent;
};

/** The module's own keys, made of the material of each slot, wrapped as one. */
async function wrapKeys(wrap: KeyWrap, tx: Queries, named: Named): Promise<Uint8Array> {
  const { module, set, number, content } = named;
  const purposes = [
    { slot: content.master, purpose: { kind: 'master', count: 0 } },
    ...content.series.map(({ slot, count }) => ({ slot, purpose: { kind: 'series', count } }) as const),
  ] as const;
  const rows = await tx.select().from(applicationKeys).where(eq(applicationKeys.setId, set));
  const wrapped = new Map(rows.map((row) => [encodeKeySlot(row), row.wrappedMaterial]));
  const clear: Uint8Array[] = [];
  try {
    for (const { slot, purpose } of purposes) {
      const sealed = wrapped.get(encodeKeySlot(slot));
      if (sealed === undefined) throw new FareboxError('server/internal', { set });
      const material = await wrap.open({ set, slot }, sealed);
      clear.push(diversifyKey({ material, set: fromHex(set), unit: module, slot, purpose }).applicationKey);
      material.fill(0);
    }
    const keys = concatBytes(...clear);
    clear.push(keys);
    return await wrap.seal({ set, module, agreement: number }, keys);
  } finally {
    for (const key of clear) key.fill(0);
  }
}

/**
 * Takes a module's acceptance of its newest agreement; taken again, it is under the certificate that signed it last. `acceptance`: COSE bytes.
 * @returns the number. @throws FareboxError what `contact` throws; `keys/malformed`; `keys/retired` for any agreement but the newest, and for that
 * one where something else is wanted by now, or the module has had it ended since.
 */
export async function accept(
  provider: Provider,
  tx: Queries,
  proven: ProvenModule,
  acceptance: Uint8Array,
): Promise<number> {
  const { id: module } = await contact(provider, tx, proven);
  const block = await findBlock(tx, module, { lock: true });
  if (block === null) throw new FareboxError('keys/retired');
  const agreementHash = decodeContentHash(block.agreementHash, 'server/internal');
  const { id, suite } = provider;
  await verifyKeyAcceptance({ bytes: acceptance, module: proven.certificate, provider: id, agreementHash, suite });
  if (!block.isWanted) throw new FareboxError('keys/retired', { number: block.number });
  const certificateHash = hashObject(proven.certificateBytes);
  const accepted = await tx
    .update(clientBlocks)
    .set({ acceptedTime: provider.clock(), certificateHash })
    .where(and(eq(clientBlocks.moduleId, module), eq(clientBlocks.renewalDue, false)))
    .returning({ number: clientBlocks.number });
  if (accepted.length === 0) throw new FareboxError('keys/retired', { number: block.number });
  return block.number;
}
