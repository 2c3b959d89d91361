// Receipts and acknowledgements: BT-8. Signature and form, each rejection one altered member at a time.

import { beforeAll, describe, expect, test } from 'vitest';
import type { CborValue } from './cbor.ts';
import type { ClaimName } from './claims.ts';
import { COSE_TYPES } from './cose.ts';
import { noDevice } from './life.ts';
import { makeReceipt, verifyAcknowledgement, verifyReceipt } from './receipt.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { bitFlipped, resigned } from './vectors/altered.ts';
import { bytesOf, type Cast, makeCast } from './vectors/cast.ts';
import { type Story, sealGrant, tellStory } from './vectors/story.ts';

let cast: Cast;
let story: Story;
beforeAll(async () => {
  cast = await makeCast();
  story = await tellStory(cast, await sealGrant(cast));
});

const suite = webCryptoSuite;

describe('BT-8: a receipt', () => {
  const verify = (bytes: Uint8Array) => verifyReceipt({ bytes, module: cast.module.certificate, suite });

  test('comes back as it was signed', async () => {
    expect(await verify(story.receiptBytes)).toMatchObject({ ...story.receiptTerms, module: cast.module.signer.kid });
  });

  test.each<[ClaimName, CborValue | undefined]>([
    ['iss', '0'.repeat(32)],
    ['aud', 'provider'],
    ['iat', undefined],
    ['type', 'farebox/grant'],
    ['version', 0],
    ['version', 1],
    ['version', 3],
    ['device', undefined],
    ['device', noDevice()],
    ['device', bytesOf('d', 15)],
    ['epoch', undefined],
    ['epoch', 0],
    ['epoch', 2 ** 32],
    ['session', 1],
    ['programme', bytesOf('p', 17)],
    ['programmeHash', bytesOf('p', 31)],
    ['grantHash', bytesOf('p', 33)],
    ['frames', [[2, 1]]],
    ['count', -1],
    ['rungs', []],
    ['rungs', new Map([['video/720p', 0]])],
    ['rungs', new Map([['Video', 1]])],
    ['rungs', new Map([[1, 1]])],
    ['firstTime', -1],
    ['lastTime', 'late'],
    ['onTime', null],
    ['late', true],
    ['failed', undefined],
    ['withheld', undefined],
    ['currency', 'euro'],
    ['amountMinor', -1],
    ['counter', undefined],
    ['head', bytesOf('h', 31)],
    ['title', 'more'],
  ])('with another %s (%s) is malformed', async (...change) => {
    const bytes = await resigned(story.receiptBytes, { signer: cast.module.signer, typ: COSE_TYPES.receipt }, change);
    await expect(verify(bytes)).rejects.toThrow('receipt/malformed');
  });

  test('BT-2: of version 1 is read as epoch 0 with a device of zeros', async () => {
    const bytes = await resigned(
      story.receiptBytes,
      { signer: cast.module.signer, typ: COSE_TYPES.receipt },
      ['version', 1],
      ['device', undefined],
      ['epoch', undefined],
    );
    expect(await verify(bytes)).toMatchObject({ ...story.receiptTerms, device: noDevice(), epoch: 0 });
  });

  test('BT-2: is made in epoch 0 with a device of zeros by a module from before, and in no other way without', async () => {
    const { signer } = cast.module;
    const old = { ...story.receiptTerms, device: noDevice(), epoch: 0 };
    expect(await verify(await makeReceipt({ signer, receipt: old }))).toMatchObject(old);
    await expect(makeReceipt({ signer, receipt: { ...old, epoch: 1 } })).rejects.toThrow('module/internal');
    await expect(makeReceipt({ signer, receipt: { ...story.receiptTerms, epoch: 0 } })).rejects.toThrow(
      'module/internal',
    );
  });

  test('altered after it was signed, or signed by someone else, does not hold', async () => {
    await expect(verify(bitFlipped(story.receiptBytes))).rejects.toThrow('receipt/signature');
    const byOther = await makeReceipt({ signer: cast.otherModule.signer, receipt: story.receiptTerms });
    await expect(verify(byOther)).rejects.toThrow('receipt/signature');
    await expect(verify(story.grantBytes)).rejects.toThrow('receipt/malformed');
  });
});

describe('an acknowledgement', () => {
  const verify = (bytes: Uint8Array) =>
    verifyAcknowledgement({ bytes, provider: cast.provider.certificate, receipt: story.receipt, suite });

  test('comes back as it was signed', async () => {
    expect(await verify(story.acknowledgementBytes)).toEqual(story.acknowledgementTerms);
  });

  test.each<[ClaimName, CborValue | undefined]>([
    ['iss', '0'.repeat(32)],
    ['aud', '0'.repeat(32)],
    ['session', bytesOf('another session', 16)],
    ['receiptHash', bytesOf('another receipt')],
    ['sequenceNumber', 0],
    ['amountMinor', 61],
    ['creditMinor', -1],
    ['counter', undefined],
    ['head', bytesOf('h', 31)],
    ['iat', undefined],
    ['type', 'farebox/receipt'],
    ['version', 2],
    ['exp', 1],
  ])('with another %s (%s) is not for this receipt', async (...change) => {
    const by = { signer: cast.provider.signer, typ: COSE_TYPES.receiptAcknowledgement };
    await expect(verify(await resigned(story.acknowledgementBytes, by, change))).rejects.toThrow(
      'receipt/acknowledgement',
    );
  });

  test('altered or of another party is refused', async () => {
    await expect(verify(bitFlipped(story.acknowledgementBytes))).rejects.toThrow('receipt/acknowledgement');
    const by = { signer: cast.module.signer, typ: COSE_TYPES.receiptAcknowledgement };
    await expect(verify(await resigned(story.acknowledgementBytes, by, ['counter', 14]))).rejects.toThrow(
      'receipt/acknowledgement',
    );
  });
});
