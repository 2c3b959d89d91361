// Receipt files: BT-8. The container, and the checks of what is in it, each failing one altered member at a time. What a
// receipt itself must look like is in receipt-form.test.ts.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8 } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { issueCertificate } from './certificate.ts';
import type { ClaimName } from './claims.ts';
import { COSE_TYPES } from './cose.ts';
import { errorWords } from './error-words.ts';
import type { FareboxErrorCode } from './errors.ts';
import { noDevice } from './life.ts';
import { makeReceipt, type Receipt } from './receipt.ts';
import { checkReceiptFile, describeReceiptFile, RECEIPT_CHECKS, type ReceiptCheckName } from './receipt-checks.ts';
import { decodeReceiptFile, encodeReceiptFile, type ReceiptFile } from './receipt-file.ts';
import { describeTime } from './receipt-judgements.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { runs } from './testing/runs.ts';
import { bitFlipped, resigned, withMember } from './vectors/altered.ts';
import { bytesOf, type Cast, HOUR, makeCast, NOW } from './vectors/cast.ts';
import { type Story, sealGrant, tellStory } from './vectors/story.ts';

let cast: Cast;
let story: Story;
beforeAll(async () => {
  cast = await makeCast();
  story = await tellStory(cast, await sealGrant(cast));
});

const suite = webCryptoSuite;

describe('a receipt file', () => {
  test('comes back as it was, with and without an acknowledgement', () => {
    expect(decodeReceiptFile(story.fileBytes)).toEqual(story.file);
    const unanswered = { ...story.file, acknowledgement: null };
    expect(decodeReceiptFile(encodeReceiptFile(unanswered))).toEqual(unanswered);
  });

  test.each<[string, CborValue | undefined]>([
    ['type', 'farebox/receipt'],
    ['version', 2],
    ['receipt', undefined],
    ['certificate', new Uint8Array(0)],
    ['grant', 'grant'],
    ['programme', undefined],
    ['providerCertificate', undefined],
    ['acknowledgement', null],
    ['more', 1],
    ['contract', new Uint8Array(1)],
  ])('with another %s (%s) is malformed', (name, value) => {
    expect(() => decodeReceiptFile(withMember(story.fileBytes, name, value))).toThrow('receipt/malformed');
  });

  test('is shown opened up, claims by name and bytes as hex', () => {
    expect(describeReceiptFile(story.fileBytes)).toMatchObject({
      receipt: {
        typ: COSE_TYPES.receipt,
        kid: cast.module.signer.kid,
        claims: {
          count: 3,
          frames: [
            [1, 3],
            [7, 8],
          ],
          rungs: { 'video/720p': 2 },
        },
      },
      acknowledgement: { claims: { sequenceNumber: 41 } },
    });
    expect(describeReceiptFile(encodeReceiptFile({ ...story.file, acknowledgement: null }))).toMatchObject({
      acknowledgement: null,
    });
    expect(() => describeReceiptFile(utf8('not one'))).toThrow('receipt/malformed');
    expect(() => describeReceiptFile(encodeReceiptFile({ ...story.file, grant: fromHex('00') }))).toThrow(
      'receipt/malformed',
    );
  });
});

