// What the command line asks of the key unit, whether a server runs or not: a port with two adapters, the database itself
// (direct-registry.ts) and a running server's admin interface. Everything in it is JSON as it stands; no member is a key in the clear.

import { z } from 'zod';
import { KEY_KINDS } from '../../src/protocol/key-unit/application-key.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { SERVER_LIMITS } from '../limits.ts';

const count = z.number().int().nonnegative();
const hex = (lengthBytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * lengthBytes}}$`));
/** Of a set or an application key; what is no such name is refused by the key unit itself. */
const name = z.string().max(LIMITS.keyReferenceLength);
const base64Url = z.string().regex(/^[\w-]*$/);

/** One set. Times in ms since 1970; `transportCheck`: check value of T. */
export const keySetSchema = z.strictObject({
  set: hex(16),
  name,
  units: count,
  transportCheck: hex(3),
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
  newSet: z.strictObject({ name }),
  newUnits: z.strictObject({ units: z.array(hex(16)).max(SERVER_LIMITS.keyCommands) }),
  added: z.strictObject({ added: count }),
  apps: z.strictObject({ apps: z.array(applicationKeySchema) }),
  retirement: z.strictObject({ reference: name.nullable(), version: count.nullable() }),
  retired: z.strictObject({ retired: count }),
  commands: z.strictObject({ commands: z.array(exportCommandSchema).max(SERVER_LIMITS.keyCommands) }),
  answers: z.strictObject({ answers: z.array(exportAnswerSchema) }),
} as const;

/** One set. */
export type KeySetSummary = z.infer<typeof keySetSchema>;
/** One version of an application key. */
export type ApplicationKeySummary = z.infer<typeof applicationKeySchema>;
/** What is added to a set. */
export type NewApplication = z.infer<typeof newApplicationSchema>;
/** EXPORTKEY. */
export type ExportCommand = z.infer<typeof exportCommandSchema>;
/** Its answer. */
export type ExportAnswer = z.infer<typeof exportAnswerSchema>;

/** The key unit as its keeper uses it. Sets are named by their names. Every change is durable on return. */
export type KeyRegistry = {
  /** Newest first. */
  readonly sets: () => Promise<readonly KeySetSummary[]>;
  /** A new set with a new transport key. @throws FareboxError `keys/exists`, `keys/malformed`. */
  readonly addSet: (name: string) => Promise<KeySetSummary>;
  /** Takes units into a set; those that are in it already are passed over. @returns how many are new. @throws FareboxError `keys/unknown-set`, `keys/retired`, `keys/other-unit` where one is in another set: then none is taken. */
  readonly addUnits: (set: string, units: readonly string[]) => Promise<number>;
  /** The application keys of one set, or of all, by name and version. @throws FareboxError `keys/unknown-set`. */
  readonly apps: (set: string | null) => Promise<readonly ApplicationKeySummary[]>;
  /** A new application key, or the next version of one, with new material. @throws FareboxError `keys/unknown-set`, `keys/retired`, `keys/malformed`. */
  readonly addApp: (set: string, application: NewApplication) => Promise<ApplicationKeySummary>;
  /** Retires one version, all versions of a reference (`version` null), or the whole set (`reference` null too). @returns how many keys were retired by it. @throws FareboxError `keys/unknown-set`, `keys/no-such-key`. */
  readonly retire: (set: string, reference: string | null, version: number | null) => Promise<number>;
  /** EXPORTKEY for units of one set, at most `SERVER_LIMITS.keyCommands`; answers in the order of the commands. @throws FareboxError `keys/unknown-set`. */
  readonly customize: (set: string, commands: readonly ExportCommand[]) => Promise<readonly ExportAnswer[]>;
};
