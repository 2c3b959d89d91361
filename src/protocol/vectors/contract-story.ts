// A session of the cast with a contract (docs/protocol.md §17), from offer to answered claim: 6 of 8 frames granted, 3 shown,
// one of them late and one too low, one lost, one that play stood still for. For tests and make.ts only.

import { type Acknowledgement, makeAcknowledgement } from '../acknowledgement.ts';
import { type Claim, makeClaim, type VerifiedClaim, verifyClaim } from '../claim.ts';
import { type ClaimAnswer, makeClaimAnswer } from '../claim-answer.ts';
import { claimLinesOf } from '../claim-lines.ts';
import {
  type Contract,
  makeContract,
  makeContractAcceptance,
  type VerifiedContract,
  verifyContract,
} from '../contract.ts';
import type { ContractTerms } from '../contract-terms.ts';
import { makeGrant, type VerifiedGrant, verifyGrant } from '../grant.ts';
import { decodeModuleId } from '../ids.ts';
import { signProgramme, type VerifiedProgramme, verifyProgramme } from '../programme.ts';
import { makeReceipt, type Receipt, type VerifiedReceipt, verifyReceipt } from '../receipt.ts';
import { encodeReceiptFile, type ReceiptFile } from '../receipt-file.ts';
import { webCryptoSuite as suite } from '../suite/webcrypto.ts';
import { bytesOf, type Cast, HOUR, NOW, PROGRAMME, SESSION } from './cast.ts';
import { GRANTED, SESSION_KEY, type Story } from './story.ts';

/** What the provider of the cast offers. */
export const TERMS: ContractTerms = {
  slotsPerMinute: 30,
  longestStallMs: 1_000,
  leastRung: 'video/720p',
  refunds: { late: 500, lost: 1_000, stall: 250, rung: 300 },
};

/** Everything of it. */
export type ContractStory = Readonly<{
  programmeBytes: Uint8Array;
  programme: VerifiedProgramme;
  contractTerms: Contract;
  contractBytes: Uint8Array;
  contract: VerifiedContract;
  grantBytes: Uint8Array;
  grant: VerifiedGrant;
  acceptanceBytes: Uint8Array;
  receiptTerms: Receipt;
  receiptBytes: Uint8Array;
  receipt: VerifiedReceipt;
  claimTerms: Claim;
  claimBytes: Uint8Array;
  claim: VerifiedClaim;
  answerTerms: ClaimAnswer;
  answerBytes: Uint8Array;
  file: ReceiptFile;
  fileBytes: Uint8Array;
}>;

/** The programme with the offer in it, and the contract that follows from it: the same each time. */
async function agree(cast: Cast) {
  const { signer, certificate } = cast.provider;
  const programmeBytes = await signProgramme({
    signer,
    programme: { ...cast.programmeTerms, contract: TERMS },
    issuedAt: NOW,
  });
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate, suite });
  const contractTerms: Contract = {
    module: decodeModuleId(cast.module.certificate.subject),
    session: SESSION,
    programme: PROGRAMME,
    programmeHash: programme.programmeHash,
    currency: programme.currency,
    priceMinor: programme.priceMinor,
    terms: TERMS,
    deliveryId: bytesOf('delivery id', 16),
    issuedAt: NOW,
  };
  const contractBytes = await makeContract({ signer, contract: contractTerms });
  const contract = await verifyContract({ bytes: contractBytes, provider: certificate, suite });
  return { programmeBytes, programme, contractTerms, contractBytes, contract };
}

/** A grant that names the contract; sealed anew each time, so its bytes differ. */
export async function sealContractGrant(cast: Cast): Promise<Uint8Array> {
  const { programme, contract } = await agree(cast);
  return makeGrant({
    signer: cast.provider.signer,
    module: cast.module.certificate,
    programme,
    session: SESSION,
    mode: 'display',
    ranges: GRANTED,
    creditMinor: 880n,
    issuedAt: NOW,
    expires: NOW + HOUR,
    sessionKey: SESSION_KEY,
    seed: cast.seed,
    contractHash: contract.contractHash,
  });
}

