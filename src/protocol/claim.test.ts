// Claims and their answers: BT-9. Each believed, each altered member refused with its code; and an answer that contradicts
// itself, its contract, the receipt or its own record is found out.

import { beforeAll, describe, expect, test } from 'vitest';
import type { CborValue } from './cbor.ts';
import { verifyClaim } from './claim.ts';
import { type ClaimAnswer, makeClaimAnswer, verifyClaimAnswer } from './claim-answer.ts';
import { checkClaimIn } from './claim-checks.ts';
import { type Contradiction, findContradictions } from './claim-judgements.ts';
import { claimLinesOf } from './claim-lines.ts';
import type { ClaimName } from './claims.ts';
import { COSE_TYPES } from './cose.ts';
import { checkReceiptFile } from './receipt-checks.ts';
import { encodeReceiptFile } from './receipt-file.ts';
import { webCryptoSuite as suite } from './suite/webcrypto.ts';
import { bitFlipped, resigned } from './vectors/altered.ts';
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

describe('BT-9: a claim', () => {
  const verify = (bytes: Uint8Array) => verifyClaim({ bytes, module: cast.module.certificate, suite });

  test('asks for everything that its receipt speaks of, and for no more', async () => {
    expect((await verify(story.claimBytes)).lines).toEqual([
      { kind: 'late', from: 2, to: 3 },
      { kind: 'lost', from: 3, to: 4 },
      { kind: 'stall', from: 2, to: 3 },
      { kind: 'rung', from: 1, to: 2 },
    ]);
    const { delivery } = story.receipt;
    if (delivery === null) throw new Error('the story has a contract');
    const free = { ...TERMS, refunds: { ...TERMS.refunds, late: 0, rung: 0 } };
    expect(claimLinesOf(delivery, free).map(({ kind }) => kind)).toEqual(['lost', 'stall']);
  });

  test.each<Alteration>([
    ['iss', '0'.repeat(32)],
    ['aud', 1],
    ['type', 'farebox/receipt'],
    ['version', 2],
    ['session', bytesOf('short', 15)],
    ['receiptHash', undefined],
    ['contractHash', undefined],
    ['lines', []],
    ['lines', [['late', 2, 2]]],
    ['lines', [['early', 2, 3]]],
    ['lines', [['late', 2, 2 ** 32 + 1]]],
    [
      'lines',
      [
        ['lost', 1, 2],
        ['late', 1, 2],
      ],
    ],
    [
      'lines',
      [
        ['late', 1, 3],
        ['late', 2, 4],
      ],
    ],
    ['nonce', bytesOf('more', 16)],
  ])('with another %s (%j) is malformed', async (name, value) => {
    const by = { signer: cast.module.signer, typ: COSE_TYPES.claim };
    await expect(verify(await resigned(story.claimBytes, by, [name, value]))).rejects.toThrow('claim/malformed');
  });

  test('of another module, or with a bit turned over, is malformed', async () => {
    const by = { signer: cast.otherModule.signer, typ: COSE_TYPES.claim };
    await expect(verify(await resigned(story.claimBytes, by))).rejects.toThrow('claim/malformed');
    await expect(verify(bitFlipped(story.claimBytes))).rejects.toThrow('claim/malformed');
  });
});

