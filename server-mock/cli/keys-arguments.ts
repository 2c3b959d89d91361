// What the `keys` commands share: opening the key unit, and reading names from a command line.

import { SELECTION_RULES, type SelectionRule } from '../../src/protocol/derived-keys/rules.ts';
import { isKeyReference } from '../../src/protocol/key-unit/references.ts';
import { openRegistry } from '../admin/open-registry.ts';
import { configFromEnvironment } from '../config.ts';
import type { KeyRegistry } from '../key-unit/registry.ts';
import { UsageError } from './command.ts';

const UNIT = /^[0-9a-f]{32}$/;

/** Works with the key unit of the configured provider, running or not, and closes what was opened for it. */
export async function withKeys<Result>(work: (keys: KeyRegistry) => Promise<Result>): Promise<Result> {
  const { keys, close } = await openRegistry(configFromEnvironment(process.env));
  try {
    return await work(keys);
  } finally {
    await close();
  }
}

/** Name of a set or an application key. @throws UsageError. */
export function readKeyName(what: string, name = ''): string {
  if (!isKeyReference(name))
    throw new UsageError(`${what} "${name}" is not 1 to 32 of a-z, 0-9 and hyphens between them`);
  return name;
}

/** A module id. @throws UsageError. */
export function readUnit(what: string, unit: string): string {
  if (!UNIT.test(unit)) throw new UsageError(`${what} is a module id: 32 hex digits`);
  return unit;
}

/** Several names with commas between them, at least one. @throws UsageError. */
export function readKeyNames(what: string, names: string): readonly string[] {
  return names.split(',').map((name) => readKeyName(what, name));
}

/** `NAME` or `NAME/VERSION`; version null where there is none. @throws UsageError. */
export function readReference(what: string): { readonly reference: string; readonly version: number | null } {
  const [reference, version, ...rest] = what.split('/');
  if (rest.length > 0) throw new UsageError(`"${what}" is no REFERENCE or REFERENCE/VERSION`);
  return {
    reference: readKeyName('REFERENCE', reference),
    version: version === undefined ? null : readCount('VERSION', version),
  };
}

/** One of the rules. @throws UsageError. */
export function readRule(what: string, rule: string): SelectionRule {
  const known = SELECTION_RULES.find((name) => name === rule);
  if (known === undefined) throw new UsageError(`${what} is one of ${SELECTION_RULES.join(', ')}`);
  return known;
}

/** A whole number from 1 on. @throws UsageError. */
export function readCount(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`${name} is a number from 1 on`);
  return Number(text);
}
