// The vault's slots as bytes and back: only what is a slot, in shape and bounds, comes back.

import { describe, expect, test } from 'vitest';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { META_ROWS } from './testing/sample-rows.ts';
import { decodeVault, encodeVault, isVaultSlot } from './vault-codec.ts';

const [{ slots }] = META_ROWS;
const [device, passkey, passphrase] = slots;
const b = (lengthBytes: number) => new Uint8Array(lengthBytes);

describe('CARD-3: the vault in a checkpoint', () => {
  test('comes back as it went in, each kind of slot', () => {
    expect(decodeVault(decodeCbor(encodeCbor(encodeVault(slots))))).toEqual(slots);
    expect(decodeVault(decodeCbor(encodeCbor(encodeVault([]))))).toEqual([]);
  });

  const refused: Readonly<Record<string, CborValue>> = {
    'no list': 'vault',
    'a slot that is no list': ['device'],
    'a kind that nobody knows': [['pin', b(32)]],
    'a root key of 31 bytes': [['device', b(31)]],
    'a device slot with more in it': [['device', b(32), b(1)]],
    'a passkey without its credential': [['passkey', b(0), b(32), b(12), b(48)]],
    'a passkey with a credential id of 1024 bytes': [['passkey', b(1_024), b(32), b(12), b(48)]],
    'a passkey with a salt of 16 bytes': [['passkey', b(16), b(16), b(12), b(48)]],
    'a passkey with a nonce of 11 bytes': [['passkey', b(16), b(32), b(11), b(48)]],
    'a passkey that seals 31 bytes': [['passkey', b(16), b(32), b(12), b(47)]],
    'a passkey without what it seals': [['passkey', b(16), b(32), b(12)]],
    'a passphrase with a salt of 8 bytes': [['passphrase', b(8), 17, 8, 1, b(12), b(48)]],
    'a passphrase at no cost': [['passphrase', b(16), 1, 8, 1, b(12), b(48)]],
    'a passphrase at a cost that would hang the module': [['passphrase', b(16), 30, 8, 1, b(12), b(48)]],
    'a passphrase with a cost in halves': [['passphrase', b(16), '17', 8, 1, b(12), b(48)]],
    'a passphrase with a block size of 0': [['passphrase', b(16), 17, 0, 1, b(12), b(48)]],
    'a passphrase with a block size of 1000': [['passphrase', b(16), 17, 1_000, 1, b(12), b(48)]],
    'a passphrase with a parallelism of 64': [['passphrase', b(16), 17, 8, 64, b(12), b(48)]],
    'more slots than anyone has factors': Array.from({ length: 17 }, () => ['device', b(32)]),
  };
  for (const [name, value] of Object.entries(refused)) {
    test(`is not read with ${name}`, () => {
      expect(() => decodeVault(value)).toThrow('store/altered');
    });
  }

  test('takes a row’s slot only with every member that its kind has', () => {
    for (const slot of [device, passkey, passphrase]) {
      expect(isVaultSlot(slot)).toBe(true);
      for (const name of Object.keys(slot ?? {})) {
        expect(isVaultSlot({ ...slot, [name]: null }), name).toBe(false);
      }
    }
  });
});
