// Decoders for the fields of a command's argument. Called by commands/; every one throws `request/malformed` (or the code it is given)
// and none follows a prototype or keeps a reference to more than it returns.

import { FareboxError } from '../../protocol/errors.ts';
import { decodeSessionId, type SessionId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { SealedPart } from '../commands.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { isPlainObject, ownValue } from './plain.ts';

/** Refuses an argument whose own fields are not exactly `names`. */
export function expectFields(argument: object, names: readonly string[]): void {
  const fields = Reflect.ownKeys(argument);
  if (fields.length !== names.length || !names.every((name) => fields.includes(name))) {
    throw new FareboxError('request/malformed', { expected: names.join(' ') });
  }
}

/** An object of the protocol: 1 byte to LIMITS.cborSizeBytes. */
export function bytesField(argument: object, name: string): Uint8Array {
  return expectBytes(ownValue(argument, name), name, LIMITS.cborSizeBytes);
}

/** A sealed backup: 1 byte to LIMITS.backupSizeBytes. */
export function backupField(argument: object, name: string): Uint8Array {
  return expectBytes(ownValue(argument, name), name, LIMITS.backupSizeBytes);
}

/** Objects of the protocol, at most `most` of them. */
export function bytesListField(argument: object, name: string, most: number): readonly Uint8Array[] {
  const value = ownValue(argument, name);
  if (!Array.isArray(value) || value.length > most) throw malformed(name);
  return value.map((item: unknown) => expectBytes(item, name, LIMITS.cborSizeBytes));
}

function expectBytes(value: unknown, name: string, mostBytes: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > mostBytes) throw malformed(name);
  return value;
}

/** The session that a command is about. */
export function sessionField(argument: object): SessionId {
  return decodeSessionId(ownValue(argument, 'session'));
}

/** A number between the two bounds, both included. */
export function numberField(argument: object, name: string, least: number, most: number): number {
  const value = ownValue(argument, name);
  if (typeof value !== 'number' || !(value >= least && value <= most)) throw malformed(name);
  return value;
}

/** A whole number between the two bounds, both included. */
export function integerField(argument: object, name: string, least: number, most: number): number {
  const value = numberField(argument, name, least, most);
  if (!Number.isInteger(value)) throw malformed(name);
  return value;
}

/** True or false. */
export function booleanField(argument: object, name: string): boolean {
  const value = ownValue(argument, name);
  if (typeof value !== 'boolean') throw malformed(name);
  return value;
}

/** One of a few words. */
export function choiceField<Choice extends string>(argument: object, name: string, choices: readonly Choice[]): Choice {
  const value = ownValue(argument, name);
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw malformed(name);
  return choice;
}

/** What `read` makes of a field, or null where it is null. */
export function orNullField<T>(argument: object, name: string, read: (argument: object, name: string) => T): T | null {
  return ownValue(argument, name) === null ? null : read(argument, name);
}

/** A text of 1 to `mostLength` UTF-16 units. */
export function textField(argument: object, name: string, mostLength: number): string {
  return expectText(ownValue(argument, name), name, mostLength);
}

/** Texts of 1 to `mostLength` UTF-16 units: at least one, at most `most`. */
export function textsField(
  argument: object,
  name: string,
  { most, mostLength }: { readonly most: number; readonly mostLength: number },
): readonly string[] {
  const value = ownValue(argument, name);
  if (!Array.isArray(value) || value.length === 0 || value.length > most) throw malformed(name);
  return value.map((item: unknown) => expectText(item, name, mostLength));
}

function expectText(value: unknown, name: string, mostLength: number): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > mostLength) throw malformed(name);
  return value;
}

/** The label of a part; whether there is such a part, the manifest says. */
export function labelField(argument: object, name: string): string {
  const value = ownValue(argument, name);
  if (typeof value !== 'string' || value.length > LIMITS.labelLength) throw malformed(name);
  return value;
}

/** A sealed sheet of previews. Beyond LIMITS.previewSheetSizeBytes it is `frame/too-large`. */
export function sheetField(argument: object, name: string): ArrayBuffer {
  const value = ownValue(argument, name);
  if (!(value instanceof ArrayBuffer)) throw malformed(name);
  if (value.byteLength > LIMITS.previewSheetSizeBytes) throw new FareboxError('frame/too-large', { field: name });
  return value;
}

/** Sealed parts of a frame: at least one, labels distinct. A part beyond LIMITS.sealedPartSizeBytes is `frame/too-large`. */
export function partsField(argument: object, name: string): readonly SealedPart[] {
  const value = ownValue(argument, name);
  if (!Array.isArray(value) || value.length === 0 || value.length > MODULE_LIMITS.partsPerDelivery)
    throw malformed(name);
  const parts = value.map((part: unknown) => decodePart(part, name));
  if (new Set(parts.map((part) => part.label)).size !== parts.length) throw malformed(name);
  return parts;
}

/** Labels of parts of one frame: at least one, distinct. */
export function labelsField(argument: object, name: string): readonly string[] {
  const value = ownValue(argument, name);
  if (!Array.isArray(value) || value.length === 0 || value.length > MODULE_LIMITS.partsPerDelivery)
    throw malformed(name);
  const labels = value.map((label: unknown) => {
    if (typeof label !== 'string' || label.length > LIMITS.labelLength) throw malformed(name);
    return label;
  });
  if (new Set(labels).size !== labels.length) throw malformed(name);
  return labels;
}

/** A frame and the label of its picture; null where the argument has no such field. */
export function firstField(argument: object, name: string): { readonly frame: number; readonly rung: string } | null {
  if (!Object.hasOwn(argument, name)) return null;
  const value = ownValue(argument, name);
  if (!isPlainObject(value)) throw malformed(name);
  expectFields(value, ['frame', 'rung']);
  return { frame: integerField(value, 'frame', 0, LIMITS.frameNumbers - 1), rung: labelField(value, 'rung') };
}

/** Whether it is said of something that nobody has pressed yet; absent, it is not. @throws FareboxError `request/malformed`. */
export function aheadField(argument: object, name: string): boolean {
  if (!Object.hasOwn(argument, name)) return false;
  if (ownValue(argument, name) !== true) throw malformed(name);
  return true;
}

function decodePart(part: unknown, name: string): SealedPart {
  if (!isPlainObject(part)) throw malformed(name);
  expectFields(part, ['label', 'sealed']);
  const label = ownValue(part, 'label');
  const sealed = ownValue(part, 'sealed');
  if (typeof label !== 'string' || label.length > LIMITS.labelLength || !(sealed instanceof ArrayBuffer)) {
    throw malformed(name);
  }
  if (sealed.byteLength > LIMITS.sealedPartSizeBytes) throw new FareboxError('frame/too-large', { label });
  return { label, sealed };
}

function malformed(field: string): FareboxError {
  return new FareboxError('request/malformed', { field });
}
