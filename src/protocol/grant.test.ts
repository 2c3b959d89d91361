// Grants: BT-3. HPKE underneath against RFC 9180 A.1, and each check of the module one altered member at a time.
// hpke-pq.json of the published vectors holds hybrid and post-quantum suites only; ours, 0x0020/0x0001/0x0002, is not
// among them, so nothing of that file runs here until the hybrid suite comes.

import { AEAD_AES_128_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { type CborValue, encodeCbor } from './cbor.ts';
import { CLAIMS, type ClaimName } from './claims.ts';
import { COSE_TYPES, peekCose, signCose } from './cose.ts';
import { openGrant, verifyGrant } from './grant.ts';
import { encodeGrantedKeys, type GrantedKeys } from './granted-keys.ts';
import { makeSealingKeyPair, openWith, sealTo } from './hpke.ts';
import { derivePreviewKey } from './previews.ts';
import { sequenceFunction } from './sequence/sequence.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { bitFlipped, resigned } from './vectors/altered.ts';
import { bytesOf, type Cast, HOUR, makeCast, NOW, PROGRAMME } from './vectors/cast.ts';
import { GRANTED, SESSION_KEY, sealGrant } from './vectors/story.ts';

let cast: Cast;
let grantBytes: Uint8Array;
beforeAll(async () => {
  cast = await makeCast();
  grantBytes = await sealGrant(cast);
});

describe('HPKE', () => {
  // The KEM and KDF of this case are ours; the AEAD of A.1 is AES-128-GCM, and appendix A has none with AES-256-GCM.
  test('opens and exports as RFC 9180 A.1.1 tells', async () => {
    const suite = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_128_GCM);
    const privateKey = await suite.DeserializePrivateKey(
      fromHex('4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8'),
    );
    const publicKey = await suite.DeserializePublicKey(
      fromHex('3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d'),
    );
    const enc = fromHex('37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431');
    const info = fromHex('4f6465206f6e2061204772656369616e2055726e');
    const recipient = await suite.SetupRecipient({ privateKey, publicKey }, enc, { info });
    const clear = '4265617574792069732074727574682c20747275746820626561757479';
    const first = 'f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a';
    const second = 'af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84';
    expect(toHex(await recipient.Open(fromHex(first), utf8('Count-0')))).toBe(clear);
    expect(toHex(await recipient.Open(fromHex(second), utf8('Count-1')))).toBe(clear);
    expect(toHex(await recipient.Export(new Uint8Array(0), 32))).toBe(
      '3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee',
    );
  });

  test('opens with a private key that cannot be exported, and with no other', async () => {
    const pair = await makeSealingKeyPair();
    expect(pair.privateKey.extractable).toBe(false);
    const context = { info: utf8('i'), aad: utf8('a') };
    const sealed = await sealTo(pair.publicKey, { ...context, plaintext: utf8('inside') });
    expect(await openWith(pair, { ...context, ...sealed })).toEqual(utf8('inside'));
    const another = await makeSealingKeyPair();
    await expect(openWith(another, { ...context, ...sealed })).rejects.toThrow('suite/not-authentic');
    const changes = [
      { info: utf8('j') },
      { aad: utf8('b') },
      { enc: bitFlipped(sealed.enc) },
      { enc: new Uint8Array(32) },
      { ciphertext: bitFlipped(sealed.ciphertext) },
      { ciphertext: new Uint8Array(0) },
    ];
    for (const change of changes) {
      await expect(openWith(pair, { ...context, ...sealed, ...change })).rejects.toThrow('suite/not-authentic');
    }
  });

  test('does not seal to a key that would give an all-zero secret', async () => {
    const sealed = sealTo(new Uint8Array(32), { info: utf8('i'), aad: utf8('a'), plaintext: utf8('x') });
    await expect(sealed).rejects.toThrow('suite/weak-key');
  });
});

