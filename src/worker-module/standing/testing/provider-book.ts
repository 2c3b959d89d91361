// The steps that a host takes between a module and the test's provider, about where the module stands: contacts, standings, receipts, papers.
// Called by the tests of this folder. What the provider makes of them is in testing/provider-ledger.ts; here a word can also be altered.

import { verifyCertificate } from '../../../protocol/certificate.ts';
import { makeChallenge } from '../../../protocol/challenge.ts';
import { FareboxError, type FareboxErrorCode } from '../../../protocol/errors.ts';
import { decodeModuleId, type SessionId } from '../../../protocol/ids.ts';
import { makeStanding, type StandingToSign, type Verdict, verifyStanding } from '../../../protocol/standing.ts';
import { webCryptoSuite as suite } from '../../../protocol/suite/webcrypto.ts';
import { expectValue, type TestTab } from '../../testing/browser.ts';
import type { Contact } from '../../testing/provider-ledger.ts';
import { type ProviderSide, randomBytes, START_TIME } from '../../testing/provider-side.ts';
import { answer, contact, enrol, openSession } from '../../testing/steps.ts';

/** The provider's word, as the host carries it. */
export type Word = { readonly standing: Uint8Array; readonly providerCertificate: Uint8Array };

/** The steps. One that the provider refuses rejects with its code. */
export type ProviderBook = {
  /** Enrols the module of this tab, in the epoch that it asks for. */
  enrol(tab: TestTab): Promise<Uint8Array>;
  /** One contact, which nobody has judged; `counter` in place of the one that the provider would ask for: then none can judge it. */
  contact(tab: TestTab, counter?: number): Promise<Contact>;
  /** Judges a contact and, where it is good, remembers it. */
  judge(contact: Contact): Promise<Verdict>;
  /** Asks the standing of the tab's module; `altered` replaces members before it is signed again. */
  standing(tab: TestTab, altered?: Partial<StandingToSign>): Promise<Word>;
  /** Contact, grant, session. */
  open(tab: TestTab): Promise<SessionId>;
  /** Contact, then the receipt of a closed session; the acknowledgement, which is not handed in. */
  takeReceipt(tab: TestTab, session: SessionId): Promise<Uint8Array>;
  /** Receipt files with their acknowledgements. */
  papers(sessions: readonly string[]): readonly Uint8Array[];
};

const VERDICTS: Readonly<Partial<Record<FareboxErrorCode, Verdict>>> = {
  'record/regress': 'regress',
  'record/fork': 'fork',
  'module/superseded': 'superseded',
};

/** The steps with this provider. */
export function makeProviderBook(provider: ProviderSide): ProviderBook {
  const { ledger, agencyKey, providerSigner: signer, providerCertificate } = provider;

  async function judge(made: Contact): Promise<Verdict> {
    try {
      await ledger.meet(made);
      return 'good';
    } catch (error) {
      const verdict = error instanceof FareboxError ? VERDICTS[error.code] : undefined;
      if (verdict === undefined) throw error;
      return verdict;
    }
  }

  async function standing(tab: TestTab, altered: Partial<StandingToSign> = {}): Promise<Word> {
    const bytes = await ledger.standing(await answer(provider, tab));
    const certificate = await verifyCertificate({
      ...{ bytes: providerCertificate, agencyKey, role: 'provider', now: START_TIME, suite },
    });
    const module = decodeModuleId(expectValue(await tab.call('status', {})).moduleId);
    const { provider: _signer, ...said } = await verifyStanding({ bytes, provider: certificate, module, suite });
    return { standing: await makeStanding({ signer, standing: { ...said, ...altered } }), providerCertificate };
  }

  return {
    ...{ judge, standing },
    enrol: (tab) => enrol(provider, tab),
    contact: async (tab, counter) => {
      if (counter === undefined) return answer(provider, tab);
      const challenge = await makeChallenge({ signer, now: START_TIME, challenge: randomBytes(32), counter });
      return expectValue(await tab.call('answerChallenge', { challenge, providerCertificate }));
    },
    open: async (tab) => {
      const made = await answer(provider, tab);
      await ledger.meet(made);
      const { session, grant } = await provider.grant(made.certificate);
      expectValue(await openSession(provider, tab, grant));
      return session;
    },
    takeReceipt: async (tab, session) => {
      await contact(provider, tab);
      return ledger.takeReceipt(expectValue(await tab.call('receiptFile', { session })).receiptFile);
    },
    papers: ledger.papers,
  };
}