describe('BT-9: the answer to a claim', () => {
  const verify = (bytes: Uint8Array) =>
    verifyClaimAnswer({ bytes, provider: cast.provider.certificate, claim: story.claim, suite });

  test('is believed, line by line', async () => {
    expect(await verify(story.answerBytes)).toEqual(story.answerTerms);
  });

  test.each<Alteration>([
    ['iss', '0'.repeat(32)],
    ['aud', '1'.repeat(32)],
    ['session', bytesOf('other', 16)],
    ['claimHash', bytesOf('other')],
    ['receiptHash', bytesOf('other')],
    ['contractHash', bytesOf('other')],
    ['verdict', 'maybe'],
    ['lines', [['late', 2, 3, 'because', 10]]],
    ['lines', [['late', 2, 3, 'delivered-late', -1]]],
    ['lines', [['late', 2, 3]]],
    [
      'delivery',
      [
        [2, 1, 0, 1],
        [2, 1, 0, 1],
      ],
    ],
    ['delivery', [[2, -1, 0, 1]]],
    ['currency', 'euro'],
    ['amountMinor', -1],
    ['creditMinor', undefined],
    ['nonce', bytesOf('more', 16)],
  ])('with another %s (%j) is not the answer', async (name, value) => {
    const by = { signer: cast.provider.signer, typ: COSE_TYPES.claimAnswer };
    await expect(verify(await resigned(story.answerBytes, by, [name, value]))).rejects.toThrow('claim/answer');
  });

  test.each<[Contradiction, (answer: ClaimAnswer) => Partial<ClaimAnswer>]>([
    ['lines', ({ lines }) => ({ lines: lines.slice(0, -1) })],
    ['lines', ({ lines }) => ({ lines: [...lines].reverse() })],
    ['amount', ({ lines }) => ({ lines: lines.map((line) => ({ ...line, amountMinor: 9n })), amountMinor: 36n })],
    ['sum', () => ({ amountMinor: 16n })],
    ['verdict', () => ({ verdict: 'paid' })],
    ['currency', () => ({ currency: 'SEK' })],
    [
      'receipt',
      ({ lines }) => ({
        lines: lines.map((line) => (line.kind === 'lost' ? { ...line, reason: 'shown-on-time' as const } : line)),
      }),
    ],
    [
      'record',
      ({ lines }) => ({
        lines: lines.map((line) => (line.kind === 'lost' ? { ...line, reason: 'never-asked' as const } : line)),
      }),
    ],
    ['record', () => ({ delivery: [{ frame: 3, asked: 2, failed: 2, servedMs: 0 }] })],
    ['record', () => ({ delivery: [{ frame: 3, asked: 2, failed: 0, servedMs: 2_001 }] })],
    ['record', () => ({ delivery: [] })],
  ])('that contradicts the %s is found out, and kept with its file', async (found, change) => {
    const answer = { ...story.answerTerms, ...change(story.answerTerms) };
    const { delivery } = story.receipt;
    if (delivery === null || story.file.contracted === null) throw new Error('the story has a contract');
    const { terms, currency, priceMinor } = story.contract;
    const held = { lines: story.claim.lines, terms, currency, priceMinor, delivery };
    expect(findContradictions({ answer, ...held })).toContain(found);
    expect(findContradictions({ answer: story.answerTerms, ...held })).toEqual([]);

    const claimAnswer = await makeClaimAnswer({ signer: cast.provider.signer, answer });
    const file = encodeReceiptFile({ ...story.file, contracted: { ...story.file.contracted, claimAnswer } });
    const report = await checkReceiptFile({ file, agencyKey: cast.agency.publicKey, suite });
    expect(report.valid).toBe(true);
    expect((await checkClaimIn({ file, report, suite }))?.contradictions).toContain(found);
  });

  test('may split a line that was claimed', () => {
    const { delivery } = story.receipt;
    if (delivery === null) throw new Error('the story has a contract');
    const { terms, currency, priceMinor } = story.contract;
    const answer: ClaimAnswer = {
      ...story.answerTerms,
      lines: [
        { kind: 'late', from: 2, to: 3, reason: 'delivered-late', amountMinor: 10n },
        { kind: 'late', from: 3, to: 5, reason: 'never-asked', amountMinor: 0n },
      ],
      delivery: [{ frame: 2, asked: 1, failed: 0, servedMs: 3_100 }],
      amountMinor: 10n,
    };
    const lines = [{ kind: 'late', from: 2, to: 5 }] as const;
    expect(findContradictions({ answer, lines, terms, currency, priceMinor, delivery })).toEqual([]);
  });

  test('in a file whose claim is of another receipt is not believed', async () => {
    const by = { signer: cast.module.signer, typ: COSE_TYPES.claim };
    const claim = await resigned(story.claimBytes, by, ['receiptHash', bytesOf('other')]);
    if (story.file.contracted === null) throw new Error('the story has a contract');
    const file = encodeReceiptFile({ ...story.file, contracted: { ...story.file.contracted, claim } });
    const report = await checkReceiptFile({ file, agencyKey: cast.agency.publicKey, suite });
    expect((await checkClaimIn({ file, report, suite }))?.failure).toBe('claim/binding');
  });
});
