// A module in software for tests of the provider: real keys, real signatures, the protocol's own functions, and a record
// that is only its heads, which grows, can be wound back and can be copied. What it sends can be changed one member at a time.

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { type Challenge, makeChallengeResponse, verifyChallenge } from '../../src/protocol/challenge.ts';
import { makeEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { type VerifiedGrant, verifyGrant } from '../../src/protocol/grant.ts';
import { makeSealingKeyPair, type SealingKeyPair } from '../../src/protocol/hpke.ts';
import { decodeModuleId, type ModuleId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { type OutputMode, verifyProgramme } from '../../src/protocol/programme.ts';
import { countFrames, type FrameRange } from '../../src/protocol/ranges.ts';
import { makeReceipt, type Receipt } from '../../src/protocol/receipt.ts';
import { type ContractPapers, encodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { type SignedStanding, verifyStanding } from '../../src/protocol/standing.ts';
import { signerFromSecret } from '../../src/protocol/suite/secret-signer.ts';
import type { Signer } from '../../src/protocol/suite/signer.ts';
import { webCryptoSuite } from '../../src/protocol/suite/webcrypto.ts';
import type { TestProvider } from './test-provider.ts';

const suite = webCryptoSuite;
const challengeSchema = z.object({ challenge: z.string(), providerCertificate: z.string() });
const enrolmentSchema = z.object({ certificate: z.string() });
const standingSchema = z.object({ standing: z.string() });
const grantSchema = z.object({ grant: z.string() });
const programmeSchema = z.object({ programme: z.string() });

/** A module with its own keys and device. A test may wind its record back, copy it, or give it another device. */
export type TestModule = {
  readonly signer: Signer;
  readonly sealing: SealingKeyPair;
  readonly id: ModuleId;
  /** 16 bytes. */
  device: Uint8Array;
  epoch: number;
  enrolmentRequest: Uint8Array;
  certificate: Uint8Array;
  /** The record: its head at each counter, from the 32 zero bytes at 0. */
  heads: readonly Uint8Array[];
};

/** Where a module's record stands. */
export function placeOf({ heads }: TestModule): { readonly counter: number; readonly head: Uint8Array } {
  return { counter: heads.length - 1, head: headAt(heads, heads.length - 1) };
}

function headAt(heads: readonly Uint8Array[], counter: number): Uint8Array {
  return (counter > 0 ? heads[counter] : undefined) ?? new Uint8Array(32);
}

/** Writes entries that no copy writes the same. */
export function grow(module: TestModule, entries: number): void {
  module.heads = [...module.heads, ...Array.from({ length: entries }, () => new Uint8Array(randomBytes(32)))];
}

/** A copy of the whole profile: the same keys, device and record. What either writes from here on is its own. */
export function cloneTestModule(module: TestModule): TestModule {
  return { ...module };
}

/** A session the module was granted. */
export type TestSession = {
  readonly grantBytes: Uint8Array;
  readonly grant: VerifiedGrant;
  readonly programmeBytes: Uint8Array;
};

/** Makes a module in its first epoch that is not enrolled. */
export async function makeTestModule(now: number): Promise<TestModule> {
  const signer = signerFromSecret(randomBytes(32));
  const module: TestModule = {
    signer,
    sealing: await makeSealingKeyPair(),
    id: decodeModuleId(signer.kid),
    device: new Uint8Array(),
    epoch: 0,
    enrolmentRequest: new Uint8Array(),
    certificate: new Uint8Array(),
    heads: [new Uint8Array(32)],
  };
  await prepareEpoch(module, 1, now);
  return module;
}

/** Draws a device for an epoch and makes the request for it; the certificate is the old one until it is enrolled. */
export async function prepareEpoch(module: TestModule, epoch: number, now: number): Promise<void> {
  module.device = new Uint8Array(randomBytes(16));
  module.epoch = epoch;
  module.enrolmentRequest = await makeEnrolmentRequest({
    signer: module.signer,
    sealingKey: module.sealing.publicKey,
    nonce: randomBytes(16),
    issuedAt: now,
    device: module.device,
    epoch,
  });
}

/** Sends a module's request as it is and keeps the certificate. */
export async function enrol(at: TestProvider, module: TestModule): Promise<void> {
  const response = await at.post('/enrolments', { request: toBase64Url(module.enrolmentRequest) });
  module.certificate = fromBase64Url(enrolmentSchema.parse(await response.json()).certificate);
}

/** Goes on as a new device in the next epoch. */
export async function beginEpoch(at: TestProvider, module: TestModule): Promise<void> {
  await prepareEpoch(module, module.epoch + 1, at.clock.now);
  await enrol(at, module);
}

/** Makes a module and enrols it. */
export async function enrolTestModule(at: TestProvider): Promise<TestModule> {
  const module = await makeTestModule(at.clock.now);
  await enrol(at, module);
  return module;
}

/** What every contact comes with. */
export type ContactBody = { readonly response: string; readonly certificate: string };

/** Asks for a challenge as the module, or naming nobody. */
export async function askChallenge(at: TestProvider, module: TestModule | null): Promise<Challenge> {
  const named = module === null ? {} : { module: module.id };
  const issued = challengeSchema.parse(await (await at.post('/challenges', named)).json());
  const provider = await providerCertificate(at, fromBase64Url(issued.providerCertificate));
  return verifyChallenge({ bytes: fromBase64Url(issued.challenge), provider, now: at.clock.now, suite });
}

/** Answers a challenge from where the module's record stands. */
export async function answer(at: TestProvider, module: TestModule, challenge: Challenge): Promise<ContactBody> {
  const { signer, device, epoch, heads } = module;
  const provider = at.provider.certificate;
  const pastHead = headAt(heads, challenge.counter);
  const place = { ...placeOf(module), pastHead };
  const now = at.clock.now;
  const response = await makeChallengeResponse({ signer, provider, challenge, now, device, epoch, ...place });
  return { response: toBase64Url(response), certificate: toBase64Url(module.certificate) };
}

/** A contact as an honest module makes it: asks in its own name, writes its entry, answers. */
export async function makeContact(at: TestProvider, module: TestModule): Promise<ContactBody> {
  const challenge = await askChallenge(at, module);
  grow(module, 1);
  return answer(at, module, challenge);
}

/** P1 up to the module's answer: the body of a session request, for a test to send or to alter. */
export async function answerChallenge(
  at: TestProvider,
  module: TestModule,
  wanted: { readonly programme: ProgrammeId; readonly from?: number; readonly mode?: OutputMode },
): Promise<ContactBody & { programme: string; from: number; mode: string }> {
  return {
    ...(await makeContact(at, module)),
    programme: wanted.programme,
    from: wanted.from ?? 0,
    mode: wanted.mode ?? 'display',
  };
}

/** P4: a receipt file delivered with a contact of its own. */
export async function deliver(at: TestProvider, module: TestModule, receiptFile: string): Promise<Response> {
  return at.post('/receipts', { ...(await makeContact(at, module)), receiptFile });
}

/** The provider's word on a module, believed as a module believes it. */
export async function askStanding(at: TestProvider, module: TestModule): Promise<SignedStanding> {
  const given = await at.post('/standings', await makeContact(at, module));
  const bytes = fromBase64Url(standingSchema.parse(await given.json()).standing);
  return verifyStanding({ bytes, provider: at.provider.certificate, module: module.id, suite });
}

/** P1 and P2: a session with its grant verified as a module verifies it. */
export async function beginTestSession(
  at: TestProvider,
  module: TestModule,
  wanted: { readonly programme: ProgrammeId; readonly from?: number; readonly mode?: OutputMode },
): Promise<TestSession> {
  const response = await at.post('/sessions', await answerChallenge(at, module, wanted));
  const grantBytes = fromBase64Url(grantSchema.parse(await response.json()).grant);
  return readGrant(at, module, wanted.programme, grantBytes);
}

/** Verifies a grant as the module does. */
export async function readGrant(
  at: TestProvider,
  module: TestModule,
  programme: ProgrammeId,
  grantBytes: Uint8Array,
): Promise<TestSession> {
  const found = await at.terminal.request(`/api/v1/programmes/${programme}`);
  const programmeBytes = fromBase64Url(programmeSchema.parse(await found.json()).programme);
  const provider = await providerCertificate(at, at.provider.certificateBytes);
  const verified = await verifyProgramme({ bytes: programmeBytes, certificate: provider, suite });
  const now = at.clock.now;
  const grant = await verifyGrant({ bytes: grantBytes, provider, module: module.id, programme: verified, now, suite });
  return { grantBytes, grant, programmeBytes };
}

/** The receipt an honest module would sign after these frames; its record moves on. */
export function draftReceipt(
  at: TestProvider,
  module: TestModule,
  session: TestSession,
  frames: readonly FrameRange[],
): Receipt {
  const { grant } = session;
  const count = countFrames(frames);
  // `opened`, then `reserved` and `decrypted` for each frame, then `closed`.
  grow(module, 2 + 2 * count);
  const time = count === 0 ? 0 : at.clock.now;
  return {
    provider: at.provider.id,
    device: module.device,
    epoch: module.epoch,
    session: grant.session,
    programme: grant.programme,
    programmeHash: grant.programmeHash,
    grantHash: grant.grantHash,
    frames,
    count,
    rungs: count === 0 ? new Map() : new Map([['video/360p', count]]),
    firstTime: time,
    lastTime: time,
    onTime: count,
    late: 0,
    failed: 0,
    withheld: 0,
    currency: grant.currency,
    amountMinor: BigInt(count) * grant.priceMinor,
    ...placeOf(module),
    issuedAt: at.clock.now,
  };
}

/** Signs a receipt and puts it into a file, base64url as the route takes it. */
export async function receiptFileOf(
  at: TestProvider,
  module: TestModule,
  session: TestSession,
  receipt: Receipt,
  contracted: ContractPapers | null = null,
): Promise<string> {
  const file = encodeReceiptFile({
    receipt: await makeReceipt({ signer: module.signer, receipt }),
    certificate: module.certificate,
    grant: session.grantBytes,
    programme: session.programmeBytes,
    providerCertificate: at.provider.certificateBytes,
    acknowledgement: null,
    contracted,
  });
  return toBase64Url(file);
}

function providerCertificate(at: TestProvider, bytes: Uint8Array): Promise<VerifiedCertificate> {
  const agencyKey = at.provider.keys.agency.publicKey;
  return verifyCertificate({ bytes, agencyKey, role: 'provider', now: at.clock.now, suite });
}
