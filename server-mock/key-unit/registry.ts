// What the command line asks of the key unit, whether a server runs or not: a port with two adapters, the database itself
// (direct-registry.ts) and a running server's admin interface. Everything in it is JSON as it stands; no member is a key in the clear.

import { z } from 'zod';
import { SELECTION_RULES, type SelectionRule } from '../../src/protocol/derived-keys/rules.ts';
import { KEY_KINDS } from '../../src/protocol/key-unit/application-key.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { SERVER_LIMITS } from '../limits.ts';

const count = z.number().int().nonnegative();
const hex = (lengthBytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * lengthBytes}}$`));
/** Of a set or an application key; what is no such name is refused by the key unit itself. */
const name = z.string().max(LIMITS.keyReferenceLength);
const base64Url = z.string().regex(/^[\w-]*$/);

/** By which rule the units of a set select, and which keys (REF1) an agreement names; `pin`: a PIN chooses it. */
export const keyPolicySchema = z.strictObject({
  rule: z.enum(SELECTION_RULES),
  master: name,
  series: z.array(z.strictObject({ reference: name, pin: z.boolean() })).max(LIMITS.seriesSets),
});

/** One set. Times in ms since 1970; `transportCheck`: check value of T; `openSize`: how many modules it takes in by itself, null: none. */
export const keySetSchema = z.strictObject({
  set: hex(16),
  name,
  units: count,
  transportCheck: hex(3),
  openSize: count.nullable(),
  policy: keyPolicySchema.nullable(),
  createdTime: count,
  retiredTime: count.nullable(),
});

/** One version of an application key; `materialCheck`: check value of what the units' own keys are made from. */
export const applicationKeySchema = z.strictObject({
  set: name,
  reference: name,
  version: count,
  kind: z.enum(KEY_KINDS),
  count,
  materialCheck: hex(3),
  /** Units that have this version. */
  units: count,
  createdTime: count,
  retiredTime: count.nullable(),
});

/** The newest agreement with one module. */
export const agreementSchema = z.strictObject({
  set: name,
  module: hex(16),
  number: count,
  rule: z.enum(SELECTION_RULES),
  /** When the module accepted it; null before that. */
  acceptedTime: count.nullable(),
  /** Accepted, and what is wanted now. */
  inForce: z.boolean(),
  /** The last count of the rule `counter`. */
  count,
  /** Of the last day. */
  wrongPins: count,
});

/** The card of one module, as far as it is shown. `expiry`: `YYYY-MM`. */
export const cardSchema = z.strictObject({
  module: hex(16),
  last4: z.string().regex(/^\d{4}$/),
  expiry: z.string().regex(/^\d{4}-\d{2}$/),
  addedTime: count,
});

/** What is added to a set. */
export const newApplicationSchema = z.strictObject({ reference: name, kind: z.enum(KEY_KINDS), count });

/** A command EXPORTKEY: SN, REF1, R. */
export const exportCommandSchema = z.strictObject({ unit: hex(16), reference: name, random: hex(16) });

/** Its answer: the members of IMPORTKEY, or the code of a refusal. */
export const exportAnswerSchema = z.union([
  z.strictObject({ sealedKey: base64Url, slot: z.string(), signature: base64Url, certificate: base64Url }),
  z.strictObject({ error: z.string() }),
]);

/** Bodies and answers of the admin interface. */
export const keyWireSchemas = {
  sets: z.strictObject({ sets: z.array(keySetSchema) }),
  newSet: z.strictObject({ name, openSize: count.nullable() }),
  newUnits: z.strictObject({ units: z.array(hex(16)).max(SERVER_LIMITS.keyCommands) }),
  added: z.strictObject({ added: count }),
  apps: z.strictObject({ apps: z.array(applicationKeySchema) }),
  rule: z.strictObject({ rule: z.enum(SELECTION_RULES).nullable(), unit: hex(16).nullable() }),
  agreements: z.strictObject({ agreements: z.array(agreementSchema) }),
  retirement: z.strictObject({
    reference: name.nullable(),
    version: count.nullable(),
    index: count.nullable(),
    unit: hex(16).nullable(),
  }),
  retired: z.strictObject({ retired: count }),
  cards: z.strictObject({ cards: z.array(cardSchema) }),
  removed: z.strictObject({ removed: z.boolean() }),
  commands: z.strictObject({ commands: z.array(exportCommandSchema).max(SERVER_LIMITS.keyCommands) }),
  answers: z.strictObject({ answers: z.array(exportAnswerSchema) }),
} as const;

/** Policy of a set; `series` by reference, ascending, in answers. */
export type KeyPolicy = z.infer<typeof keyPolicySchema>;
/** One set. */
export type KeySetSummary = z.infer<typeof keySetSchema>;
/** One version of an application key. */
export type ApplicationKeySummary = z.infer<typeof applicationKeySchema>;
/** The newest agreement with one module. */
export type AgreementSummary = z.infer<typeof agreementSchema>;
/** The card of one module. */
export type CardSummary = z.infer<typeof cardSchema>;
/** What is added to a set. */
export type NewApplication = z.infer<typeof newApplicationSchema>;
/** EXPORTKEY. */
export type ExportCommand = z.infer<typeof exportCommandSchema>;
/** Its answer. */
export type ExportAnswer = z.infer<typeof exportAnswerSchema>;

/** What a retirement is limited to. */
export type RetiredPart = { readonly index?: number | null; readonly unit?: string | null };

/** The key unit as its keeper uses it. Sets are named by their names. Every change is durable on return. */
export type KeyRegistry = {
  /** Newest first. */
  readonly sets: () => Promise<readonly KeySetSummary[]>;
  /** A new set with a new transport key; `openSize`: how many modules it takes in by itself, none unless told. @throws FareboxError `keys/exists`, `keys/malformed`. */
  readonly addSet: (name: string, openSize?: number | null) => Promise<KeySetSummary>;
  /** Takes units into a set, out of one that is retired too; those that are in it already are passed over. @returns how many are new. @throws FareboxError `keys/unknown-set`, `keys/retired`, `keys/other-unit` where one is in another set that is not retired: then none is taken. */
  readonly addUnits: (set: string, units: readonly string[]) => Promise<number>;
  /** The application keys of one set, or of all, by name and version. @throws FareboxError `keys/unknown-set`. */
  readonly apps: (set: string | null) => Promise<readonly ApplicationKeySummary[]>;
  /** A new application key, or the next version of one, with new material. @throws FareboxError `keys/unknown-set`, `keys/retired`, `keys/malformed`. */
  readonly addApp: (set: string, application: NewApplication) => Promise<ApplicationKeySummary>;
  /** What agreements with the units of a set say from now on. @throws FareboxError `keys/unknown-set`, `keys/retired`, `keys/no-such-key`, `keys/malformed`. */
  readonly setPolicy: (set: string, policy: KeyPolicy) => Promise<void>;
  /** Another rule for a set (`unit` null), or for one unit; `rule` null gives a unit its set's again. @throws FareboxError `keys/unknown-set`, `keys/retired`, `keys/unknown-unit`, `keys/other-unit`; `keys/no-such-key` for a set without a policy; `keys/malformed` for no rule of no unit. */
  readonly setRule: (set: string, rule: SelectionRule | null, unit: string | null) => Promise<void>;
  /** The newest agreement with each module of a set, or of all, by set and module. @throws FareboxError `keys/unknown-set`. */
  readonly agreements: (set: string | null) => Promise<readonly AgreementSummary[]>;
  /**
   * Retires one version, all versions of a reference (`version` null), or the whole set (`reference` null too); with `unit` for this unit alone;
   * with `index` one derived key of a series, of its newest version unless told. @returns how many keys, or indexes, were retired by it.
   * @throws FareboxError `keys/unknown-set`, `keys/no-such-key`, `keys/malformed`, `keys/unknown-unit`, `keys/other-unit`.
   */
  readonly retire: (
    set: string,
    reference: string | null,
    version: number | null,
    only?: RetiredPart,
  ) => Promise<number>;
  /** New versions of all keys of a set; older ones are over. @throws FareboxError `keys/unknown-set`, `keys/retired`, `keys/no-such-key`. */
  readonly renew: (set: string) => Promise<readonly ApplicationKeySummary[]>;
  /** Cards that modules have confided, by module; no digit but the last four. */
  readonly cards: () => Promise<readonly CardSummary[]>;
  /** Deletes the card of a module. @returns whether there was one. @throws FareboxError `request/malformed` for what is no module id. */
  readonly removeCard: (module: string) => Promise<boolean>;
  /** EXPORTKEY for units of one set, at most `SERVER_LIMITS.keyCommands`; answers in the order of the commands. @throws FareboxError `keys/unknown-set`. */
  readonly customize: (set: string, commands: readonly ExportCommand[]) => Promise<readonly ExportAnswer[]>;
};
