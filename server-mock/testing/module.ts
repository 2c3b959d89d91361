// A module in software for tests of the provider: real keys, real signatures, the protocol's own functions, and a record
// that is only a counter and a head. What it sends can be changed one member at a time before it is signed.

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { makeChallengeResponse, verifyChallenge } from '../../src/protocol/challenge.ts';
import { makeEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { type VerifiedGrant, verifyGrant } from '../../src/protocol/grant.ts';
import { makeSealingKeyPair, type SealingKeyPair } from '../../src/protocol/hpke.ts';
import { decodeModuleId, type ModuleId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { verifyProgramme } from '../../src/protocol/programme.ts';
import { countFrames, type FrameRange } from '../../src/protocol/ranges.ts';
import { makeReceipt, type Receipt } from '../../src/protocol/receipt.ts';
import { encodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { signerFromSecret } from '../../src/protocol/suite/secret-signer.ts';
import type { Signer } from '../../src/protocol/suite/signer.ts';
import { webCryptoSuite } from '../../src/protocol/suite/webcrypto.ts';
import type { TestProvider } from './test-provider.ts';

const suite = webCryptoSuite;
const challengeSchema = z.object({ challenge: z.string(), providerCertificate: z.string() });
const enrolmentSchema = z.object({ certificate: z.string() });
const grantSchema = z.object({ grant: z.string() });
const programmeSchema = z.object({ programme: z.string() });

/** A module with its own keys. `counter` and `head` stand for its record; a test may wind them back. */
export type TestModule = {
  readonly signer: Signer;
  readonly sealing: SealingKeyPair;
  readonly id: ModuleId;
  readonly enrolmentRequest: Uint8Array;
  certificate: Uint8Array;
  counter: number;
  head: Uint8Array;
};

/** A session the module was granted. */
export type TestSession = {
  readonly grantBytes: Uint8Array;
  readonly grant: VerifiedGrant;
  readonly programmeBytes: Uint8Array;
};

/** Makes a module that is not enrolled. */
export async function makeTestModule(now: number): Promise<TestModule> {
  const signer = signerFromSecret(randomBytes(32));
  const sealing = await makeSealingKeyPair();
  const enrolmentRequest = await makeEnrolmentRequest({
    signer,
    sealingKey: sealing.publicKey,
    nonce: randomBytes(16),
    issuedAt: now,
  });
  const id = decodeModuleId(signer.kid);
  return { signer, sealing, id, enrolmentRequest, certificate: new Uint8Array(), counter: 0, head: new Uint8Array(32) };
}

/** Makes a module and enrols it. */
export async function enrolTestModule(at: TestProvider): Promise<TestModule> {
  const module = await makeTestModule(at.clock.now);
  const response = await at.post('/enrolments', { request: toBase64Url(module.enrolmentRequest) });
  module.certificate = fromBase64Url(enrolmentSchema.parse(await response.json()).certificate);
  return module;
}

/** P1 up to the module's answer: the body of a session request, for a test to send or to alter. */
export async function answerChallenge(
  at: TestProvider,
  module: TestModule,
  wanted: { readonly programme: ProgrammeId; readonly from?: number },
): Promise<{ response: string; certificate: string; programme: string; from: number; mode: string }> {
  const issued = challengeSchema.parse(await (await at.post('/challenges', {})).json());
  const provider = await providerCertificate(at, fromBase64Url(issued.providerCertificate));
  const now = at.clock.now;
  const challenge = await verifyChallenge({ bytes: fromBase64Url(issued.challenge), provider, now, suite });
  const { signer, counter, head } = module;
  const response = await makeChallengeResponse({ signer, provider, challenge, now, counter, head });
  return {
    response: toBase64Url(response),
    certificate: toBase64Url(module.certificate),
    programme: wanted.programme,
    from: wanted.from ?? 0,
    mode: 'display',
  };
}

/** P1 and P2: a session with its grant verified as a module verifies it. */
export async function beginTestSession(
  at: TestProvider,
  module: TestModule,
  wanted: { readonly programme: ProgrammeId; readonly from?: number },
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
  module.counter += 2 + 2 * count;
  module.head = new Uint8Array(randomBytes(32));
  const time = count === 0 ? 0 : at.clock.now;
  return {
    provider: at.provider.id,
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
    counter: module.counter,
    head: module.head,
    issuedAt: at.clock.now,
  };
}

/** Signs a receipt and puts it into a file, base64url as the route takes it. */
export async function receiptFileOf(
  at: TestProvider,
  module: TestModule,
  session: TestSession,
  receipt: Receipt,
): Promise<string> {
  const file = encodeReceiptFile({
    receipt: await makeReceipt({ signer: module.signer, receipt }),
    certificate: module.certificate,
    grant: session.grantBytes,
    programme: session.programmeBytes,
    providerCertificate: at.provider.certificateBytes,
    acknowledgement: null,
  });
  return toBase64Url(file);
}

function providerCertificate(at: TestProvider, bytes: Uint8Array): Promise<VerifiedCertificate> {
  const agencyKey = at.provider.keys.agency.publicKey;
  return verifyCertificate({ bytes, agencyKey, role: 'provider', now: at.clock.now, suite });
}
