// Steps that many tests begin with: enrolment, a session, a delivery. Each goes through the gate, as a page's calls do.

import type { GrantToMake } from '../../protocol/grant.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { FrameRange } from '../../protocol/ranges.ts';
import type { Result } from '../commands.ts';
import { expectValue, type TestTab } from './browser.ts';
import type { ProviderSide } from './provider-side.ts';

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
): Promise<{ readonly session: SessionId; readonly certificate: Uint8Array; readonly grant: Uint8Array }> {
  const certificate = await enrol(provider, tab);
  const { session, grant } = await provider.grant(certificate, ranges, altered);
  expectValue(await openSession(provider, tab, grant));
  return { session, certificate, grant };
}

/** Opens a session with a grant. */
export function openSession(
  provider: ProviderSide,
  tab: TestTab,
  grant: Uint8Array,
): ReturnType<typeof tab.call<'openSession'>> {
  return tab.call('openSession', {
    programme: provider.programmeBytes,
    manifest: provider.manifestBytes,
    grant,
    providerCertificate: provider.providerCertificate,
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
