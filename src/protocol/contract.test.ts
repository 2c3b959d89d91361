// Contracts, and what a receipt says of the delivery: BT-9. Each object believed, each altered member refused with its code.
// Claims are in claim.test.ts.

import { beforeAll, describe, expect, test } from 'vitest';
import type { CborValue } from './cbor.ts';
import type { ClaimName } from './claims.ts';
import { verifyContract, verifyContractAcceptance } from './contract.ts';
import { misfitOfContract } from './contract-fit.ts';
import { decodeContractTerms, encodeContractTerms, refundFor, slotTimeMs } from './contract-terms.ts';
import { COSE_TYPES } from './cose.ts';
import { verifyProgramme } from './programme.ts';
import { verifyReceipt } from './receipt.ts';
import { CONTRACT_CHECKS, checkReceiptFile, RECEIPT_CHECKS } from './receipt-checks.ts';
import { decodeReceiptFile, encodeReceiptFile, type ReceiptFile } from './receipt-file.ts';
import { webCryptoSuite as suite } from './suite/webcrypto.ts';
import { bitFlipped, resigned, withMember } from './vectors/altered.ts';
import { bytesOf, type Cast, makeCast } from './vectors/cast.ts';
import { type ContractStory, sealContractGrant, TERMS, tellContractStory } from './vectors/contract-story.ts';
import { sealGrant, tellStory } from './vectors/story.ts';

let cast: Cast;
let story: ContractStory;
beforeAll(async () => {
  cast = await makeCast();
  const plain = await tellStory(cast, await sealGrant(cast));
  story = await tellContractStory(cast, plain, await sealContractGrant(cast));
});

type Alteration = readonly [ClaimName, CborValue | undefined];

function termsWith(name: string, value: CborValue | undefined): CborValue {
  const members = new Map(encodeContractTerms(TERMS) as ReadonlyMap<string, CborValue>);
  if (value === undefined) members.delete(name);
  else members.set(name, value);
  return members;
}

describe('BT-9: the terms of a contract', () => {
  test('come back as they were', () => {
    expect(decodeContractTerms(encodeContractTerms(TERMS), 'contract/malformed')).toEqual(TERMS);
    const any = { ...TERMS, leastRung: '' };
    expect(decodeContractTerms(encodeContractTerms(any), 'contract/malformed')).toEqual(any);
  });

  test.each<[string, CborValue | undefined]>([
    ['slotsPerMinute', 0],
    ['slotsPerMinute', 601],
    ['longestStallMs', 60_001],
    ['longestStallMs', undefined],
    ['leastRung', 'VIDEO'],
    ['refunds', new Map([['late', 1]])],
    ['refunds', new Map(Object.entries({ ...TERMS.refunds, lost: 10_001 }))],
    ['refunds', new Map(Object.entries({ ...TERMS.refunds, more: 1 }))],
    ['more', 1],
  ])('with another %s (%s) are malformed', (name, value) => {
    expect(() => decodeContractTerms(termsWith(name, value), 'contract/malformed')).toThrow('contract/malformed');
  });

  test('give a slot its time, and pay back whole minor units, rounded down once for all frames of a line', () => {
    expect(slotTimeMs(TERMS)).toBe(2_000);
    expect(refundFor(TERMS, 'late', 3, 25n)).toBe(37n);
    expect(refundFor(TERMS, 'lost', 2, 20n)).toBe(40n);
  });
});

