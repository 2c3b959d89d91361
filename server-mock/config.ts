// Where the provider keeps its things and on which ports it listens. Read once by main.ts and cli.ts from the
// environment; tests build one by hand. Nothing below reads the environment by itself.

import { resolve } from 'node:path';
import { z } from 'zod';

/** Everything a deployment may choose. */
export type ProviderConfig = {
  /** Folder of the database, keys, content and the running server's address. */
  readonly dataDir: string;
  /** Address to listen on. */
  readonly host: string;
  /** Port of the terminal origin; 0 lets the system choose. */
  readonly port: number;
  /** Port of the module origin; 0 lets the system choose. */
  readonly modulePort: number;
  /** Public origins where they differ from what is listened on (behind a proxy that ends TLS). */
  readonly terminalOrigin?: string;
  readonly moduleOrigin?: string;
  /** Origins of other sites that may frame the player. */
  readonly embedders: readonly string[];
  /** Any Postgres instead of the folder. */
  readonly databaseUrl?: string;
  /** Builds of the two origins. */
  readonly terminalDir: string;
  readonly moduleDir: string;
  /** ISO 4217 code of starting credit. */
  readonly currency: string;
  /** Credit a newly enrolled module is given, in ten-thousandths of the currency's unit. */
  readonly startingCreditMinor: bigint;
  /** Multiplies the rate limits of http/rate.ts, for measuring rigs where all terminals share one address. */
  readonly rateFactor: number;
  /** Key encryption key of the key unit, 32 bytes as base64url, in place of a file in the data folder. */
  readonly keyUnitKey?: string;
  /** Least severe level that is logged, as pino names them. */
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
};

const port = z.coerce.number().int().min(0).max(65_535);
const origin = z
  .url()
  .refine(
    (text) => URL.parse(text)?.origin === text,
    'an origin has a scheme and a host, no path and no slash at its end',
  );

/** More sites than this are a deployment of another kind. */
const MOST_EMBEDDERS = 32;
/** The module needs a secure context, which a page has only in one. No pattern: each site is named, and the list ends up in a header. */
const EMBEDDER = /^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:\d{1,5})?$/;
const embedders = z
  .string()
  .transform((text) => (text.trim() === '' ? [] : text.split(',').map((each) => each.trim())))
  .refine(
    (list) =>
      list.length <= MOST_EMBEDDERS && list.every((each) => EMBEDDER.test(each) && URL.parse(each)?.origin === each),
    `a list of at most ${MOST_EMBEDDERS} origins with commas between them, each https or on this machine, without a path`,
  );

const environmentSchema = z.object({
  FAREBOX_DATA: z.string().min(1).default('data'),
  FAREBOX_DIST: z.string().min(1).default('dist'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.default(4173),
  MODULE_PORT: port.default(4174),
  FAREBOX_TERMINAL_ORIGIN: origin.optional(),
  FAREBOX_MODULE_ORIGIN: origin.optional(),
  FAREBOX_EMBEDDERS: embedders.default([]),
  DATABASE_URL: z.string().min(1).optional(),
  FAREBOX_STARTING_CREDIT: z.coerce.bigint().nonnegative().default(200_000n),
  FAREBOX_RATE_FACTOR: z.coerce.number().positive().default(1),
  FAREBOX_KEY_UNIT: z
    .string()
    .regex(/^[\w-]{43}$/, 'is not 32 bytes as base64url')
    .optional(),
  FAREBOX_LOG: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
});

/** A setting of the environment that does not fit; the message names it in one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the settings from an environment.
 * @throws ConfigError naming the first setting that does not fit.
 */
export function configFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  root = resolve(import.meta.dirname, '..'),
): ProviderConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ConfigError(`${issue?.path.join('.') ?? 'environment'}: ${issue?.message ?? 'does not fit'}`);
  }
  const settings = parsed.data;
  return Object.freeze({
    dataDir: resolve(root, settings.FAREBOX_DATA),
    host: settings.HOST,
    port: settings.PORT,
    modulePort: settings.MODULE_PORT,
    terminalDir: resolve(root, settings.FAREBOX_DIST, 'terminal'),
    moduleDir: resolve(root, settings.FAREBOX_DIST, 'module'),
    currency: 'EUR',
    startingCreditMinor: settings.FAREBOX_STARTING_CREDIT,
    embedders: Object.freeze(settings.FAREBOX_EMBEDDERS),
    rateFactor: settings.FAREBOX_RATE_FACTOR,
    logLevel: settings.FAREBOX_LOG,
    ...(settings.FAREBOX_KEY_UNIT === undefined ? {} : { keyUnitKey: settings.FAREBOX_KEY_UNIT }),
    ...(settings.DATABASE_URL === undefined ? {} : { databaseUrl: settings.DATABASE_URL }),
    ...(settings.FAREBOX_TERMINAL_ORIGIN === undefined ? {} : { terminalOrigin: settings.FAREBOX_TERMINAL_ORIGIN }),
    ...(settings.FAREBOX_MODULE_ORIGIN === undefined ? {} : { moduleOrigin: settings.FAREBOX_MODULE_ORIGIN }),
  });
}
