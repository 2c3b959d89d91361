// A module with a life behind it, for tests of backup and recovery: one session settled, one whose receipt nobody has answered, one open. And
// what may befall its storage.

import { issueCertificate } from '../../../protocol/certificate.ts';
import { verifyEnrolmentRequest } from '../../../protocol/enrolment.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import type { Receipt } from '../../../protocol/receipt.ts';
import { checkReceiptFile } from '../../../protocol/receipt-checks.ts';
import { webCryptoSuite } from '../../../protocol/suite/webcrypto.ts';
import { makeProviderBook, type ProviderBook } from '../../standing/testing/provider-book.ts';
import {
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../../testing/browser.ts';
import { makeProviderLedger } from '../../testing/provider-ledger.ts';
import { type ProviderSide, START_TIME } from '../../testing/provider-side.ts';
import { deliver } from '../../testing/steps.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

/** A browser in which somebody has watched, its tab, and the provider that knows of it. */
export type World = {
  readonly book: ProviderBook;
  readonly browser: TestBrowser;
  readonly tab: TestTab;
  /** Frames 0 and 1 shown; receipt accepted. */
  readonly accepted: SessionId;
  /** Frame 2 shown; receipt made and never delivered. */
  readonly closed: SessionId;
  /** Frames 3 and 4 (late) shown, 6 opened and waiting, the checkpoint knows of all three. */
  readonly open: SessionId;
};

/** What the receipt of the open session has to say. */
export const OPEN_RECEIPT: Partial<Receipt> = {
  frames: [[3, 5]],
  count: 2,
  rungs: new Map([['video/360p', 2]]),
  onTime: 1,
  late: 1,
  failed: 0,
  withheld: 1,
  amountMinor: 40n,
};

/** Makes such a world. */
export async function makeWorld(provider: ProviderSide): Promise<World> {
  const book = makeProviderBook(provider);
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  await book.enrol(tab);
  const accepted = await book.open(tab);
  await show(provider, tab, accepted, 0);
  await show(provider, tab, accepted, 1);
  expectValue(await tab.call('closeSession', { session: accepted }));
  await settle(book, tab, accepted);
  const closed = await book.open(tab);
  await show(provider, tab, closed, 2);
  expectValue(await tab.call('closeSession', { session: closed }));
  const open = await book.open(tab);
  await show(provider, tab, open, 3);
  await show(provider, tab, open, 4, true);
  expectValue(await deliver(provider, tab, open, 6));
  // A contact flushes the checkpoint, as the clock would a quarter of a second later.
  await book.contact(tab);
  return { book, browser, tab, accepted, closed, open };
}

/** Such a world, of which somebody has made a backup, with a passkey or without, and written the words down. */
export async function makeBackedUp(provider: ProviderSide, passkey = false) {
  const world = await makeWorld(provider);
  const made = expectValue(await world.tab.call('makeBackup', { passkey }));
  return { ...world, ...made };
}

/** Another browser of the same person, who has the words, and passkeys that are synced. */
export function elsewhere({ browser }: Pick<World, 'browser'>): TestBrowser {
  const other = makeTestBrowser();
  other.person.words = browser.person.words;
  other.person.authenticator = browser.person.authenticator;
  return other;
}

/** Delivers a frame and draws it. */
export async function show(
  provider: ProviderSide,
  tab: TestTab,
  session: SessionId,
  frame: number,
  late = false,
): Promise<void> {
  expectValue(await deliver(provider, tab, session, frame));
  await showFrame(tab.sink(), frame, late);
}

/** Delivers a receipt and keeps the answer. */
export async function settle(book: ProviderBook, tab: TestTab, session: SessionId): Promise<void> {
  const acknowledgement = await book.takeReceipt(tab, session);
  expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
}

/** The person's browser throws the database away; the private file system stays. */
export function wipeDatabase({ rows }: TestBrowser): void {
  for (const name of ['header', 'vault', 'identity', 'settings', 'backup', 'standing', 'restore', 'keys'] as const) {
    rows.meta[name] = null;
  }
  for (const kept of [rows.pages, rows.sessions, rows.held, rows.receipts, rows.operations]) kept.clear();
}

/** The receipt of a session as anyone checks it, with the agency's key alone. @throws an Error that names the first check that fails. */
export async function readReceipt(provider: ProviderSide, tab: TestTab, session: SessionId): Promise<Receipt> {
  const { receiptFile } = expectValue(await tab.call('receiptFile', { session }));
  const report = await checkReceiptFile({ file: receiptFile, agencyKey: provider.agencyKey, suite: webCryptoSuite });
  const failed = report.checks.find(({ verdict }) => verdict === 'failed');
  if (failed !== undefined || report.receipt === null) throw new Error(`${failed?.name}: ${failed?.value}`);
  return report.receipt;
}

/** The same agency and provider, who have never met anybody: for scenes that many tests go on from, each on its own. */
export function forgetful(provider: ProviderSide): ProviderSide {
  const { agencyKey, agencySigner, providerSigner, providerCertificate } = provider;
  const ledger = makeProviderLedger({ signer: providerSigner, agencyKey, providerCertificate });
  return {
    ...provider,
    ledger,
    enrol: async (request) => {
      const { module, publicKey, ...asked } = await verifyEnrolmentRequest({ bytes: request, suite: webCryptoSuite });
      const { sealingKey, device, epoch } = asked;
      ledger.beginEpoch(module, { device, epoch });
      return issueCertificate({
        ...{ signer: agencySigner, role: 'module', subjectKey: publicKey, sealingKey, device, epoch },
        ...{ issuedAt: START_TIME, expires: START_TIME + YEAR_MS },
      });
    },
  };
}

/** What a restored or recovered module does next: it enrols in its new epoch, and asks how things stand. */
export async function goOn(book: ProviderBook, tab: TestTab): Promise<readonly string[]> {
  await book.enrol(tab);
  const { missing } = expectValue(await tab.call('acceptStanding', await book.standing(tab)));
  return missing;
}
