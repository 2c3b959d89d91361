// COSE_Sign1 as this protocol has it: one form, and every other refused with its code.

import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex, utf8 } from './bytes.ts';
import { type CborValue, encodeCbor } from './cbor.ts';
import { CLAIMS, claimName, claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, peekCose, signCose, verifyCose } from './cose.ts';
import { nobleSuite } from './suite/noble.ts';
import { signerFromSecret } from './suite/secret-signer.ts';
import { signerFromCryptoKey } from './suite/signer.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { bitFlipped } from './vectors/altered.ts';
import { bytesOf } from './vectors/cast.ts';

const signer = signerFromSecret(bytesOf('cose signer'));
const typ = COSE_TYPES.challenge;
const claims = claimsOf({ iss: 'someone', counter: 7 });
const publicKey = signer.publicKey;

const header = (members: readonly (readonly [number, CborValue])[]) => encodeCbor(new Map(members));
const GOOD_HEADER: readonly (readonly [number, CborValue])[] = [
  [1, -19],
  [4, utf8(signer.kid)],
  [16, typ],
];

/** An object of any four parts, signed rightly over the first and third. */
async function assembled(parts: {
  protectedHeader?: Uint8Array;
  unprotected?: CborValue;
  payload?: Uint8Array;
}): Promise<Uint8Array> {
  const { protectedHeader = header(GOOD_HEADER), unprotected = new Map(), payload = encodeCbor(claims) } = parts;
  const signature = await signer.sign(encodeCbor(['Signature1', protectedHeader, new Uint8Array(0), payload]));
  return concatBytes(fromHex('d2'), encodeCbor([protectedHeader, unprotected, payload, signature]));
}

describe.each([webCryptoSuite, nobleSuite])('COSE_Sign1 over the $name suite', (suite) => {
  test('gives the claims back that were signed', async () => {
    const bytes = await signCose({ signer, typ, claims });
    expect(await verifyCose({ bytes, typ, publicKey, suite })).toEqual(claims);
    expect(bytes).toEqual(await assembled({}));
  });

  test('is the same from a key that cannot be read as from its secret', async () => {
    const pkcs8 = concatBytes(fromHex('302e020100300506032b657004220420'), bytesOf('cose signer'));
    const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign']);
    const sealed = signerFromCryptoKey(privateKey, publicKey);
    expect(await signCose({ signer: sealed, typ, claims })).toEqual(await signCose({ signer, typ, claims }));
  });

  test.each([
    [
      'another type',
      { protectedHeader: header([...GOOD_HEADER.slice(0, 2), [16, COSE_TYPES.grant]]) },
      'cose/wrong-type',
    ],
    ['another algorithm', { protectedHeader: header([[1, -8], ...GOOD_HEADER.slice(1)]) }, 'cose/malformed'],
    [
      'no kid',
      {
        protectedHeader: header([
          [1, -19],
          [16, typ],
        ]),
      },
      'cose/malformed',
    ],
    [
      'a kid as text',
      {
        protectedHeader: header([
          [1, -19],
          [4, signer.kid],
          [16, typ],
        ]),
      },
      'cose/malformed',
    ],
    ['a typ that is no text', { protectedHeader: header([...GOOD_HEADER.slice(0, 2), [16, 61]]) }, 'cose/malformed'],
    [
      'another kid',
      {
        protectedHeader: header([
          [1, -19],
          [4, utf8('0'.repeat(32))],
          [16, typ],
        ]),
      },
      'cose/signature',
    ],
    ['a header more', { protectedHeader: header([...GOOD_HEADER, [2, [16]]]) }, 'cose/malformed'],
    ['something unprotected', { unprotected: new Map([[4, 1]]) }, 'cose/malformed'],
    ['an unprotected header that is no map', { unprotected: [] }, 'cose/malformed'],
    ['claims that are no map', { payload: encodeCbor([1]) }, 'cose/malformed'],
    ['claims that are not deterministic', { payload: fromHex('a1180100') }, 'cbor/not-deterministic'],
  ])('refuses %s', async (_, parts, code) => {
    const bytes = await assembled(parts);
    await expect(verifyCose({ bytes, typ, publicKey, suite })).rejects.toThrow(code);
  });

  test('refuses a signature or payload with one bit turned over, and a key of someone else', async () => {
    const bytes = await signCose({ signer, typ, claims });
    await expect(verifyCose({ bytes: bitFlipped(bytes), typ, publicKey, suite })).rejects.toThrow('cose/signature');
    const inPayload = bitFlipped(bytes, 67);
    await expect(verifyCose({ bytes: inPayload, typ, publicKey, suite })).rejects.toThrow('cose/signature');
    const other = signerFromSecret(bytesOf('someone else')).publicKey;
    await expect(verifyCose({ bytes, typ, publicKey: other, suite })).rejects.toThrow('cose/signature');
  });

  test('refuses bytes without the tag, behind the end, and cut anywhere', async () => {
    const bytes = await signCose({ signer, typ, claims });
    await expect(verifyCose({ bytes: bytes.subarray(1), typ, publicKey, suite })).rejects.toThrow('cose/malformed');
    await expect(verifyCose({ bytes: concatBytes(bytes, fromHex('00')), typ, publicKey, suite })).rejects.toThrow(
      'cbor/malformed',
    );
    for (let end = 0; end < bytes.length; end += 1) {
      await expect(verifyCose({ bytes: bytes.subarray(0, end), typ, publicKey, suite }), `${end}`).rejects.toThrow(
        /^(cbor|cose)\/malformed$/,
      );
    }
  });

  test('names its rejections as the caller says and keeps the first code as detail', async () => {
    const refusedAs = { malformed: 'grant/malformed', signature: 'receipt/signature' } as const;
    const bytes = await signCose({ signer, typ, claims });
    const refused = (altered: Uint8Array) => verifyCose({ bytes: altered, typ, publicKey, suite, refusedAs });
    await expect(refused(bitFlipped(bytes))).rejects.toMatchObject({
      code: 'receipt/signature',
      detail: { reason: 'cose/signature' },
    });
    await expect(refused(bytes.subarray(0, 9))).rejects.toMatchObject({
      code: 'grant/malformed',
      detail: { reason: 'cbor/malformed' },
    });
  });
});

