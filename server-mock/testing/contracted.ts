// A module's side of a session with a contract, for tests: asks under a delivery id, fetches content as a terminal does, signs
// acceptance, receipt and claim. Everything is signed in earnest, and whatever it is told to.

import { z } from 'zod';
import { fromBase64Url, toBase64Url, toHex } from '../../src/protocol/bytes.ts';
import { verifyCertificate } from '../../src/protocol/certificate.ts';
import { makeClaim, verifyClaim } from '../../src/protocol/claim.ts';
import { type ClaimAnswer, verifyClaimAnswer } from '../../src/protocol/claim-answer.ts';
import { type ClaimLine, claimLinesOf } from '../../src/protocol/claim-lines.ts';
import { makeContractAcceptance, type VerifiedContract, verifyContract } from '../../src/protocol/contract.ts';
import type { ContractTerms } from '../../src/protocol/contract-terms.ts';
import type { ContentHash, ProgrammeId } from '../../src/protocol/ids.ts';
import { decodeManifest } from '../../src/protocol/manifest.ts';
import type { FrameRange } from '../../src/protocol/ranges.ts';
import { countFrames } from '../../src/protocol/ranges.ts';
import { verifyReceipt } from '../../src/protocol/receipt.ts';
import type { ReceiptDelivery } from '../../src/protocol/receipt-delivery.ts';
import { decodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import {
  answerChallenge,
  deliver,
  draftReceipt,
  makeContact,
  readGrant,
  receiptFileOf,
  type TestModule,
  type TestSession,
} from './module.ts';
import type { TestProvider } from './test-provider.ts';

const sessionSchema = z.object({ grant: z.string(), contract: z.string().optional() });
const programmeSchema = z.object({ manifest: z.string() });
const verdictSchema = z.object({ verdict: z.string() });

/** What the test's provider promises. */
export const PROMISED: ContractTerms = {
  slotsPerMinute: 30,
  longestStallMs: 1_000,
  leastRung: '',
  refunds: { late: 500, lost: 1_000, stall: 250, rung: 300 },
};

/** A session with its contract, believed as a module believes it. */
export type ContractedSession = TestSession & {
  readonly contract: VerifiedContract;
  readonly contractBytes: Uint8Array;
  readonly deliveryId: string;
};

/** P1 and P2 under a delivery id, a new one unless told, from the first frame unless told. */
export async function beginContracted(
  at: TestProvider,
  module: TestModule,
  programme: ProgrammeId,
  deliveryId: string = toHex(crypto.getRandomValues(new Uint8Array(16))),
  from = 0,
): Promise<ContractedSession> {
  const asked = await answerChallenge(at, module, { programme, from });
  const response = await at.post('/sessions', { ...asked, deliveryId });
  const { grant, contract } = sessionSchema.parse(await response.json());
  const session = await readGrant(at, module, programme, fromBase64Url(grant));
  const contractBytes = fromBase64Url(contract ?? '');
  const verified = await verifyContract({ bytes: contractBytes, provider: at.provider.certificate, suite });
  return { ...session, contract: verified, contractBytes, deliveryId };
}

/** Hash of the only piece of a frame. */
export async function pieceOf(at: TestProvider, programme: ProgrammeId, frame: number): Promise<ContentHash> {
  const found = await at.terminal.request(`/api/v1/programmes/${programme}`);
  const { manifest } = programmeSchema.parse(await found.json());
  const bytes = await (await at.terminal.request(`/content/${manifest}`)).arrayBuffer();
  const hash = decodeManifest(new Uint8Array(bytes)).parts[0]?.segments[frame]?.hash;
  if (hash === undefined) throw new Error(`frame ${frame} has no piece`);
  return hash;
}

/** Asks for a frame as the terminal of this session does. Resolves when all of the answer was read. */
export async function fetchFrame(
  at: TestProvider,
  session: Pick<ContractedSession, 'deliveryId' | 'grant'>,
  frame: number,
): Promise<Response> {
  return fetchPiece(at, session, await pieceOf(at, session.grant.programme, frame));
}

/** The same of a piece whose hash is known. */
export async function fetchPiece(
  at: TestProvider,
  session: Pick<ContractedSession, 'deliveryId'>,
  hash: ContentHash,
): Promise<Response> {
  const cmcd = encodeURIComponent(`bl=21300,ot=v,sid="${session.deliveryId}",su`);
  const response = await at.terminal.request(`/content/${hash}?CMCD=${cmcd}`);
  await response.arrayBuffer();
  return response;
}

/** What the module says it saw; the rest is as it has to be. */
export type Seen = {
  readonly frames: readonly FrameRange[];
  readonly delivery?: Partial<Omit<ReceiptDelivery, 'contractHash'>>;
};

/** Signs the receipt of a session and hands it in. @returns the file, base64url as the routes take it. */
export async function settleContracted(
  at: TestProvider,
  module: TestModule,
  session: ContractedSession,
  { frames, delivery = {} }: Seen,
): Promise<string> {
  const { contractHash, provider } = session.contract;
  const { session: id } = session.grant;
  const seen = { contractHash, lateFrames: [], lostFrames: [], stalls: [], belowRung: [], ...delivery };
  const late = countFrames(seen.lateFrames);
  const drafted = draftReceipt(at, module, session, frames);
  const failed = countFrames(seen.lostFrames);
  const receipt = { ...drafted, delivery: seen, late, onTime: drafted.count - late, failed };
  const acceptance = await makeContractAcceptance({
    signer: module.signer,
    acceptance: { provider, session: id, contractHash, issuedAt: at.clock.now },
  });
  const papers = { contract: session.contractBytes, acceptance, claim: null, claimAnswer: null };
  const file = await receiptFileOf(at, module, session, receipt, papers);
  const answered = await deliver(at, module, file);
  if (answered.status !== 200) throw new Error(`the receipt was refused: ${await answered.text()}`);
  return file;
}

/** Signs a claim: everything that the receipt gives reason for, or these lines. */
export async function claimFor(
  at: TestProvider,
  module: TestModule,
  file: string,
  changed: { readonly lines?: readonly ClaimLine[]; readonly receiptFile?: string } = {},
): Promise<{ readonly claim: string; readonly receiptFile: string }> {
  const { receipt: bytes, certificate } = decodeReceiptFile(fromBase64Url(file));
  const agencyKey = at.provider.keys.agency.publicKey;
  const believed = await verifyCertificate({ bytes: certificate, agencyKey, role: 'module', now: at.clock.now, suite });
  const receipt = await verifyReceipt({ bytes, module: believed, suite });
  if (receipt.delivery === null) throw new Error('the session has no contract');
  const lines = changed.lines ?? claimLinesOf(receipt.delivery, PROMISED);
  const { provider, session, receiptHash } = receipt;
  const { contractHash } = receipt.delivery;
  const claim = await makeClaim({
    signer: module.signer,
    claim: { provider, session, receiptHash, contractHash, lines, issuedAt: at.clock.now },
  });
  return { claim: toBase64Url(claim), receiptFile: changed.receiptFile ?? file };
}

/** Brings a claim with a contact. */
export async function bringClaim(
  at: TestProvider,
  module: TestModule,
  made: { readonly claim: string; readonly receiptFile: string },
): Promise<Response> {
  return at.post('/claims', { ...(await makeContact(at, module)), ...made });
}

/** The answer, believed as the module believes it. */
export async function readAnswer(
  at: TestProvider,
  module: TestModule,
  claim: string,
  response: Response,
): Promise<ClaimAnswer> {
  const { verdict } = verdictSchema.parse(await response.json());
  const agencyKey = at.provider.keys.agency.publicKey;
  const certified = { agencyKey, suite, now: at.clock.now };
  const own = await verifyCertificate({ ...certified, bytes: module.certificate, role: 'module' });
  const believed = await verifyClaim({ bytes: fromBase64Url(claim), module: own, suite });
  return verifyClaimAnswer({
    bytes: fromBase64Url(verdict),
    provider: at.provider.certificate,
    claim: believed,
    suite,
  });
}
