// The record against a small model, in two tabs of one browser: whatever is delivered, shown, withheld, killed and closed, in any order,
// the record holds its invariants and the receipt has exactly the frames that were shown.

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionId } from '../../protocol/ids.ts';
import { runs } from '../../protocol/testing/runs.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, type TestBrowser, type TestTab } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { makeProviderSide, type ProviderSide } from '../testing/provider-side.ts';
import { enrol, openSession } from '../testing/steps.ts';

/** What the model knows: which frames were shown, what lies with each tab's display, and whether the session has ended. */
type Model = {
  readonly shown: Set<number>;
  readonly waiting: readonly [Map<number, boolean>, Map<number, boolean>];
  closed: boolean;
  /** No frame has come to an outcome yet. */
  untouched: boolean;
};
type Real = { readonly browser: TestBrowser; readonly tabs: [TestTab, TestTab]; readonly session: SessionId };
type Side = 0 | 1;

const provider = await makeProviderSide();

function tampered(frame: number): ReturnType<ProviderSide['partsOf']> {
  const parts = provider.partsOf(frame);
  for (const { sealed } of parts) new Uint8Array(sealed).set([0xff], sealed.byteLength - 1);
  for (const { sealed } of parts) new Uint8Array(sealed).set([0xfe], sealed.byteLength - 2);
  return parts;
}

class Deliver implements fc.AsyncCommand<Model, Real> {
  readonly side: Side;
  readonly frame: number;
  readonly good: boolean;
  constructor(side: Side, frame: number, good: boolean) {
    this.side = side;
    this.frame = frame;
    this.good = good;
  }
  check = () => true;
  async run(model: Model, { tabs, session }: Real): Promise<void> {
    const parts = this.good ? provider.partsOf(this.frame) : tampered(this.frame);
    const result = await tabs[this.side].call('deliver', { session, frame: this.frame, parts });
    const waiting = model.waiting[this.side];
    const known = waiting.get(this.frame);
    if (model.closed) expect(codeOf(result)).toBe('session/closed');
    else if (known !== undefined) expect(result).toEqual({ ok: true, value: { replay: known } });
    else if (!this.good) {
      expect(codeOf(result)).toBe('frame/tampered');
      model.untouched = false;
    } else {
      const replay = model.shown.has(this.frame);
      expect(result).toEqual({ ok: true, value: { replay } });
      waiting.set(this.frame, replay);
    }
  }
  toString = () => `deliver(${this.side}, ${this.frame}, ${this.good ? 'good' : 'tampered'})`;
}

class Settle implements fc.AsyncCommand<Model, Real> {
  readonly side: Side;
  readonly show: boolean;
  constructor(side: Side, show: boolean) {
    this.side = side;
    this.show = show;
  }
  check = (model: Readonly<Model>) => model.waiting[this.side].size > 0;
  async run(model: Model, { tabs }: Real): Promise<void> {
    const [[frame] = [-1]] = model.waiting[this.side];
    const { frames } = tabs[this.side].sink();
    const prepared = frames.get(frame);
    frames.delete(frame);
    model.waiting[this.side].delete(frame);
    model.untouched = false;
    if (this.show) {
      await prepared?.count({ late: false });
      model.shown.add(frame);
    } else await prepared?.withhold();
  }
  toString = () => `${this.show ? 'show' : 'withhold'}(${this.side})`;
}

class Restart implements fc.AsyncCommand<Model, Real> {
  readonly side: Side;
  constructor(side: Side) {
    this.side = side;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    real.tabs[this.side].kill();
    const tab = await openTab(real.browser, provider.agencyKey);
    real.tabs[this.side] = tab;
    const [own, others] = [model.waiting[this.side], model.waiting[this.side === 0 ? 1 : 0]];
    // The tab was the only one that had begun with the session, and has shown nothing: nobody will go on with it.
    if (model.untouched && own.size > 0 && others.size === 0) model.closed = true;
    if (own.size > 0) model.untouched = false;
    own.clear();
    const result = await tab.call('resumeSession', { session: real.session, manifest: provider.manifestBytes });
    expect(codeOf(result)).toBe(model.closed ? 'session/closed' : null);
  }
  toString = () => `restart(${this.side})`;
}

