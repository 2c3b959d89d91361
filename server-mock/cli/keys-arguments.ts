// What the `keys` commands share: opening the key unit, and reading names from a command line.

import { isKeyReference } from '../../src/protocol/key-unit/references.ts';
import { openRegistry } from '../admin/open-registry.ts';
import { configFromEnvironment } from '../config.ts';
import type { KeyRegistry } from '../key-unit/registry.ts';
import { UsageError } from './command.ts';

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

/** A whole number from 1 on. @throws UsageError. */
export function readCount(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`${name} is a number from 1 on`);
  return Number(text);
}
