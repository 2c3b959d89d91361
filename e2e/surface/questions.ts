// One question of every kind that is drawn, as the worker would ask it, and the steps a test takes with the surface.

import { randomBytes } from 'node:crypto';
import { expect, type FrameLocator, type Page } from '@playwright/test';
import type { SurfaceAnswer, SurfaceQuestion } from '../../src/worker-module/frame/testing/surface-protocol.ts';
import type {} from './host-page.ts';

/** Twelve recovery words. */
export const WORDS = 'orbit lamp velvet canyon thumb ginger oyster pilot rescue marble wagon zebra'.split(' ');

/** A question of each kind that has a surface. */
export const QUESTIONS = {
  approve: {
    kind: 'approve',
    title: 'Watch “The Long Platform” from the start',
    amount: '€1.20',
    party: 'Northern Line Pictures',
    lines: ['At most 600 frames of two seconds, €0.002 each', 'You pay for what is shown, nothing else'],
    yes: 'Approve',
    grave: false,
  },
  grave: {
    kind: 'approve',
    title: 'Delete this module and begin anew',
    amount: null,
    party: null,
    lines: ['3 receipts that no provider has yet are lost', 'Your backup of 4 November stays'],
    yes: 'Delete everything',
    grave: true,
  },
  'new-passphrase': { kind: 'new-passphrase', minLength: 10 },
  'new-passkey': {
    kind: 'new-passkey',
    userName: 'Farebox module 4f2a',
    userId: new Uint8Array(16).fill(3),
    prfSalt: new Uint8Array(32).fill(5),
  },
  unlock: {
    kind: 'unlock',
    passphrase: true,
    passkeys: [{ credentialId: new Uint8Array(16).fill(9), prfSalt: new Uint8Array(32).fill(5) }],
    wrongTries: 2,
  },
  'show-words': { kind: 'show-words', words: WORDS },
  'backup-passkey': {
    kind: 'backup-passkey',
    known: [new Uint8Array(16).fill(9)],
    userName: 'Farebox backup 4f2a',
    userId: new Uint8Array(16).fill(3),
    prfSalt: new Uint8Array(32).fill(6),
  },
  'ask-words': {
    kind: 'ask-words',
    wrong: 'words',
    passkeys: { prfSalt: new Uint8Array(32).fill(6), credentialIds: [] },
  },
  'new-pin': { kind: 'new-pin', application: 'wallet', party: 'provider 5f0c9a7be21d43c8a6f00b1d7e92c354' },
  pin: { kind: 'pin', party: 'provider 5f0c9a7be21d43c8a6f00b1d7e92c354' },
  card: { kind: 'card', party: 'provider 5f0c9a7be21d43c8a6f00b1d7e92c354' },
} as const satisfies Readonly<Record<string, SurfaceQuestion>>;

/** Opens the host page with a frame that fills it, and connects. */
export async function openHost(page: Page, url: string): Promise<FrameLocator> {
  await page.goto(url);
  await page.evaluate(() => window.host.connect());
  return page.frameLocator('#module');
}

/** Has the worker ask; resolves with the question's number. */
export const ask = (page: Page, question: SurfaceQuestion): Promise<number> =>
  page.evaluate((asked) => window.host.ask(asked), question);

/** The answer so far. */
export const answerTo = (page: Page, number: number): Promise<SurfaceAnswer | null> =>
  page.evaluate((asked) => window.host.answerTo(asked), number);

/** Waits for the answer. */
export async function answered(page: Page, number: number, timeoutMs = 5_000): Promise<SurfaceAnswer> {
  await expect.poll(() => answerTo(page, number), { timeout: timeoutMs, intervals: [25] }).not.toBeNull();
  const answer = await answerTo(page, number);
  if (answer === null) throw new Error('an answer was taken back');
  return answer;
}

/** Bytes nobody has used before. */
export const freshSalt = (): Uint8Array => new Uint8Array(randomBytes(32));

/** Presses a guarded button as a person does: the mouse comes, rests until the button works, and clicks. */
export async function press(module: FrameLocator, name: string): Promise<void> {
  const button = module.getByRole('button', { name, exact: true });
  await button.hover();
  await expect(button).toBeEnabled();
  await button.click();
}