describe('BT-9: a contract', () => {
  const verify = (bytes: Uint8Array) => verifyContract({ bytes, provider: cast.provider.certificate, suite });
  const altered = async ([name, value]: Alteration) =>
    resigned(story.contractBytes, { signer: cast.provider.signer, typ: COSE_TYPES.contract }, [name, value]);

  test('is believed with what was agreed', async () => {
    expect(await verify(story.contractBytes)).toMatchObject(story.contractTerms);
  });

  test.each<Alteration>([
    ['iss', '0'.repeat(32)],
    ['aud', 'somebody'],
    ['type', 'farebox/grant'],
    ['version', 2],
    ['session', bytesOf('short', 15)],
    ['programmeHash', undefined],
    ['currency', 'euro'],
    ['priceMinor', -1],
    ['contract', new Map()],
    ['deliveryId', bytesOf('delivery', 17)],
    ['nonce', bytesOf('more', 16)],
  ])('with another %s (%s) is malformed', async (name, value) => {
    await expect(verify(await altered([name, value]))).rejects.toThrow('contract/malformed');
  });

  test('with a bit turned over, or of a module, is malformed', async () => {
    await expect(verify(bitFlipped(story.contractBytes))).rejects.toThrow('contract/malformed');
    const by = { signer: cast.module.signer, typ: COSE_TYPES.contract };
    await expect(verify(await resigned(story.contractBytes, by))).rejects.toThrow('contract/malformed');
  });

  test('fits offer and grant, and nothing else', async () => {
    const { contract, grant } = story;
    expect(misfitOfContract(contract, grant, TERMS)).toBeNull();
    expect(misfitOfContract(null, grant, TERMS)).toBe('contract/missing');
    expect(misfitOfContract(null, { ...grant, contractHash: null }, TERMS)).toBe('contract/missing');
    expect(misfitOfContract(null, { ...grant, contractHash: null }, null)).toBeNull();
    expect(misfitOfContract(contract, grant, null)).toBe('contract/other-terms');
    expect(misfitOfContract(contract, grant, { ...TERMS, refunds: { ...TERMS.refunds, late: 499 } })).toBe(
      'contract/other-terms',
    );
    for (const change of [
      ['session', bytesOf('other', 16)],
      ['programme', bytesOf('other', 16)],
      ['priceMinor', 19],
      ['aud', cast.otherModule.certificate.subject],
      ['contract', termsWith('longestStallMs', 2_000)],
    ] as const) {
      const other = await verify(await altered(change));
      expect(misfitOfContract(other, { ...grant, contractHash: other.contractHash }, TERMS), change[0]).toBe(
        'contract/other-terms',
      );
    }
    expect(misfitOfContract(contract, { ...grant, contractHash: story.programme.programmeHash }, TERMS)).toBe(
      'contract/other-terms',
    );
  });
});

describe('BT-9: the acceptance of a contract', () => {
  const verify = (bytes: Uint8Array) =>
    verifyContractAcceptance({ bytes, module: cast.module.certificate, contract: story.contract, suite });

  test('is believed', async () => {
    expect((await verify(story.acceptanceBytes)).contractHash).toBe(story.contract.contractHash);
  });

  test.each<Alteration>([
    ['iss', '0'.repeat(32)],
    ['aud', '0'.repeat(32)],
    ['session', bytesOf('other', 16)],
    ['contractHash', bytesOf('other')],
    ['type', 'farebox/contract'],
    ['version', 2],
    ['contract', 1],
  ])('with another %s (%s) is refused', async (name, value) => {
    const by = { signer: cast.module.signer, typ: COSE_TYPES.contractAcceptance };
    const bytes = await resigned(story.acceptanceBytes, by, [name, value]);
    await expect(verify(bytes)).rejects.toThrow('contract/acceptance');
  });

  test('of another module, or with a bit turned over, is refused', async () => {
    const by = { signer: cast.otherModule.signer, typ: COSE_TYPES.contractAcceptance };
    await expect(verify(await resigned(story.acceptanceBytes, by))).rejects.toThrow('contract/acceptance');
    await expect(verify(bitFlipped(story.acceptanceBytes))).rejects.toThrow('contract/acceptance');
  });
});

describe('BT-9: a programme with an offer', () => {
  const verify = (bytes: Uint8Array) => verifyProgramme({ bytes, certificate: cast.provider.certificate, suite });
  const by = () => ({ signer: cast.provider.signer, typ: COSE_TYPES.programme });

  test('says what the provider promises; one of version 1 cannot', async () => {
    expect((await verify(story.programmeBytes)).contract).toEqual(TERMS);
    const older = await resigned(story.programmeBytes, by(), ['version', 1]);
    await expect(verify(older)).rejects.toThrow('programme/malformed');
    expect((await verify(cast.programmeBytes)).contract).toBeNull();
  });
});