describe('the checks of a receipt file', () => {
  const check = (file: Uint8Array, back = suite) =>
    checkReceiptFile({ file, agencyKey: cast.agency.publicKey, suite: back });
  const checkWith = (change: Partial<ReceiptFile>) => check(encodeReceiptFile({ ...story.file, ...change }));
  const signed = (receipt: Receipt) => makeReceipt({ signer: cast.module.signer, receipt });

  /** Names of the checks with this verdict. */
  const namesOf = (report: Awaited<ReturnType<typeof check>>, verdict: string) =>
    report.checks.filter((made) => made.verdict === verdict).map(({ name }) => name);

  async function expectOnly(
    report: Awaited<ReturnType<typeof check>>,
    failed: ReceiptCheckName,
    code: FareboxErrorCode,
  ): Promise<void> {
    expect(namesOf(report, 'failed')).toEqual([failed]);
    expect(report.checks.find(({ name }) => name === failed)?.code).toBe(code);
    expect(report.valid).toBe(false);
  }

  test.each([webCryptoSuite, nobleSuite])(
    'all hold for an honest one over the $name suite, each with a value',
    async (back) => {
      const report = await check(story.fileBytes, back);
      expect(report.checks.map(({ name }) => name)).toEqual(RECEIPT_CHECKS);
      expect(namesOf(report, 'ok')).toEqual(RECEIPT_CHECKS);
      expect(report.checks.every(({ value, code }) => value.length > 0 && code === null)).toBe(true);
      expect(report.valid).toBe(true);
      expect(report.checks.find(({ name }) => name === 'amount')?.value).toBe('3 × €0.0020 = €0.0060');
      expect(report.programme?.title).toBe('A clock that ticks');
      expect(report.receipt?.count).toBe(3);
    },
  );

  test('hold without an acknowledgement, which is then absent', async () => {
    const report = await checkWith({ acknowledgement: null });
    expect([report.valid, namesOf(report, 'absent')]).toEqual([true, ['acknowledgement']]);
  });

  test('hold for a session in which nothing was shown', async () => {
    const nothing = {
      frames: [],
      count: 0,
      rungs: new Map(),
      firstTime: 0,
      lastTime: 0,
      onTime: 0,
      late: 0,
      amountMinor: 0n,
    };
    const receipt = await signed({ ...story.receiptTerms, ...nothing });
    expect((await checkWith({ receipt, acknowledgement: null })).valid).toBe(true);
  });

  test('of what is no receipt file fail at the encoding and look at nothing more', async () => {
    const report = await check(utf8('a holiday picture'));
    await expectOnly(report, 'encoding', 'receipt/malformed');
    expect(namesOf(report, 'absent')).toEqual(RECEIPT_CHECKS.slice(1));
    expect(report.checks[0]?.value).toBe(errorWords('receipt/malformed'));
  });

  test('under another agency fail at both certificates', async () => {
    const report = await checkReceiptFile({ file: story.fileBytes, agencyKey: cast.otherAgency.publicKey, suite });
    expect(namesOf(report, 'failed')).toEqual(['certificate', 'provider-certificate']);
    expect(report.valid).toBe(false);
  });

  test('find a certificate that had run out, or had not begun, when the receipt was signed', async () => {
    const common = {
      signer: cast.agency,
      role: 'module',
      subjectKey: cast.module.signer.publicKey,
      sealingKey: cast.module.sealing.publicKey,
      device: cast.module.certificate.device,
      epoch: cast.module.certificate.epoch,
    } as const;
    const ended = await issueCertificate({ ...common, issuedAt: NOW - HOUR, expires: NOW });
    await expectOnly(await checkWith({ certificate: ended }), 'certificate-time', 'certificate/expired');
    const later = await issueCertificate({ ...common, issuedAt: NOW + HOUR, expires: NOW + 2 * HOUR });
    await expectOnly(await checkWith({ certificate: later }), 'certificate-time', 'certificate/not-yet-valid');
    const signedAt = NOW + 10_000;
    const ahead = await issueCertificate({ ...common, issuedAt: signedAt + 300_000, expires: NOW + 2 * HOUR });
    expect((await checkWith({ certificate: ahead })).valid).toBe(true);
    const tooFar = await issueCertificate({ ...common, issuedAt: signedAt + 301_000, expires: NOW + 2 * HOUR });
    await expectOnly(await checkWith({ certificate: tooFar }), 'certificate-time', 'certificate/not-yet-valid');
  });

  test('find that the provider granted when its certificate had run out, or had not begun', async () => {
    const common = { signer: cast.agency, role: 'provider', subjectKey: cast.provider.signer.publicKey } as const;
    const ended = await issueCertificate({ ...common, issuedAt: NOW - HOUR, expires: NOW });
    await expectOnly(
      await checkWith({ providerCertificate: ended, acknowledgement: null }),
      'grant',
      'certificate/expired',
    );
    const later = await issueCertificate({ ...common, issuedAt: NOW + HOUR, expires: NOW + 2 * HOUR });
    await expectOnly(
      await checkWith({ providerCertificate: later, acknowledgement: null }),
      'grant',
      'certificate/not-yet-valid',
    );
  });

  test('find a certificate of another module', async () => {
    const report = await checkWith({ certificate: cast.otherModule.certificateBytes });
    expect(report.checks.find(({ name }) => name === 'signature')?.code).toBe('receipt/signature');
    expect(report.checks.find(({ name }) => name === 'grant')?.code).toBe('grant/other-module');
  });

  test.each<[ReceiptCheckName, keyof ReceiptFile, FareboxErrorCode]>([
    ['certificate', 'certificate', 'certificate/foreign'],
    ['signature', 'receipt', 'receipt/signature'],
    ['provider-certificate', 'providerCertificate', 'certificate/foreign'],
    ['programme', 'programme', 'programme/malformed'],
    ['grant', 'grant', 'grant/malformed'],
    ['acknowledgement', 'acknowledgement', 'receipt/acknowledgement'],
  ])('fail at %s where the %s has one bit turned over', async (name, member, code) => {
    const bytes = story.file[member];
    if (!(bytes instanceof Uint8Array)) throw new Error(`the story has no ${member}`);
    await expectOnly(await checkWith({ [member]: bitFlipped(bytes) }), name, code);
  });

  test.each<[ReceiptCheckName, keyof ReceiptFile]>([
    ['certificate', 'certificate'],
    ['signature', 'receipt'],
    ['provider-certificate', 'providerCertificate'],
    ['programme', 'programme'],
    ['grant', 'grant'],
    ['acknowledgement', 'acknowledgement'],
  ])('fail at %s where the %s is noise', async (name, member) => {
    expect(namesOf(await checkWith({ [member]: bytesOf('noise', 90) }), 'failed')).toEqual([name]);
  });

  test.each<[ReceiptCheckName, FareboxErrorCode, Partial<Receipt>]>([
    ['count', 'receipt/count', { count: 2, amountMinor: 40n }],
    ['count', 'receipt/count', { onTime: 3 }],
    ['count', 'receipt/count', { late: 0 }],
    ['count', 'receipt/count', { rungs: new Map([['video/720p', 2]]) }],
    ['count', 'receipt/count', { frames: [[1, 3]] }],
    [
      'within-grant',
      'receipt/coverage',
      {
        frames: [
          [1, 3],
          [6, 7],
        ],
      },
    ],
    ['within-grant', 'receipt/coverage', { frames: [[4, 7]] }],
    ['times', 'receipt/times', { firstTime: NOW + 9401 }],
    ['times', 'receipt/times', { firstTime: 0 }],
    ['times', 'receipt/times', { lastTime: NOW + 11_000 }],
    ['amount', 'receipt/amount', { amountMinor: 61n }],
    ['amount', 'receipt/amount', { currency: 'USD' }],
    ['record', 'receipt/record', { counter: 5 }],
  ])('fail at %s (%s) where the receipt says %o', async (name, code, change) => {
    const receipt = await signed({ ...story.receiptTerms, ...change });
    await expectOnly(await checkWith({ receipt, acknowledgement: null }), name, code);
  });

  test.each<[string, ClaimName, CborValue]>([
    ['session', 'session', bytesOf('another', 16)],
    ['programme', 'programme', bytesOf('another', 16)],
    ['programme hash', 'programmeHash', bytesOf('another')],
    ['grant hash', 'grantHash', bytesOf('another')],
    ['provider', 'aud', '0'.repeat(32)],
  ])('tell that the %s is not the same', async (what, claim, value) => {
    const receipt = await resigned(story.receiptBytes, { signer: cast.module.signer, typ: COSE_TYPES.receipt }, [
      claim,
      value,
    ]);
    const report = await checkWith({ receipt, acknowledgement: null });
    await expectOnly(report, 'binding', 'receipt/binding');
    expect(report.checks.find(({ name }) => name === 'binding')?.value).toBe(`not the same: ${what}`);
  });

  test.each<[string, Partial<Receipt>]>([
    ['another device', { device: bytesOf('another device', 16) }],
    ['a later epoch', { epoch: 2 }],
    ['epoch 0', { device: noDevice(), epoch: 0 }],
  ])('BT-2: tell that a receipt of %s is not of its certificate', async (_, change) => {
    const receipt = await signed({ ...story.receiptTerms, ...change });
    const report = await checkWith({ receipt, acknowledgement: null });
    await expectOnly(report, 'binding', 'receipt/binding');
    expect(report.checks.find(({ name }) => name === 'binding')?.value).toBe('not the same: device and epoch');
  });

  test('BT-2: show in which epoch and on which device a receipt was made', async () => {
    const report = await check(story.fileBytes);
    const device = toHex(cast.module.certificate.device);
    const shown = report.checks.find(({ name }) => name === 'binding')?.value;
    expect(shown).toBe(`session ${story.receipt.session}, epoch 1 on device ${device}`);
    expect(describeReceiptFile(story.fileBytes)).toMatchObject({
      receipt: { claims: { version: 2, device, epoch: 1 } },
      certificate: { claims: { version: 2, device, epoch: 1 } },
    });
  });

  test('answer altered files with a report, never with an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, flip) => {
        const altered = Uint8Array.from(story.fileBytes);
        const at = place % altered.length;
        altered[at] = (altered[at] ?? 0) ^ flip;
        const report = await check(altered);
        expect(report.valid).toBe(false);
        expect(report.checks.map(({ name }) => name)).toEqual(RECEIPT_CHECKS);
      }),
      { numRuns: runs(500) },
    );
  });

  test('answer garbage with a report, never with an exception', async () => {
    const member = fc.uint8Array({ minLength: 1, maxLength: 60 });
    const file = fc.record({
      receipt: member,
      certificate: member,
      grant: member,
      programme: member,
      providerCertificate: member,
      acknowledgement: member,
      contracted: fc.option(fc.record({ contract: member, acceptance: member, claim: member, claimAnswer: member })),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), file.map(encodeReceiptFile)), async (bytes) => {
        expect((await check(bytes)).valid).toBe(false);
      }),
      { numRuns: runs(500) },
    );
  });

  test('show moments beyond the calendar as numbers', () => {
    expect(describeTime(NOW)).toBe('2026-11-21T12:00:00.000Z');
    expect(describeTime(Number.MAX_SAFE_INTEGER)).toBe('9007199254740991 ms');
  });

  test('do not depend on the order in which a writer put the members', () => {
    const members = decodeCbor(story.fileBytes);
    expect(encodeCbor(members instanceof Map ? new Map([...members].reverse()) : null)).toEqual(story.fileBytes);
  });
});
