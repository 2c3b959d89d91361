// What a test's provider remembers of modules, in memory: epochs, contacts, the receipts it took, sealed backups. Answers as docs/protocol.md
// §9, §14 and §11 say, and signs in earnest; it keeps no money. Made by provider-side.ts.

import { makeAcknowledgement } from '../../protocol/acknowledgement.ts';
import { equalBytes, toHex } from '../../protocol/bytes.ts';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { type ChallengeResponse, makeChallenge, verifyChallengeResponse } from '../../protocol/challenge.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeModuleId, decodeProviderId, type ModuleId, type SessionId } from '../../protocol/ids.ts';
import { type VerifiedReceipt, verifyReceipt } from '../../protocol/receipt.ts';
import { decodeReceiptFile, encodeReceiptFile } from '../../protocol/receipt-file.ts';
import { makeStanding, type Verdict } from '../../protocol/standing.ts';
import type { Signer } from '../../protocol/suite/signer.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { answerClaim, type BroughtClaim } from './claim-desk.ts';
import { randomBytes } from './random.ts';
import { START_TIME } from './test-clock.ts';

/** A module's signed answer to a challenge, and its certificate. */
export type Contact = { readonly response: Uint8Array; readonly certificate: Uint8Array };

/** The memory. Times stand still at `now`. */
export type ProviderLedger = {
  /** Provider's clock, ms since 1970. */
  now: number;
  /** Grants an epoch, or renews the present one. @throws FareboxError `module/superseded`. */
  beginEpoch(module: ModuleId, life: { readonly device: Uint8Array; readonly epoch: number }): void;
  noteGrant(module: ModuleId, session: SessionId): void;
  /** A challenge for a module, or for one that names itself not. */
  challenge(module: ModuleId | null): Promise<Uint8Array>;
  /** Takes a contact. @throws FareboxError `challenge/*`, `module/superseded`, `record/regress`, `record/fork`. */
  meet(contact: Contact): Promise<void>;
  /** What a contact of this module is held against: the place that was met last in its present epoch. @throws FareboxError `enrolment/needed`. */
  expected(module: ModuleId): Expected;
  /** Takes the place that a sign-in message says, against what its ticket expected. @throws FareboxError `challenge/replayed` for one that is not behind the last one, `keys/contact` for one that is not good. */
  meetPlace(module: ModuleId, place: MetPlace, expectedCounter: number): void;
  /** Says where the module stands, whatever that is. @throws FareboxError `challenge/*`. */
  standing(contact: Contact): Promise<Uint8Array>;
  /** Takes a receipt; the same again gets the same answer. @throws FareboxError `record/fork` for another receipt of a session. */
  takeReceipt(receiptFile: Uint8Array): Promise<Uint8Array>;
  /** Answers a claim; the same claim again gets the same answer. @throws FareboxError `claim/too-early`, `claim/answered` for another claim of a session. */
  answerClaim(brought: BroughtClaim): Promise<Uint8Array>;
  /** Receipt files with their acknowledgements. @throws FareboxError `receipt/none`. */
  papers(sessions: readonly string[]): readonly Uint8Array[];
  /** Sealed backups by locator (hex). */
  readonly backups: Map<string, Uint8Array>;
  /** Refusals so far, as the real provider keeps them. */
  readonly refusals: readonly { readonly module: ModuleId; readonly code: string }[];
};

/** Where a module stands by its own word. */
export type MetPlace = Pick<ChallengeResponse, 'device' | 'epoch' | 'counter' | 'head' | 'pastHead'>;
/** Where it stood last: zeros before the first contact of an epoch. */
export type Expected = { readonly epoch: number; readonly counter: number; readonly head: Uint8Array };

type Met = {
  device: Uint8Array;
  epoch: number;
  beganAt: number;
  /** Counter → head of every contact of this epoch. */
  readonly heads: Map<number, Uint8Array>;
  counter: number;
  /** Verdict → when it was first given in this epoch. */
  readonly first: Map<Verdict, number>;
};
type Taken = {
  readonly receipt: VerifiedReceipt;
  readonly receiptFile: Uint8Array;
  readonly acknowledgement: Uint8Array;
};
type Asked = { readonly module: ModuleId | null; readonly counter: number };