describe('peeking into COSE_Sign1', () => {
  test('tells type, signer and claims without believing them', async () => {
    const bytes = bitFlipped(await signCose({ signer, typ, claims }));
    expect(peekCose(bytes)).toEqual({ typ, kid: signer.kid, claims });
  });
});

describe('claims', () => {
  const signed = claimsOf({
    type: 'farebox/x',
    version: 1,
    counter: 5,
    title: 'T',
    head: bytesOf('head'),
    exp: 9,
    currency: 'EUR',
    priceMinor: 20,
  });
  const expected = { type: 'farebox/x', code: 'grant/malformed' } as const;

  test('have the numbers of the protocol, each once', () => {
    expect(Object.values(CLAIMS)).toHaveLength(new Set(Object.values(CLAIMS)).size);
    expect([CLAIMS.type, CLAIMS.sequenceNumber]).toEqual([-70_001, -70_041]);
    expect([claimName(-70_001), claimName(1), claimName(99)]).toEqual(['type', 'iss', '99']);
  });

  test('are read as what they are', () => {
    const reader = readClaims(signed, expected);
    expect(reader.count('counter')).toBe(5);
    expect(reader.text('title')).toBe('T');
    expect(reader.bytes('head', 32)).toEqual(bytesOf('head'));
    expect(reader.time('exp')).toBe(9000);
    expect(reader.currency('currency')).toBe('EUR');
    expect(() => reader.end()).toThrow('grant/malformed');
    expect(reader.minor('priceMinor')).toBe(20n);
    expect(() => reader.end()).not.toThrow();
    expect([reader.has('counter'), reader.has('aud')]).toEqual([true, false]);
  });

  test.each<[string, (reader: ReturnType<typeof readClaims>) => unknown]>([
    ['a claim that is missing', (reader) => reader.raw('aud')],
    ['text for a count', (reader) => reader.count('title')],
    ['a count above its bound', (reader) => reader.count('counter', 4)],
    ['a count for text', (reader) => reader.text('counter')],
    ['text above its bound', (reader) => reader.text('type', 3)],
    ['bytes of another length', (reader) => reader.bytes('head', 31)],
    ['fewer bytes than asked for', (reader) => reader.bytes('head', 33)],
    ['text for bytes', (reader) => reader.bytes('title', 1)],
    ['text that is no currency', (reader) => reader.currency('title')],
    ['a count for ranges', (reader) => reader.ranges('counter')],
  ])('refuse %s', (_, read) => {
    expect(() => read(readClaims(signed, expected))).toThrow('grant/malformed');
  });

  test('of another type or version are refused at once', () => {
    expect(() => readClaims(signed, { ...expected, type: 'farebox/y' })).toThrow('grant/malformed');
    expect(() => readClaims(new Map([...signed, [CLAIMS.version, 2]]), expected)).toThrow('grant/malformed');
  });
});
