// What the gate admits: one kind of message, in exactly one shape. Pure; called by gate.ts for every message of the command port.
// It must never read an inherited property, call anything of the message, or let a path of more than one listed name through.

import { COMMAND_NAMES, type CommandName } from '../commands.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { isPlainObject, ownValue } from './plain.ts';

/** A call that may go on to Comlink. `argument` is a plain object whose fields the command itself decodes. */
export type AdmittedCall = { readonly id: string; readonly name: CommandName; readonly argument: object };

const CALL_FIELDS = ['argumentList', 'id', 'path', 'type'];
const WIRE_VALUE_FIELDS = ['type', 'value'];
const NAMES: ReadonlySet<string> = new Set(COMMAND_NAMES);

/** The call in `message`, or null for everything that is not exactly a call of a listed command with one plain argument. */
export function admitCall(message: unknown): AdmittedCall | null {
  if (!hasExactly(message, CALL_FIELDS) || ownValue(message, 'type') !== 'APPLY') return null;
  const id = ownValue(message, 'id');
  if (typeof id !== 'string' || id.length === 0 || id.length > MODULE_LIMITS.callIdLength) return null;
  const name = onlyItem(ownValue(message, 'path'));
  if (!isCommandName(name)) return null;
  const wireValue = onlyItem(ownValue(message, 'argumentList'));
  if (!hasExactly(wireValue, WIRE_VALUE_FIELDS) || ownValue(wireValue, 'type') !== 'RAW') return null;
  const argument = ownValue(wireValue, 'value');
  return isPlainObject(argument) ? { id, name, argument } : null;
}

function isCommandName(candidate: unknown): candidate is CommandName {
  return typeof candidate === 'string' && NAMES.has(candidate);
}

function hasExactly(candidate: unknown, sortedFields: readonly string[]): candidate is object {
  if (!isPlainObject(candidate)) return false;
  const fields = Reflect.ownKeys(candidate);
  return fields.length === sortedFields.length && sortedFields.every((field) => fields.includes(field));
}

/** The one item of an array of length one, else undefined. */
function onlyItem(candidate: unknown): unknown {
  return Array.isArray(candidate) && candidate.length === 1 ? ownValue(candidate, '0') : undefined;
}
