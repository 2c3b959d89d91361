// Contract, delivery and claim in a real browser: a provider that is slow with some frames and gives others short, a line that spoils one,
// and a claim that is paid for the first two and refused for the third, with the reasons, once.
import { readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { checkClaimIn } from '../src/protocol/claim-checks.ts';
import { claimLinesOf } from '../src/protocol/claim-lines.ts';
import { webCryptoSuite } from '../src/protocol/suite/webcrypto.ts';
import { largestPicture, manifestOf, pictureOf, storedFile } from './rig/content.ts';
import { waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import type { RunningProvider } from './rig/provider.ts';
import { checkFile } from './rig/receipts.ts';
import { downloadReceipt, openCatalogue, stopAndSettle, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

/** Frames beyond what is fetched before the faults are in place, each with what befalls it. */
const GONE_FOR_A_WHILE = 1;
const SHORT_AT_THE_PROVIDER = 3;
const SPOILT_ON_THE_LINE = 4;
/** Longer than the contract lets play stand still, and with the time before it longer than a slot may take. */
const GONE_MS = 1_500;
const SLOT_MS = 2_000;
const SLACK_MS = 150;

const pathOf = ({ dataDir }: RunningProvider, hash: string) => join(dataDir, 'content', hash.slice(0, 2), hash);

/** Watches through the faults to the frame after the last one. */
async function watchWithFaults(page: Page, provider: RunningProvider): Promise<void> {
  const manifest = await manifestOf(provider, LONG.title);
  const [gone, short, spoilt] = [GONE_FOR_A_WHILE, SHORT_AT_THE_PROVIDER, SPOILT_ON_THE_LINE].map((frame) =>
    pictureOf(manifest, frame),
  );
  if (gone === undefined || short === undefined || spoilt === undefined) throw new Error('the programme is too short');
  const other = await storedFile(provider, largestPicture(manifest, SPOILT_ON_THE_LINE));
  const whole = await readFile(pathOf(provider, short));
  await rename(pathOf(provider, gone), `${pathOf(provider, gone)}.away`);
  await truncate(pathOf(provider, short), Math.floor(whole.length / 2));
  // It was given, whole and in time: what befell it afterwards is not the provider's doing.
  await page.route(`**/content/${spoilt}*`, async (route) => {
    await route.fetch();
    await route.fulfill({ body: other, contentType: 'application/octet-stream' });
  });
  try {
    const asked = page.waitForResponse((response) => response.url().includes(gone) && response.status() === 404);
    await (await openCatalogue(page, provider.terminalOrigin, LONG.title)).click();
    await asked;
    // However slow the machine is: play has come to the frame and stands still for it, for longer than was promised.
    await waitForEvent(
      page,
      'display',
      ({ state, positionMs }) => state === 'waiting' && positionMs >= GONE_FOR_A_WHILE * SLOT_MS - SLACK_MS,
      { timeoutMs: 60_000 },
    );
    await new Promise((resolve) => setTimeout(resolve, GONE_MS));
    await rename(`${pathOf(provider, gone)}.away`, pathOf(provider, gone));
    await waitForEvent(page, 'frame', ({ frame, outcome }) => frame > SPOILT_ON_THE_LINE && outcome === 'decrypted', {
      timeoutMs: 90_000,
    });
  } finally {
    await writeFile(pathOf(provider, short), whole);
  }
}

test('BT-9: what the provider was slow with or gave short is paid back with reasons, what the line spoilt is not, and only once', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watchWithFaults(page, provider);
  await expect(page.getByRole('img', { name: /^The last \d+ frames: .* late, .* lost/ })).toBeVisible();
  await stopAndSettle(page);
  await page.getByRole('link', { name: 'Open the receipt' }).click();

  const claim = page.getByRole('region', { name: 'Money back' });
  await claim.getByRole('button', { name: 'Claim it' }).click();
  const lines = claim.getByRole('list', { name: 'Lines of the answer' }).getByRole('listitem');
  await expect(claim.getByText('paid back in part')).toBeVisible();
  await expect(lines.filter({ hasText: 'Late, frame 2' })).toContainText('the provider took too long');
  await expect(lines.filter({ hasText: /^paid.*Lost, frame 4/ })).toContainText('the provider did not give it whole');
  await expect(lines.filter({ hasText: 'frame 5' })).toContainText('the provider gave it in time');
  await expect(claim.getByRole('button', { name: 'Claim it' })).toHaveCount(0);

  // The file proves it to anyone, and says what the provider's own record had.
  await page.goto(`${provider.terminalOrigin}/receipts`);
  await page.getByRole('link', { name: LONG.title }).first().click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download .farebox' }).click();
  const file = new Uint8Array(await readFile(await (await download).path()));
  const report = await checkFile(file, provider.terminalOrigin);
  expect(report.checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  const claimed = await checkClaimIn({ file, report, suite: webCryptoSuite });
  expect(claimed).toMatchObject({ failure: null, contradictions: [], answer: { verdict: 'part' } });
  const { receipt, contract, acknowledgement } = report;
  if (receipt?.delivery == null || contract === null || acknowledgement === null) throw new Error('the file is whole');
  expect(claimed?.claim?.lines).toEqual(claimLinesOf(receipt.delivery, contract.terms));
  const paid = claimed?.answer?.amountMinor ?? 0n;
  expect(paid).toBeGreaterThan(0n);
  expect(claimed?.answer?.creditMinor).toBe(acknowledgement.creditMinor + paid);
});

test('BT-9: the contract is said before anything is opened, and signed by both with the session', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await openCatalogue(page, provider.terminalOrigin, LONG.title);
  const address = await page.getByRole('link', { name: LONG.title }).getAttribute('href');
  await page.goto(`${provider.terminalOrigin}${address}`);
  const promise = page.getByRole('region', { name: 'What the provider promises' });
  await expect(promise).toContainText('Play stands still for 1 s at most.');
  await promise.getByText('Show the contract').click();
  await expect(promise.locator('pre')).toContainText('"slotsPerMinute": 30');
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted');
  await stopAndSettle(page);
  const report = await checkFile(await downloadReceipt(page), provider.terminalOrigin);
  expect(report.contract?.terms.longestStallMs).toBe(1_000);
  await expect(page.getByRole('region', { name: 'Money back' })).toHaveCount(0);
});

test('BT-9: with “claim by itself” a claim is made and answered without a press', async ({ person, provider }) => {
  const page = await person.newTab();
  await watchWithFaults(page, provider);
  await stopAndSettle(page);
  await page.getByRole('link', { name: 'Open the receipt' }).click();
  const claim = page.getByRole('region', { name: 'Money back' });
  await claim.getByRole('checkbox', { name: /Claim by itself/ }).check();
  await expect(claim.getByText('paid back in part')).toBeVisible();
});
