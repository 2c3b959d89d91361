// Steps of tests about downloaded keys: a set is joined, keys are ordered and imported, an agreement is accepted. Each goes through the gate, as
// a page's calls do, and carries what the module says to the test's key desk and back, as a host does.

import { decodeModuleId, type ModuleId } from '../../protocol/ids.ts';
import type { KeyImport } from '../commands.ts';
import { expectValue, type TestTab } from './browser.ts';
import { DESK_KEYS } from './key-desk.ts';
import type { ProviderSide } from './provider-side.ts';
import { enrol } from './steps.ts';

/** Enrols where that was not done, and takes the transport key of the provider's set. */
export async function joinSet(provider: ProviderSide, tab: TestTab): Promise<ModuleId> {
  const { certificate, epochPending } = expectValue(await tab.call('status', {}));
  const own = certificate === null || epochPending ? await enrol(provider, tab) : certificate;
  const transportKey = await provider.keys.transportKey(own);
  const { providerCertificate } = provider;
  expectValue(await tab.call('acceptTransportKey', { transportKey, providerCertificate }));
  return moduleOf(tab);
}

/** Who the module of this tab is. */
export async function moduleOf(tab: TestTab): Promise<ModuleId> {
  const { moduleId } = expectValue(await tab.call('status', {}));
  return decodeModuleId(moduleId);
}

/** Draws a request for a key and has the key unit answer it: the command, not given to the module yet. */
export async function order(
  provider: ProviderSide,
  tab: TestTab,
  reference: string,
  version?: number,
): Promise<KeyImport> {
  const { kid } = provider.providerSigner;
  const [request] = expectValue(await tab.call('drawKeyRequests', { provider: kid, references: [reference] }));
  if (request === undefined) throw new Error('one request was drawn');
  const exported = provider.keys.exportKey(await moduleOf(tab), request, version);
  return { provider: kid, random: request.random, ...exported };
}

/** Orders and imports. */
export async function download(provider: ProviderSide, tab: TestTab, reference: string): Promise<void> {
  expectValue(await tab.call('importKey', await order(provider, tab, reference)));
}

/** Accepts the newest agreement and tells the provider so. The keys that it names are there. */
export async function accept(provider: ProviderSide, tab: TestTab): Promise<void> {
  const { certificate } = expectValue(await tab.call('status', {}));
  if (certificate === null) throw new Error('the module is not enrolled');
  const agreement = await provider.keys.agreement(await moduleOf(tab));
  const { providerCertificate } = provider;
  const { acceptance } = expectValue(await tab.call('acceptAgreement', { agreement, providerCertificate }));
  await provider.keys.accept(certificate, acceptance);
}

/** Joins, downloads what no PIN chooses, and agrees: a module that can sign in. */
export async function joinAndAgree(provider: ProviderSide, tab: TestTab): Promise<ModuleId> {
  const module = await joinSet(provider, tab);
  for (const reference of [DESK_KEYS.master, DESK_KEYS.open]) await download(provider, tab, reference);
  await accept(provider, tab);
  return module;
}
