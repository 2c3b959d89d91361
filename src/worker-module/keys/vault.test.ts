// The vault and the keys under it: what docs/protocol.md §16 says, byte for byte, and that every altered member of a slot opens nothing.

import { hkdf } from '@noble/hashes/hkdf.js';
import { scrypt } from '@noble/hashes/scrypt.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../protocol/bytes.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { randomBytes } from '../testing/random.ts';
import { deriveModuleKeys, makeRootKey } from './root.ts';
import {
  equalVaults,
  factorsOf,
  makeDeviceSlot,
  openDeviceSlot,
  openPasskeySlot,
  openPassphraseSlot,
  sealPasskeySlot,
  sealPassphraseSlot,
} from './vault.ts';

const cost = { costLog2: 14, blockSize: 1, parallelism: 1 };
const rootKey = makeRootKey(randomBytes);
const passphrase = 'seven boats on the river';
const phraseSlot = await sealPassphraseSlot(rootKey, passphrase, cost, randomBytes);
const prfOutput = randomBytes(32);
const made = { credentialId: randomBytes(20), prfSalt: randomBytes(32) };
const keySlot = await sealPasskeySlot(rootKey, { ...made, prfOutput: prfOutput.slice() }, randomBytes);

const aesKey = (bytes: Uint8Array) =>
  crypto.subtle.importKey('raw', Uint8Array.from(bytes), 'AES-GCM', false, ['encrypt', 'decrypt']);

async function openAs(key: CryptoKey, sealed: { nonce: Uint8Array; sealed: Uint8Array }, kind: string) {
  const additionalData = encodeCbor(['farebox/vault', 1, kind]);
  const parameters = { name: 'AES-GCM', iv: Uint8Array.from(sealed.nonce), additionalData };
  return new Uint8Array(await crypto.subtle.decrypt(parameters, key, Uint8Array.from(sealed.sealed)));
}

async function codeOf(outcome: Promise<unknown>): Promise<string> {
  const error: unknown = await outcome.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FareboxError)) throw new Error('expected a refusal');
  return error.code;
}

describe('CARD-3: the vault', () => {
  test('keeps the root key under scrypt of the passphrase, as another implementation would find it', async () => {
    const secret = scrypt(utf8(passphrase), phraseSlot.salt, { N: 2 ** 14, r: 1, p: 1, dkLen: 32 });
    expect(await openAs(await aesKey(secret), phraseSlot, 'passphrase')).toEqual(rootKey);
    expect(phraseSlot.salt).toHaveLength(16);
  });

  test('keeps the root key under HKDF of the authenticator’s output, as another implementation would find it', async () => {
    const secret = hkdf(sha256, prfOutput, new Uint8Array(), utf8('farebox/1 passkey slot'), 32);
    expect(await openAs(await aesKey(secret), keySlot, 'passkey')).toEqual(rootKey);
  });

  test('opens with the factor and with no other, and wipes what came from the authenticator', async () => {
    expect(await openPassphraseSlot(phraseSlot, passphrase)).toEqual(rootKey);
    expect(await codeOf(openPassphraseSlot(phraseSlot, `${passphrase} `))).toBe('lock/wrong');
    const given = prfOutput.slice();
    expect(await openPasskeySlot(keySlot, given)).toEqual(rootKey);
    expect(given).toEqual(new Uint8Array(32));
    expect(await codeOf(openPasskeySlot(keySlot, randomBytes(32)))).toBe('lock/wrong');
  });

  const flipped = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 0 ? byte ^ 1 : byte));
  test.each([
    ['sealed', { sealed: flipped(phraseSlot.sealed) }, 'lock/wrong'],
    ['nonce', { nonce: flipped(phraseSlot.nonce) }, 'lock/wrong'],
    ['salt', { salt: flipped(phraseSlot.salt) }, 'lock/wrong'],
    ['cost', { costLog2: 15 }, 'lock/wrong'],
    ['cost beyond all memory', { costLog2: 30 }, 'store/altered'],
    ['block size beyond all memory', { blockSize: 1_000 }, 'store/altered'],
    ['parallelism beyond all patience', { parallelism: 64 }, 'store/altered'],
  ])('a passphrase slot with another %s opens nothing', async (_what, altered, code) => {
    expect(await codeOf(openPassphraseSlot({ ...phraseSlot, ...altered }, passphrase))).toBe(code);
  });

  test('a slot of one kind does not open as the other', async () => {
    const secret = hkdf(sha256, prfOutput, new Uint8Array(), utf8('farebox/1 passkey slot'), 32);
    await expect(openAs(await aesKey(secret), keySlot, 'passphrase')).rejects.toThrow();
  });

  test('without a lock holds the root key itself, and no factor; with one, no root key', () => {
    const open = [makeDeviceSlot(rootKey)];
    expect(openDeviceSlot(open)).toEqual(rootKey);
    expect(factorsOf(open)).toEqual([]);
    expect(openDeviceSlot([keySlot, phraseSlot])).toBeNull();
    expect(factorsOf([keySlot, phraseSlot, keySlot])).toEqual(['passkey', 'passphrase']);
    expect(equalVaults([keySlot], [structuredClone(keySlot)])).toBe(true);
    expect(equalVaults([keySlot], [phraseSlot])).toBe(false);
  });
});

describe('CARD-3: the keys of a module', () => {
  test('are made from the root key with a label each, and cannot be exported', async () => {
    const keys = await deriveModuleKeys(rootKey);
    const labels = { recordKey: 'record key', wrappingKey: 'wrapping key', checkpointKey: 'checkpoint key' } as const;
    for (const name of ['recordKey', 'wrappingKey', 'checkpointKey'] as const) {
      expect(keys[name].extractable).toBe(false);
      const expected = await aesKey(hkdf(sha256, rootKey, new Uint8Array(), utf8(`farebox/1 ${labels[name]}`), 32));
      const iv = randomBytes(12);
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, expected, utf8(name));
      expect(new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, keys[name], sealed))).toEqual(
        utf8(name),
      );
    }
  });
});