/** Tells the session that follows from this grant; the same each time for the same grant. */
export async function tellContractStory(cast: Cast, plain: Story, grantBytes: Uint8Array): Promise<ContractStory> {
  const { provider, module } = cast;
  const agreed = await agree(cast);
  const { programme, contract } = agreed;
  const { contractHash } = contract;
  const grant = await verifyGrant({
    bytes: grantBytes,
    provider: provider.certificate,
    module: module.certificate.subject,
    programme,
    now: NOW,
    suite,
  });
  const acceptanceBytes = await makeContractAcceptance({
    signer: module.signer,
    acceptance: { provider: programme.provider, session: SESSION, contractHash, issuedAt: NOW },
  });
  const receiptTerms: Receipt = {
    ...plain.receiptTerms,
    programmeHash: programme.programmeHash,
    grantHash: grant.grantHash,
    delivery: {
      contractHash,
      lateFrames: [[2, 3]],
      lostFrames: [[3, 4]],
      stalls: [[2, 1_800]],
      belowRung: [[1, 2]],
    },
  };
  const receiptBytes = await makeReceipt({ signer: module.signer, receipt: receiptTerms });
  const receipt = await verifyReceipt({ bytes: receiptBytes, module: module.certificate, suite });
  const { receiptHash } = receipt;
  if (receipt.delivery === null) throw new Error('the story has a contract');
  const bound = { session: SESSION, receiptHash, contractHash };
  const claimTerms: Claim = {
    ...bound,
    provider: programme.provider,
    lines: claimLinesOf(receipt.delivery, TERMS),
    issuedAt: NOW + 12_000,
  };
  const claimBytes = await makeClaim({ signer: module.signer, claim: claimTerms });
  const claim = await verifyClaim({ bytes: claimBytes, module: module.certificate, suite });
  const answerTerms = answerTo(claim);
  const answerBytes = await makeClaimAnswer({ signer: provider.signer, answer: answerTerms });
  const acknowledged: Acknowledgement = { ...plain.acknowledgementTerms, receiptHash };
  const file: ReceiptFile = {
    receipt: receiptBytes,
    certificate: module.certificateBytes,
    grant: grantBytes,
    programme: agreed.programmeBytes,
    providerCertificate: provider.certificateBytes,
    acknowledgement: await makeAcknowledgement({ signer: provider.signer, acknowledgement: acknowledged }),
    contracted: {
      contract: agreed.contractBytes,
      acceptance: acceptanceBytes,
      claim: claimBytes,
      claimAnswer: answerBytes,
    },
  };
  const fileBytes = encodeReceiptFile(file);
  return {
    ...{ ...agreed, grantBytes, grant, acceptanceBytes, receiptTerms, receiptBytes, receipt },
    ...{ claimTerms, claimBytes, claim, answerTerms, answerBytes, file, fileBytes },
  };
}

/** The provider pays for what its record has as slow and as missing, and refuses the rest. Price €0.0020. */
function answerTo({ module, session, claimHash, receiptHash, contractHash }: VerifiedClaim): ClaimAnswer {
  return {
    ...{ module, session, claimHash, receiptHash, contractHash },
    verdict: 'part',
    lines: [
      { kind: 'late', from: 2, to: 3, reason: 'delivered-late', amountMinor: 10n },
      { kind: 'lost', from: 3, to: 4, reason: 'delivered-in-time', amountMinor: 0n },
      { kind: 'stall', from: 2, to: 3, reason: 'delivered-late', amountMinor: 5n },
      { kind: 'rung', from: 1, to: 2, reason: 'rung-chosen', amountMinor: 0n },
    ],
    delivery: [
      { frame: 1, asked: 2, failed: 0, servedMs: 12 },
      { frame: 2, asked: 3, failed: 1, servedMs: 3_100 },
      { frame: 3, asked: 2, failed: 0, servedMs: 9 },
    ],
    currency: 'EUR',
    amountMinor: 15n,
    creditMinor: 955n,
    issuedAt: NOW + 13_000,
  };
}
