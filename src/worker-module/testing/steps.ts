// Steps that many tests begin with: enrolment, a session, a delivery, a contact, a standing. Each goes through the gate, as a page's calls do,
// and carries what the module says to the test's provider and back, as a host does.

import type { GrantToMake } from '../../protocol/grant.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { decodeModuleId } from '../../protocol/ids.ts';
import type { FrameRange } from '../../protocol/ranges.ts';
import type { Result } from '../commands.ts';
import { expectValue, type TestTab } from './browser.ts';
import type { Contact } from './provider-ledger.ts';
import type { MadeGrant, ProviderSide } from './provider-side.ts';

/** Enrols the module of this tab; gives its certificate. */
export async function enrol(provider: ProviderSide, tab: TestTab): Promise<Uint8Array> {
  const { request } = expectValue(await tab.call('enrolmentRequest', {}));
  const certificate = await provider.enrol(request);
  expectValue(await tab.call('acceptCertificate', { certificate }));
  return certificate;
}

/** Enrols and opens a session. */
export async function beginSession(
  provider: ProviderSide,
  tab: TestTab,
  ranges?: readonly FrameRange[],
  altered?: Partial<GrantToMake>,
): Promise<MadeGrant & { readonly certificate: Uint8Array }> {
  const certificate = await enrol(provider, tab);
  const made = await provider.grant(certificate, ranges, altered);
  expectValue(await openSession(provider, tab, made.grant, made.contract));
  return { ...made, certificate };
}

/** Opens a session with a grant. */
export function openSession(
  provider: ProviderSide,
  tab: TestTab,
  grant: Uint8Array,
  contract: Uint8Array | null = null,
): ReturnType<typeof tab.call<'openSession'>> {
  return tab.call('openSession', {
    programme: provider.programmeBytes,
    manifest: provider.manifestBytes,
    grant,
    providerCertificate: provider.providerCertificate,
    ...(contract === null ? {} : { contract }),
  });
}

/** Delivers a good copy of a frame. */
export function deliver(
  provider: ProviderSide,
  tab: TestTab,
  session: SessionId,
  frame: number,
): Promise<Result<{ readonly replay: boolean }>> {
  return tab.call('deliver', { session, frame, parts: provider.partsOf(frame) });
}

/** P1: has the module answer a challenge that was made for it, or for nobody. Gives the answer; nobody has judged it yet. */
export async function answer(provider: ProviderSide, tab: TestTab): Promise<Contact> {
  const { moduleId } = expectValue(await tab.call('status', {}));
  const challenge = await provider.ledger.challenge(moduleId === null ? null : decodeModuleId(moduleId));
  const { providerCertificate } = provider;
  return expectValue(await tab.call('answerChallenge', { challenge, providerCertificate }));
}

/** P1, and the provider takes the contact. @throws FareboxError as ProviderLedger.meet. */
export async function contact(provider: ProviderSide, tab: TestTab): Promise<void> {
  await provider.ledger.meet(await answer(provider, tab));
}

/** Asks the provider for the module's standing and gives it to the module. */
export async function askStanding(
  provider: ProviderSide,
  tab: TestTab,
): Promise<Awaited<ReturnType<typeof tab.call<'acceptStanding'>>>> {
  const standing = await provider.ledger.standing(await answer(provider, tab));
  return tab.call('acceptStanding', { standing, providerCertificate: provider.providerCertificate });
}

/** Closes a session, hands its receipt in with a contact, and gives the module the answer. Gives the receipt file as it left. */
export async function settle(provider: ProviderSide, tab: TestTab, session: SessionId): Promise<Uint8Array> {
  const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
  await contact(provider, tab);
  const acknowledgement = await provider.ledger.takeReceipt(receiptFile);
  expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
  return receiptFile;
}