describe('BT-9: a receipt of a session with a contract', () => {
  const check = (file: Partial<ReceiptFile> = {}) =>
    checkReceiptFile({
      file: encodeReceiptFile({ ...story.file, ...file }),
      agencyKey: cast.agency.publicKey,
      suite,
    });
  const failures = async (file: Partial<ReceiptFile>) =>
    (await check({ acknowledgement: null, ...file })).checks
      .filter(({ verdict }) => verdict === 'failed')
      .map(({ name, code }) => [name, code]);
  const receiptWith = (...changes: Alteration[]) =>
    resigned(story.receiptBytes, { signer: cast.module.signer, typ: COSE_TYPES.receipt }, ...changes);
  const papers = () => {
    const { contracted } = story.file;
    if (contracted === null) throw new Error('the story has a contract');
    return contracted;
  };

  test('holds with every check of its own', async () => {
    const report = await check();
    expect(report.checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(report.checks.map(({ name }) => name)).toEqual([
      ...RECEIPT_CHECKS.slice(0, -1),
      ...CONTRACT_CHECKS,
      'acknowledgement',
    ]);
    expect(report.receipt?.delivery?.stalls).toEqual([[2, 1_800]]);
    expect(report.contract?.terms).toEqual(TERMS);
  });

  test('comes back from its file as it was, claimed or not', () => {
    expect(decodeReceiptFile(story.fileBytes)).toEqual(story.file);
    const unclaimed = { ...story.file, contracted: { ...papers(), claim: null, claimAnswer: null } };
    expect(decodeReceiptFile(encodeReceiptFile(unclaimed))).toEqual(unclaimed);
  });

  test.each<[string, CborValue | undefined]>([
    ['version', 3],
    ['version', 1],
    ['contract', undefined],
    ['acceptance', undefined],
    ['claim', undefined],
    ['claimAnswer', null],
  ])('in a file with another %s (%s) is malformed', (name, value) => {
    expect(() => decodeReceiptFile(withMember(story.fileBytes, name, value))).toThrow('receipt/malformed');
  });

  test('without its contract, with a broken one, or with an acceptance that does not hold, fails at the contract', async () => {
    expect(await failures({ contracted: null })).toEqual([['contract', 'receipt/contract']]);
    const broken = { ...papers(), contract: bitFlipped(papers().contract) };
    expect(await failures({ contracted: broken })).toEqual([['contract', 'contract/malformed']]);
    const unaccepted = { ...papers(), acceptance: bitFlipped(papers().acceptance) };
    expect(await failures({ contracted: unaccepted })).toEqual([['contract', 'contract/acceptance']]);
  });

  test('that names another contract, or was signed as if there were none, fails at the contract', async () => {
    const other = await receiptWith(['contractHash', bytesOf('other')]);
    expect(await failures({ receipt: other })).toEqual([['contract', 'receipt/contract']]);
    const without = (['contractHash', 'lateFrames', 'lostFrames', 'stalls', 'belowRung'] as const).map(
      (name): Alteration => [name, undefined],
    );
    const plain = await receiptWith(['version', 2], ...without);
    expect(await failures({ receipt: plain })).toEqual([['contract', 'receipt/contract']]);
  });

  test.each<[string, ClaimName, CborValue]>([
    ['more late frames than are late', 'lateFrames', [[1, 3]]],
    ['a late frame that was not shown', 'lateFrames', [[4, 5]]],
    ['more lost frames than failed', 'lostFrames', [[3, 5]]],
    ['a lost frame that was shown', 'lostFrames', [[1, 2]]],
    ['a lost frame that was never granted', 'lostFrames', [[5, 6]]],
    ['a stall that the contract allows', 'stalls', [[2, 1_000]]],
    ['a stall at a frame that was never granted', 'stalls', [[6, 2_000]]],
    ['a low frame that was not shown', 'belowRung', [[0, 1]]],
  ])('with %s fails at the delivery', async (_what, name, value) => {
    expect(await failures({ receipt: await receiptWith([name, value]) })).toEqual([['delivery', 'receipt/delivery']]);
  });

  test.each<[ClaimName, CborValue, string]>([
    ['stalls', [[2, 0]], 'of no time'],
    ['stalls', [[2, 86_400_001]], 'of more than a day'],
    [
      'stalls',
      [
        [3, 2_000],
        [2, 2_000],
      ],
      'out of order',
    ],
    ['lateFrames', [[2, 2]], 'that are empty'],
    ['lostFrames', 3, 'that are no list'],
    ['belowRung', Array.from({ length: 2_049 }, (_none, at) => [2 * at, 2 * at + 1]), 'beyond the bound'],
  ])('with %s other than they may be is malformed, %#', async (name, value) => {
    const bytes = await receiptWith([name, value]);
    await expect(verifyReceipt({ bytes, module: cast.module.certificate, suite })).rejects.toThrow('receipt/malformed');
  });
});