const CODES = { regress: 'record/regress', fork: 'record/fork', superseded: 'module/superseded' } as const;

/** An empty memory. */
export function makeProviderLedger(provider: {
  readonly signer: Signer;
  readonly agencyKey: Uint8Array;
  readonly providerCertificate: Uint8Array;
}): ProviderLedger {
  const { signer, agencyKey } = provider;
  const modules = new Map<ModuleId, Met>();
  const sessions = new Map<SessionId, ModuleId>();
  const taken = new Map<SessionId, Taken>();
  const challenges = new Map<string, Asked>();
  const refusals: { module: ModuleId; code: string }[] = [];

  const metOf = (module: ModuleId): Met => {
    const met = modules.get(module);
    if (met === undefined) throw new FareboxError('enrolment/needed');
    return met;
  };
  const certified = (bytes: Uint8Array) =>
    verifyCertificate({ bytes, agencyKey, role: 'module', now: START_TIME, suite });

  /** Reads a contact, uses its challenge up, and judges it. */
  async function judge(contact: Contact): Promise<{ module: ModuleId; response: ChallengeResponse; verdict: Verdict }> {
    const certificate = await certified(contact.certificate);
    const own = decodeProviderId(signer.kid);
    const response = await verifyChallengeResponse({
      bytes: contact.response,
      module: certificate,
      provider: own,
      suite,
    });
    const name = toHex(response.challenge);
    const asked = challenges.get(name);
    if (asked === undefined) throw new FareboxError('challenge/unknown');
    challenges.delete(name);
    const module = decodeModuleId(certificate.subject);
    if (asked.module !== module && (asked.module !== null || metOf(module).counter > 0)) {
      throw new FareboxError('challenge/malformed');
    }
    const verdict = verdictOf(metOf(module), response, asked.counter);
    const met = metOf(module);
    if (verdict === 'good') noteMet(met, response);
    else if (!met.first.has(verdict)) {
      met.first.set(verdict, verdict === 'superseded' ? met.beganAt : ledger.now);
    }
    return { module, response, verdict };
  }

  const ledger: ProviderLedger = {
    now: START_TIME,
    backups: new Map(),
    refusals,
    beginEpoch: (module, { device, epoch }) => {
      const met = modules.get(module);
      if (met === undefined || epoch > met.epoch) {
        modules.set(module, { device, epoch, beganAt: ledger.now, heads: new Map(), counter: 0, first: new Map() });
      } else if (epoch < met.epoch || !equalBytes(device, met.device)) {
        throw new FareboxError('module/superseded');
      }
    },
    noteGrant: (module, session) => void sessions.set(session, module),
    challenge: async (module) => {
      const counter = module === null ? 0 : (modules.get(module)?.counter ?? 0);
      const challenge = randomBytes(32);
      challenges.set(toHex(challenge), { module, counter });
      return makeChallenge({ signer, now: ledger.now, challenge, counter });
    },
    meet: async (contact) => {
      const { module, verdict } = await judge(contact);
      if (verdict === 'good') return;
      refusals.push({ module, code: CODES[verdict] });
      throw new FareboxError(CODES[verdict]);
    },
    expected: (module) => {
      const { epoch, counter, heads } = metOf(module);
      return { epoch, counter, head: heads.get(counter) ?? new Uint8Array(32) };
    },
    meetPlace: (module, place, expectedCounter) => {
      const met = metOf(module);
      if (place.epoch === met.epoch && place.counter <= met.counter) throw new FareboxError('challenge/replayed');
      if (verdictOf(met, place, expectedCounter) !== 'good') throw new FareboxError('keys/contact');
      noteMet(met, place);
    },
    standing: async (contact) => {
      const { module, verdict } = await judge(contact);
      const { device, epoch, counter, heads, first } = metOf(module);
      const own = [...sessions].filter(([, owner]) => owner === module).reverse();
      return makeStanding({
        signer,
        standing: {
          ...{ module, verdict, device, epoch, counter },
          head: heads.get(counter) ?? new Uint8Array(32),
          since: verdict === 'good' ? 0 : (first.get(verdict) ?? ledger.now),
          currency: 'EUR',
          creditMinor: 1_000n,
          issuedAt: ledger.now,
          sessions: own.map(([session]) => {
            const { receipt } = taken.get(session) ?? { receipt: null };
            const sequenceNumber = [...taken.keys()].indexOf(session) + 1;
            return {
              session,
              receiptHash: receipt?.receiptHash ?? null,
              sequenceNumber,
              amountMinor: receipt?.amountMinor ?? 0n,
            };
          }),
        },
      });
    },
    takeReceipt: async (receiptFile) => {
      const file = decodeReceiptFile(receiptFile);
      const receipt = await verifyReceipt({ bytes: file.receipt, module: await certified(file.certificate), suite });
      const earlier = taken.get(receipt.session);
      if (earlier !== undefined && earlier.receipt.receiptHash !== receipt.receiptHash) {
        refusals.push({ module: receipt.module, code: 'record/fork' });
        throw new FareboxError('record/fork');
      }
      if (earlier !== undefined) return earlier.acknowledgement;
      const { module, session, receiptHash, amountMinor, counter, head } = receipt;
      const acknowledged = { module, session, receiptHash, amountMinor, counter, head };
      const own = { sequenceNumber: taken.size + 1, creditMinor: 1_000n, issuedAt: ledger.now };
      const acknowledgement = await makeAcknowledgement({ signer, acknowledgement: { ...acknowledged, ...own } });
      sessions.set(session, module);
      taken.set(session, { receipt, receiptFile: encodeReceiptFile({ ...file, acknowledgement }), acknowledgement });
      return acknowledgement;
    },
    answerClaim: async ({ claim, receiptFile }) => {
      const { certificate, receipt: receiptBytes } = decodeReceiptFile(receiptFile);
      const module = await certified(certificate);
      const { session } = await verifyReceipt({ bytes: receiptBytes, module, suite });
      const known = taken.get(session);
      if (known === undefined) throw new FareboxError('claim/too-early');
      const file = decodeReceiptFile(known.receiptFile);
      const { contracted } = file;
      if (contracted?.claim && contracted.claimAnswer) {
        if (!equalBytes(contracted.claim, claim)) throw new FareboxError('claim/answered');
        return contracted.claimAnswer;
      }
      const providerCertificate = await verifyCertificate({
        ...{ bytes: provider.providerCertificate, agencyKey, suite },
        role: 'provider',
        now: START_TIME,
      });
      const by = { signer, provider: providerCertificate, module };
      const answered = await answerClaim(by, { claim, receiptFile: known.receiptFile });
      taken.set(session, { ...known, receiptFile: answered.receiptFile });
      return answered.answer;
    },
    papers: (wanted) => {
      const held = new Map<string, Taken>(taken);
      return wanted.map((session) => {
        const paper = held.get(session);
        if (paper === undefined) throw new FareboxError('receipt/none', { session });
        return paper.receiptFile;
      });
    },
  };
  return ledger;
}

function noteMet(met: Met, { counter, head }: MetPlace): void {
  met.heads.set(counter, head);
  met.counter = Math.max(met.counter, counter);
}

/** docs/protocol.md §14: how a contact compares with what was met before in the present epoch. */
function verdictOf(met: Met, response: MetPlace, challengeCounter: number): Verdict {
  if (response.epoch < met.epoch) return 'superseded';
  if (response.counter < challengeCounter) return 'regress';
  const past = met.heads.get(challengeCounter);
  if (past !== undefined && !equalBytes(past, response.pastHead)) return 'fork';
  const highest = met.heads.get(met.counter);
  if (response.counter === met.counter && highest !== undefined && !equalBytes(highest, response.head)) return 'fork';
  return 'good';
}
