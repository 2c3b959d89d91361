// A whole session of the cast, from grant to acknowledged receipt file: 6 of 8 frames granted, 3 of them shown, one of
// those late. For tests and make.ts only.

import { type Acknowledgement, makeAcknowledgement } from '../acknowledgement.ts';
import { makeGrant, type VerifiedGrant, verifyGrant } from '../grant.ts';
import type { FrameRange } from '../ranges.ts';
import { makeReceipt, type Receipt, type VerifiedReceipt, verifyReceipt } from '../receipt.ts';
import { encodeReceiptFile, type ReceiptFile } from '../receipt-file.ts';
import { webCryptoSuite as suite } from '../suite/webcrypto.ts';
import { bytesOf, type Cast, HOUR, NOW, PROGRAMME, SESSION } from './cast.ts';

/** Frames of the grant. */
export const GRANTED: readonly FrameRange[] = [
  [0, 5],
  [7, 8],
];

/** The session key in the grant. */
export const SESSION_KEY = bytesOf('session key');

/** Everything of one session. */
export type Story = Readonly<{
  grantBytes: Uint8Array;
  grant: VerifiedGrant;
  receiptTerms: Receipt;
  receiptBytes: Uint8Array;
  receipt: VerifiedReceipt;
  acknowledgementTerms: Acknowledgement;
  acknowledgementBytes: Uint8Array;
  file: ReceiptFile;
  fileBytes: Uint8Array;
}>;

/** A grant to the cast's module; sealed anew each time, so its bytes differ. */
export function sealGrant(cast: Cast): Promise<Uint8Array> {
  return makeGrant({
    signer: cast.provider.signer,
    module: cast.module.certificate,
    programme: cast.programme,
    session: SESSION,
    mode: 'display',
    ranges: GRANTED,
    creditMinor: 880n,
    issuedAt: NOW,
    expires: NOW + HOUR,
    sessionKey: SESSION_KEY,
    seed: cast.seed,
  });
}

/** Tells the session that follows from this grant; the same each time for the same grant. */
export async function tellStory(cast: Cast, grantBytes: Uint8Array): Promise<Story> {
  const { provider, module, programme } = cast;
  const grant = await verifyGrant({
    bytes: grantBytes,
    provider: provider.certificate,
    module: module.certificate.subject,
    programme,
    now: NOW,
    suite,
  });
  const receiptTerms: Receipt = {
    provider: programme.provider,
    device: module.certificate.device,
    epoch: module.certificate.epoch,
    session: SESSION,
    programme: PROGRAMME,
    programmeHash: programme.programmeHash,
    grantHash: grant.grantHash,
    frames: [
      [1, 3],
      [7, 8],
    ],
    count: 3,
    rungs: new Map([
      ['video/360p', 1],
      ['video/720p', 2],
    ]),
    firstTime: NOW + 1200,
    lastTime: NOW + 9400,
    onTime: 2,
    late: 1,
    failed: 1,
    withheld: 2,
    currency: 'EUR',
    amountMinor: 60n,
    counter: 14,
    head: bytesOf('head'),
    issuedAt: NOW + 10_000,
  };
  const receiptBytes = await makeReceipt({ signer: module.signer, receipt: receiptTerms });
  const receipt = await verifyReceipt({ bytes: receiptBytes, module: module.certificate, suite });
  const acknowledgementTerms: Acknowledgement = {
    module: receipt.module,
    session: SESSION,
    receiptHash: receipt.receiptHash,
    sequenceNumber: 41,
    amountMinor: 60n,
    creditMinor: 940n,
    counter: 14,
    head: bytesOf('head'),
    issuedAt: NOW + 11_000,
  };
  const acknowledgementBytes = await makeAcknowledgement({
    signer: provider.signer,
    acknowledgement: acknowledgementTerms,
  });
  const file = {
    receipt: receiptBytes,
    certificate: module.certificateBytes,
    grant: grantBytes,
    programme: cast.programmeBytes,
    providerCertificate: provider.certificateBytes,
    acknowledgement: acknowledgementBytes,
    contracted: null,
  };
  const fileBytes = encodeReceiptFile(file);
  return {
    grantBytes,
    grant,
    receiptTerms,
    receiptBytes,
    receipt,
    acknowledgementTerms,
    acknowledgementBytes,
    file,
    fileBytes,
  };
}