class Close implements fc.AsyncCommand<Model, Real> {
  readonly side: Side;
  constructor(side: Side) {
    this.side = side;
  }
  check = () => true;
  async run(model: Model, { tabs, session }: Real): Promise<void> {
    expectValue(await tabs[this.side].call('closeSession', { session }));
    model.closed = true;
    for (const waiting of model.waiting) waiting.clear();
  }
  toString = () => `close(${this.side})`;
}

/** Both tabs are given the same frame at the same moment. */
class DeliverBoth implements fc.AsyncCommand<Model, Real> {
  readonly frame: number;
  constructor(frame: number) {
    this.frame = frame;
  }
  check = () => true;
  async run(model: Model, { tabs, session }: Real): Promise<void> {
    const { frame } = this;
    const results = await Promise.all(
      tabs.map((tab) => tab.call('deliver', { session, frame, parts: provider.partsOf(frame) })),
    );
    for (const [at, result] of results.entries()) {
      const waiting = model.waiting[at === 0 ? 0 : 1];
      if (model.closed) {
        expect(codeOf(result)).toBe('session/closed');
        continue;
      }
      const replay = waiting.get(frame) ?? model.shown.has(frame);
      expect(result).toEqual({ ok: true, value: { replay } });
      waiting.set(frame, replay);
    }
  }
  toString = () => `deliverBoth(${this.frame})`;
}

/** Both tabs show what they have waiting at the same moment; where it is the same frame, one of them counts it. */
class ShowBoth implements fc.AsyncCommand<Model, Real> {
  check = (model: Readonly<Model>) => model.waiting.every((waiting) => waiting.size > 0);
  async run(model: Model, { tabs }: Real): Promise<void> {
    await Promise.all(
      tabs.map(async (tab, at) => {
        const waiting = model.waiting[at === 0 ? 0 : 1];
        const [[frame] = [-1]] = waiting;
        const { frames } = tab.sink();
        const prepared = frames.get(frame);
        frames.delete(frame);
        waiting.delete(frame);
        await prepared?.count({ late: false });
        model.shown.add(frame);
        model.untouched = false;
      }),
    );
  }
  toString = () => 'showBoth()';
}

const side = fc.constantFrom<Side>(0, 1);
// Few, so that the two tabs meet often.
const frame = fc.integer({ min: 0, max: 11 });
// Closing ends the story, so it is rare.
const commands = [
  fc.tuple(side, frame, fc.constant(true)).map((given) => new Deliver(...given)),
  fc.tuple(side, frame, fc.boolean()).map((given) => new Deliver(...given)),
  fc.tuple(side, fc.boolean()).map((given) => new Settle(...given)),
  side.map((given) => new Settle(given, true)),
  frame.map((given) => new DeliverBoth(given)),
  fc.constant(null).map(() => new ShowBoth()),
  side.map((given) => new Restart(given)),
  fc
    .tuple(side, fc.integer({ min: 0, max: 4 }))
    .map(([at, luck]) => (luck === 0 ? new Close(at) : new Settle(at, true))),
];

for (const hasLock of [true, false]) {
  const under = hasLock ? '' : ', with no lock between them,';
  test(`BT-7: in two tabs${under} in any order of deliveries, outcomes, kills and closes, no frame is counted twice and none is missed`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 100 }), async (story) => {
        const browser = makeTestBrowser();
        const first = await openTab(browser, provider.agencyKey);
        const { session, grant } = await provider.grant(await enrol(provider, first));
        expectValue(await openSession(provider, first, grant));
        const second = await openTab(browser, provider.agencyKey);
        expectValue(await second.call('resumeSession', { session, manifest: provider.manifestBytes }));
        if (!hasLock) browser.locks.breakLocks();
        const model: Model = { shown: new Set(), waiting: [new Map(), new Map()], closed: false, untouched: true };
        const real: Real = { browser, tabs: [first, second], session };
        await fc.asyncModelRun(() => ({ model, real }), story);
        expectValue(await real.tabs[0].call('closeSession', { session }));
        const entries = await checkRecord(browser.rows);
        expect(decryptedFrames(entries)).toEqual([...model.shown].sort((a, b) => a - b));
        expect(entries.filter((entry) => entry.kind === 'receipt')).toHaveLength(1);
      }),
      { numRuns: runs(hasLock ? 200 : 100) },
    );
  }, 120_000);
}
