// Checks of plain shape, put together into a table for each kind of row. Called by row-shapes.ts and by the reader of version 1. Nothing is
// converted: a value has the shape or it has not.

/** Says whether one value is what it should be. */
export type Check = (value: unknown) => boolean;

/** A check for every member of a row. */
export type Shape<Row> = { readonly [Name in keyof Row]-?: Check };

const ID_DIGITS = /^[0-9a-f]{32}$/;

/** Bytes of any number. */
export const isBytes: Check = (value) => value instanceof Uint8Array;
/** Bytes of this number. */
export const hasLength =
  (lengthBytes: number): Check =>
  (value) =>
    value instanceof Uint8Array && value.length === lengthBytes;
/** A whole number from 0. */
export const isWhole: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
/** Milliseconds since 1970; a clock may stand before it. */
export const isTime: Check = (value) => typeof value === 'number' && Number.isSafeInteger(value);
/** An id of 16 bytes, as 32 hexadecimal digits. */
export const isId: Check = (value) => typeof value === 'string' && ID_DIGITS.test(value);
/** True or false. */
export const isFlag: Check = (value) => typeof value === 'boolean';
/** A text. */
export const isText: Check = (value) => typeof value === 'string';
/** A key that WebCrypto holds. */
export const isCryptoKey: Check = (value) => value instanceof CryptoKey;
/** The check, or null. */
export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** The check, or no such member: rows of earlier builds lack it. */
export const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
/** One of these values. */
export const oneOf =
  (...known: readonly unknown[]): Check =>
  (value) =>
    known.includes(value);
/** A list of such values. */
export const everyOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
/** An object whose members pass. */
export const shaped =
  <Row>(shape: Shape<Row>): Check =>
  (value) =>
    fits(value, shape);

/** AES-256-GCM: a nonce of 12 bytes, and what was sealed with its tag. */
export const SEALED = { nonce: hasLength(12), sealed: isBytes };
/** Sealed bytes as a member. */
export const isSealed = shaped(SEALED);

/** True where `value` is an object whose members pass the checks of `shape`. */
export function fits<Row>(value: unknown, shape: Shape<Row>): value is Row {
  if (typeof value !== 'object' || value === null) return false;
  const checks: readonly (readonly [string, Check])[] = Object.entries(shape);
  return checks.every(([name, check]) => check(memberOf(value, name)));
}

/** The member of this name, or undefined. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
