// Byte strings: joining, comparing, and their text forms. Called from everywhere; must never compare secrets in
// variable time and never accept a text form that has a second spelling.

import { FareboxError } from './errors.ts';

/** Bytes on a buffer of their own realm, as WebCrypto and `postMessage` want them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const HEX = /^(?:[0-9a-f]{2})*$/;
const BASE64URL = /^[A-Za-z0-9_-]*$/;
const encoder = new TextEncoder();

/** The parts, one after another, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  let lengthBytes = 0;
  for (const part of parts) lengthBytes += part.length;
  const joined = new Uint8Array(lengthBytes);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** The same bytes without a copy where they lie on an ArrayBuffer, else copied (shared memory is refused by WebCrypto). */
export function ownBytes(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : Uint8Array.from(bytes);
}

/** UTF-8 of a text. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Lower-case hex digits. */
export function toHex(bytes: Uint8Array): string {
  let digits = '';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  return digits;
}

/** Bytes of lower-case hex digits; upper case is refused, so that each string of bytes has one spelling. Errors: `request/malformed`. */
export function fromHex(digits: string): Bytes {
  if (!HEX.test(digits)) throw new FareboxError('request/malformed', { expected: 'hex' });
  const bytes = new Uint8Array(digits.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** Base64url of RFC 4648 §5, without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  // Chunks, because an argument list is bounded by the stack.
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Bytes of base64url without padding; other alphabets, padding and stray low bits are refused. Errors: `request/malformed`. */
export function fromBase64Url(text: string): Bytes {
  const malformed = () => new FareboxError('request/malformed', { expected: 'base64url' });
  if (!BASE64URL.test(text) || text.length % 4 === 1) throw malformed();
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  if (toBase64Url(bytes) !== text) throw malformed();
  return bytes;
}

/** True where both hold the same bytes. Takes the same time wherever they differ; the lengths are not hidden. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let at = 0; at < left.length; at += 1) difference |= (left[at] ?? 0) ^ (right[at] ?? 0);
  return difference === 0;
}

/** True where every byte is zero; same time for every content. */
export function isAllZero(bytes: Uint8Array): boolean {
  let seen = 0;
  for (const byte of bytes) seen |= byte;
  return seen === 0;
}

/** 8 bytes, big-endian, of an integer from 0 to 2^64−1. Errors: `module/internal` outside of it. */
export function u64be(value: number | bigint): Bytes {
  const wide = typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (wide < 0n || wide >= 1n << 64n) throw new FareboxError('module/internal', { expected: 'u64' });
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, wide);
  return bytes;
}
