// Chromium's virtual authenticator: one that is part of the device and knows its owner, with PRF or without. It is gone when its session ends.
import type { CDPSession, Page } from '@playwright/test';

/** Gives a tab an authenticator. `owner` false: it finds that whoever is there is not its owner. `WebAuthn.disable` on the session loses it. */
export async function addAuthenticator(
  page: Page,
  has: { readonly prf: boolean; readonly owner?: boolean },
): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      hasPrf: has.prf,
      isUserVerified: has.owner ?? true,
      automaticPresenceSimulation: true,
    },
  });
  return session;
}