describe.each([webCryptoSuite, nobleSuite])('BT-3: a grant over the $name suite', (suite) => {
  const verify = (bytes: Uint8Array, over: Partial<Parameters<typeof verifyGrant>[0]> = {}) =>
    verifyGrant({
      bytes,
      provider: cast.provider.certificate,
      module: cast.module.certificate.subject,
      programme: cast.programme,
      now: NOW,
      suite,
      ...over,
    });

  test('gives exactly the keys it names to the module it names', async () => {
    const grant = await verify(grantBytes);
    expect(grant).toMatchObject({
      ranges: GRANTED,
      mode: 'display',
      replay: 'session',
      priceMinor: 20n,
      reservedMinor: 120n,
      creditMinor: 880n,
    });
    const { sessionKey, nodes, previewKey } = await openGrant(grant, cast.module.sealing);
    expect([sessionKey, previewKey]).toEqual([SESSION_KEY, derivePreviewKey(cast.seed, PROGRAMME)]);
    const tree = sequenceFunction(grant.sequence);
    const state = tree.restore(nodes);
    for (const frame of [0, 1, 2, 3, 4, 7]) expect(state.at(frame)).toEqual(tree.keyAt(cast.seed, frame));
    for (const frame of [5, 6, 8]) expect(state.covers(frame)).toBe(false);
  });

  test('does not open for another module', async () => {
    await expect(openGrant(await verify(grantBytes), cast.otherModule.sealing)).rejects.toThrow('grant/sealed');
    await expect(verify(grantBytes, { module: cast.otherModule.certificate.subject })).rejects.toThrow(
      'grant/other-module',
    );
  });

  test('ends at its end', async () => {
    await expect(verify(grantBytes, { now: NOW + HOUR - 1 })).resolves.toBeDefined();
    await expect(verify(grantBytes, { now: NOW + HOUR })).rejects.toThrow('grant/expired');
  });

  test.each<[ClaimName, CborValue | undefined, string]>([
    ['iss', '0'.repeat(32), 'grant/malformed'],
    ['aud', '0'.repeat(32), 'grant/other-module'],
    ['exp', NOW / 1000, 'grant/expired'],
    ['iat', undefined, 'grant/malformed'],
    ['type', 'farebox/programme', 'grant/malformed'],
    ['version', 3, 'grant/malformed'],
    ['session', bytesOf('session', 15), 'grant/malformed'],
    ['programme', bytesOf('another programme', 16), 'grant/other-programme'],
    ['programmeHash', bytesOf('another programme'), 'grant/other-programme'],
    ['sequence', 'hkdf', 'grant/other-programme'],
    ['sequence', 'lorenz', 'sequence/unknown'],
    ['mode', 'keys', 'grant/mode'],
    ['replay', 'forever', 'grant/malformed'],
    ['replay', 'none', 'grant/other-programme'],
    ['replay', NOW + HOUR, 'grant/other-programme'],
    ['ranges', [[0, 9]], 'grant/price'],
    ['ranges', [], 'grant/price'],
    ['ranges', [[3, 3]], 'grant/malformed'],
    ['ranges', [[4, 10]], 'grant/coverage'],
    ['currency', 'USD', 'grant/price'],
    ['priceMinor', 21, 'grant/price'],
    ['reservedMinor', 100, 'grant/price'],
    ['creditMinor', -1, 'grant/malformed'],
    ['hpkeSuite', [0x647a, 1, 2], 'grant/suite'],
    ['hpkeSuite', [0x20, 1, 2, 3], 'grant/suite'],
    ['hpkeEnc', bytesOf('enc', 31), 'grant/malformed'],
    ['sealedGrant', 'sealed', 'grant/malformed'],
    ['title', 'more', 'grant/malformed'],
  ])('with another %s (%s) is refused, though the provider signed it', async (name, value, code) => {
    const bytes = await resigned(grantBytes, { signer: cast.provider.signer, typ: COSE_TYPES.grant }, [name, value]);
    await expect(verify(bytes)).rejects.toThrow(code);
  });

  test.each<[ClaimName, CborValue]>([
    ['session', bytesOf('another session', 16)],
    ['creditMinor', 881],
    ['exp', (NOW + 2 * HOUR) / 1000],
  ])('whose %s was changed around the sealed keys does not open', async (...change) => {
    const bytes = await resigned(grantBytes, { signer: cast.provider.signer, typ: COSE_TYPES.grant }, change);
    await expect(openGrant(await verify(bytes), cast.module.sealing)).rejects.toThrow('grant/sealed');
  });

  test('altered on the way, or of someone who is no provider, is refused', async () => {
    await expect(verify(bitFlipped(grantBytes))).rejects.toMatchObject({
      code: 'grant/malformed',
      detail: { reason: 'cose/signature' },
    });
    await expect(verify(grantBytes.subarray(0, 200))).rejects.toMatchObject({
      code: 'grant/malformed',
      detail: { reason: 'cbor/malformed' },
    });
    const byModule = await resigned(grantBytes, { signer: cast.module.signer, typ: COSE_TYPES.grant }, [
      'iss',
      cast.module.signer.kid,
    ]);
    await expect(verify(byModule, { provider: cast.module.certificate })).rejects.toThrow('grant/malformed');
  });

  /** A grant of the provider with anything sealed inside. */
  async function withInside(plaintext: Uint8Array) {
    const claims = new Map(peekCose(grantBytes).claims);
    claims.delete(CLAIMS.hpkeEnc);
    claims.delete(CLAIMS.sealedGrant);
    const aad = encodeCbor(claims);
    const sealed = await sealTo(cast.module.sealing.publicKey, { info: utf8('farebox/1 grant'), aad, plaintext });
    claims.set(CLAIMS.hpkeEnc, sealed.enc).set(CLAIMS.sealedGrant, sealed.ciphertext);
    return verify(await signCose({ signer: cast.provider.signer, typ: COSE_TYPES.grant, claims }));
  }

  const inside = (change: (keys: GrantedKeys) => GrantedKeys) =>
    encodeGrantedKeys(
      change({
        sessionKey: SESSION_KEY,
        nodes: sequenceFunction('tree').grant(cast.seed, GRANTED),
        previewKey: bytesOf('preview key'),
      }),
    );

  test('whose nodes are not exactly those of its ranges is refused', async () => {
    const node = { level: 32, index: 5, secret: bytesOf('node') };
    const wrong = [
      inside(({ nodes, ...keys }) => ({ ...keys, nodes: nodes.slice(1) })),
      inside(({ nodes, ...keys }) => ({ ...keys, nodes: [...nodes.slice(0, -1), node, ...nodes.slice(-1)] })),
      inside(({ nodes, ...keys }) => ({ ...keys, nodes: nodes.toReversed() })),
      inside((keys) => ({ ...keys, nodes: [{ level: 33, index: 0, secret: bytesOf('node') }] })),
    ];
    for (const plaintext of wrong)
      await expect(openGrant(await withInside(plaintext), cast.module.sealing)).rejects.toThrow('grant/coverage');
    await expect(openGrant(await withInside(inside((keys) => keys)), cast.module.sealing)).resolves.toBeDefined();
  });

  test.each<[string, CborValue]>([
    ['no list', 1],
    ['a short session key', [bytesOf('k', 31), [], bytesOf('p')]],
    ['no nodes', [SESSION_KEY, 1, bytesOf('p')]],
    ['a node that is none', [SESSION_KEY, [1], bytesOf('p')]],
    ['a node of text', [SESSION_KEY, [['32', 0, bytesOf('n')]], bytesOf('p')]],
    ['no preview key, as in version 1,', [SESSION_KEY, []]],
    ['a short preview key', [SESSION_KEY, [], bytesOf('p', 31)]],
    ['something more', [SESSION_KEY, [], bytesOf('p'), 1]],
  ])('with %s inside is malformed', async (_, value) => {
    await expect(openGrant(await withInside(encodeCbor(value)), cast.module.sealing)).rejects.toThrow(
      'grant/malformed',
    );
  });

  test('with bytes inside that are no CBOR is malformed', async () => {
    await expect(openGrant(await withInside(fromHex('ff')), cast.module.sealing)).rejects.toThrow('grant/malformed');
  });
});

describe('making a grant', () => {
  test('needs someone with a sealing key', async () => {
    await expect(
      sealGrant({ ...cast, module: { ...cast.module, certificate: cast.provider.certificate } }),
    ).rejects.toThrow('certificate/wrong-role');
  });
});
