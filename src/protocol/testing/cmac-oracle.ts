// AES-256-CMAC (NIST SP 800-38B) worked out from single blocks of Node's AES: the other side that tests hold the library's against.
// Tests only; it is slow and says so by being a BigInt.

import { createCipheriv } from 'node:crypto';
import { type Bytes, concatBytes, fromHex, toHex } from '../bytes.ts';

function encryptBlock(key: Uint8Array, block: Uint8Array): Bytes {
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return new Uint8Array(Buffer.concat([cipher.update(block), cipher.final()]));
}

function doubled(block: Uint8Array): Bytes {
  const value = BigInt(`0x${toHex(block)}`);
  const shifted = (value << 1n) & ((1n << 128n) - 1n);
  const result = value >> 127n === 0n ? shifted : shifted ^ 0x87n;
  return fromHex(result.toString(16).padStart(32, '0'));
}

function xor(left: Uint8Array, right: Uint8Array): Bytes {
  return Uint8Array.from(left, (byte, at) => byte ^ (right[at] ?? 0));
}

/** AES-256-CMAC of a message, 16 bytes. `key`: 32 bytes. */
export function cmacOracle(key: Uint8Array, message: Uint8Array): Bytes {
  const k1 = doubled(encryptBlock(key, new Uint8Array(16)));
  const isWhole = message.length > 0 && message.length % 16 === 0;
  const padding = new Uint8Array(isWhole ? 0 : 16 - (message.length % 16));
  if (!isWhole) padding[0] = 0x80;
  const padded = concatBytes(message, padding);
  const last = padded.length - 16;
  let state: Bytes = new Uint8Array(16);
  for (let at = 0; at < last; at += 16) state = encryptBlock(key, xor(state, padded.subarray(at, at + 16)));
  return encryptBlock(key, xor(xor(state, padded.subarray(last)), isWhole ? k1 : doubled(k1)));
}
