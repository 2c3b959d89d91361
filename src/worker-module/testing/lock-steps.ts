// Steps of the tests about the lock: a module with one, what its person was asked, another answer to the question, time that passes.

import { expect } from 'vitest';
import type { LockFactor, ModuleStatus } from '../commands.ts';
import type { SurfaceAnswer } from '../frame-messages.ts';
import { expectValue, makeTestBrowser, openTab, type TestBrowser, type TestTab } from './browser.ts';
import { PASSPHRASE } from './person.ts';
import type { ProviderSide } from './provider-side.ts';
import { enrol } from './steps.ts';

/** A tab, and the browser it is in. */
export type AtTab = { readonly browser: TestBrowser; readonly tab: TestTab };

/** A passphrase that nobody chose. */
export const WRONG_PASSPHRASE: SurfaceAnswer = { kind: 'passphrase', passphrase: `${PASSPHRASE}?` };

/** An enrolled module, with a lock of these factors. */
export async function lockedWith(provider: ProviderSide, ...factors: readonly LockFactor[]): Promise<AtTab> {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  await enrol(provider, tab);
  for (const factor of factors) expectValue(await tab.call('setLock', { factor }));
  return { browser, tab };
}

/** What the module says of itself. */
export async function statusOf(tab: TestTab): Promise<ModuleStatus> {
  return expectValue(await tab.call('status', {}));
}

/** What the person was asked on the surface, in order. */
export function questions({ person }: TestBrowser): readonly string[] {
  return person.asked.map(({ kind }) => kind).filter((kind) => kind !== 'persist');
}

/** Answers `unlock` questions alone in another way. */
export function answerUnlock({ person }: TestBrowser, answer: SurfaceAnswer): void {
  person.answer = (question) => (question.kind === 'unlock' ? structuredClone(answer) : person.agree(question));
}

/** Moves the browser's clock on, second by second, until there is an answer. */
export async function whileTimePasses<T>(browser: TestBrowser, answer: Promise<T>): Promise<T> {
  let isOver = false;
  const done = answer.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    browser.clock.advance(1_000);
    // Real time for the passphrase's function, which the test's clock knows nothing of.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return done;
}

/** Waits until this tab has taken in what another one said of the lock. */
export async function untilLock(tab: TestTab, lock: ModuleStatus['lock']): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if ((await statusOf(tab)).lock === lock) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  expect((await statusOf(tab)).lock).toBe(lock);
}
