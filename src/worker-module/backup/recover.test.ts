// The way back from a lost or altered store, through the gate, with real keys: what comes back, what it says, and that nothing is settled twice.

import { describe, expect, test } from 'vitest';
import { codeOf, expectValue, makeTestBrowser, openTab, type TestBrowser } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { enrol } from '../testing/steps.ts';
import { goOn, makeWorld, OPEN_RECEIPT, readReceipt, settle, show, type World, wipeDatabase } from './testing/world.ts';

const provider = await makeProviderSide();

async function lostWorld(lose: (browser: TestBrowser, world: World) => void) {
  const world = await makeWorld(provider);
  const before = expectValue(await world.tab.call('status', {}));
  const receipt = expectValue(await world.tab.call('receiptFile', { session: world.closed })).receiptFile;
  world.tab.kill();
  lose(world.browser, world);
  const tab = await openTab(world.browser, provider.agencyKey);
  return { ...world, tab, before, receipt };
}

describe('BT-7: a database that the browser threw away', () => {
  test('is named, refuses every write, and comes back from the checkpoint as the same module in a pending epoch', async () => {
    const { book, tab, before, open } = await lostWorld(wipeDatabase);
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ storage: 'wiped', epochPending: false });
    expect(codeOf(await tab.call('closeSession', { session: open }))).toBe('store/wiped');
    const report = expectValue(await tab.call('recover', {}));
    expect(report).toMatchObject({ source: 'checkpoint', reconciled: false });
    const status = expectValue(await tab.call('status', {}));
    expect(status).toMatchObject({ storage: 'ready', epochPending: true, moduleId: before.moduleId });
    // Alarm, and the end of the open session.
    expect(status.counter).toBe(before.counter + 2);
    await goOn(book, tab);
    expect(expectValue(await tab.call('status', {}))).toMatchObject({
      epoch: 2,
      epochPending: false,
      standing: 'good',
    });
  });

  test('BT-8: gives the open session the receipt of what was shown, in the new epoch, and the closed one its own, byte for byte', async () => {
    const { book, tab, open, closed, receipt } = await lostWorld(wipeDatabase);
    expectValue(await tab.call('recover', {}));
    expect(expectValue(await tab.call('receiptFile', { session: closed })).receiptFile).toEqual(receipt);
    expect(codeOf(await tab.call('receiptFile', { session: open }))).toBe('receipt/none');
    await goOn(book, tab);
    expect(await readReceipt(provider, tab, open)).toMatchObject({ ...OPEN_RECEIPT, epoch: 2 });
    for (const session of [open, closed]) await settle(book, tab, session);
    expect(expectValue(await tab.call('receipts', {})).map(({ state }) => state)).toEqual(['accepted', 'accepted']);
  });

  test('settles nothing twice: the session that was settled before comes back by its papers, with the same receipt', async () => {
    const { book, tab, accepted } = await lostWorld(wipeDatabase);
    expectValue(await tab.call('recover', {}));
    expect(codeOf(await tab.call('receiptFile', { session: accepted }))).toBe('session/unknown');
    const missing = await goOn(book, tab);
    expect(missing).toEqual([accepted]);
    const [paper] = book.papers([accepted]);
    expect(expectValue(await tab.call('acceptPapers', { receiptFiles: book.papers([accepted]) }))).toEqual({ kept: 1 });
    expect(expectValue(await tab.call('receiptFile', { session: accepted })).receiptFile).toEqual(paper);
    const report = expectValue(await tab.call('restoreReport', {}));
    expect(report).toMatchObject({ reconciled: true, counts: { found: 4, notFound: 0, used: 0, unreachable: 0 } });
    expect(report?.things.find(({ session }) => session === accepted)).toMatchObject({
      ...{ kind: 'receipt', outcome: 'found', place: 'provider', title: 'A test programme', amountMinor: 40 },
    });
  });

  test('says in its operations what it waits for, and never two things at once', async () => {
    const { book, tab, open, closed } = await lostWorld(wipeDatabase);
    expectValue(await tab.call('recover', {}));
    const named = async () =>
      Object.fromEntries(
        expectValue(await tab.call('operations', {})).map(({ name, status, code }) => [name, `${status} ${code}`]),
      );
    expect(await named()).toEqual({
      restore: 'waiting standing/needed',
      epoch: 'waiting null',
      [`session/${open}`]: 'waiting standing/needed',
      [`session/${closed}`]: 'waiting null',
    });
    await goOn(book, tab);
    expect(await named()).toEqual({ [`session/${open}`]: 'waiting null', [`session/${closed}`]: 'waiting null' });
  });

  test('plays again in a new session, whose receipt is made from its own record', async () => {
    const { book, tab } = await lostWorld(wipeDatabase);
    expectValue(await tab.call('recover', {}));
    await goOn(book, tab);
    const session = await book.open(tab);
    await show(provider, tab, session, 0);
    expectValue(await tab.call('closeSession', { session }));
    expect(await readReceipt(provider, tab, session)).toMatchObject({ count: 1, epoch: 2 });
    await settle(book, tab, session);
  });

  test('survives a second loss before the epoch was granted, in the epoch after', async () => {
    const { book, browser, tab, open } = await lostWorld(wipeDatabase);
    expectValue(await tab.call('recover', {}));
    tab.kill();
    wipeDatabase(browser);
    const again = await openTab(browser, provider.agencyKey);
    expectValue(await again.call('recover', {}));
    await goOn(book, again);
    expect(expectValue(await again.call('status', {})).epoch).toBe(3);
    expect(await readReceipt(provider, again, open)).toMatchObject({ ...OPEN_RECEIPT, epoch: 3 });
  });

  test('does not settle what the copy that was lost has delivered after its checkpoint was copied', async () => {
    const world = await makeWorld(provider);
    const slots = structuredClone(world.browser.slotBytes);
    // The other life of the profile goes on, and its session is settled.
    expectValue(await world.tab.call('closeSession', { session: world.open }));
    await settle(world.book, world.tab, world.open);
    world.tab.kill();
    wipeDatabase(world.browser);
    world.browser.slotBytes.splice(0, 2, ...slots);
    const tab = await openTab(world.browser, provider.agencyKey);
    expectValue(await tab.call('recover', {}));
    expect(await goOn(world.book, tab)).toContain(world.open);
    expect(codeOf(await tab.call('closeSession', { session: world.open }))).toBe('receipt/refused');
    const receiptFiles = world.book.papers([world.open]);
    expect(expectValue(await tab.call('acceptPapers', { receiptFiles }))).toEqual({ kept: 1 });
    const report = expectValue(await tab.call('restoreReport', {}));
    const thing = report?.things.find(({ session }) => session === world.open);
    expect(thing).toMatchObject({ kind: 'session', outcome: 'used', place: 'provider' });
    expect(expectValue(await tab.call('sessions', {})).find(({ session }) => session === world.open)?.state).toBe(
      'accepted',
    );
  });

  test('is brought back once by two tabs that both ask for it, and both go on with it', async () => {
    const { browser, tab, book, open } = await lostWorld(wipeDatabase);
    const other = await openTab(browser, provider.agencyKey);
    const outcomes = await Promise.all([tab.call('recover', {}), other.call('recover', {})]);
    expect(outcomes.map(codeOf)).toContain(null);
    const entries = await checkRecord(browser.rows);
    expect(entries.map(({ kind }) => kind)).toEqual(['alarm', 'closed']);
    await goOn(book, other);
    expect(await readReceipt(provider, tab, open)).toMatchObject(OPEN_RECEIPT);
  });

  test('with no checkpoint that can be read has no way back but to start anew', async () => {
    const { tab } = await lostWorld((browser) => {
      wipeDatabase(browser);
      for (const slot of browser.slotBytes) slot?.fill(0);
    });
    expect(codeOf(await tab.call('recover', {}))).toBe('restore/nothing');
    expectValue(await tab.call('startAnew', {}));
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ storage: 'ready', counter: 0, moduleId: null });
  });
});

describe('BT-7: a database that was altered', () => {
  const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
  const alterations: readonly (readonly [string, (browser: TestBrowser, world: World) => void])[] = [
    [
      'a page',
      ({ rows }) => {
        const [first, page] = [...rows.pages].at(-1) ?? [];
        if (first !== undefined && page !== undefined) rows.pages.set(first, { ...page, sealed: flipped(page.sealed) });
      },
    ],
    [
      'the page in which a session was opened',
      ({ rows }, { open }) => {
        const counter = rows.sessions.get(open)?.openedCounter ?? 0;
        const page = rows.pages.get(counter);
        if (page !== undefined) rows.pages.set(counter, { ...page, sealed: flipped(page.sealed) });
      },
    ],
    [
      'the row of the open session',
      ({ rows }, { open }) => {
        const row = rows.sessions.get(open);
        if (row === undefined) throw new Error('no row');
        rows.sessions.set(open, { ...row, progress: { ...row.progress, sealed: flipped(row.progress.sealed) } });
      },
    ],
    [
      'the grant of the open session',
      ({ rows }, { open }) => {
        const row = rows.sessions.get(open);
        if (row === undefined) throw new Error('no row');
        rows.sessions.set(open, { ...row, grant: flipped(row.grant) });
      },
    ],
    [
      'the receipt that waits',
      ({ rows }, { closed }) => {
        const row = rows.receipts.get(closed);
        if (row === undefined) throw new Error('no row');
        rows.receipts.set(closed, { ...row, receipt: flipped(row.receipt) });
      },
    ],
    [
      'the header',
      ({ rows }) => {
        if (rows.meta.header !== null) rows.meta.header = { ...rows.meta.header, head: new Uint8Array(32) };
      },
    ],
    [
      'the shape of a row',
      ({ rows }, { accepted }) => {
        const row = rows.sessions.get(accepted);
        if (row === undefined) throw new Error('no row');
        Reflect.set(row, 'openedTime', 'yesterday');
      },
    ],
    ['the identity', ({ rows }) => Reflect.set(rows.meta.identity ?? {}, 'device', new Uint8Array(3))],
  ];

  test.each(alterations)(
    '%s: recovers, every receipt says what was shown, and nothing is settled twice',
    async (_what, alter) => {
      const { book, tab, open, closed, accepted } = await lostWorld(alter);
      expectValue(await tab.call('recover', {}));
      const missing = await goOn(book, tab);
      const receiptFiles = book.papers(
        missing.flatMap((session) => [open, closed, accepted].find((id) => id === session) ?? []),
      );
      if (receiptFiles.length > 0) expectValue(await tab.call('acceptPapers', { receiptFiles }));
      expect(await readReceipt(provider, tab, open)).toMatchObject(OPEN_RECEIPT);
      expect(await readReceipt(provider, tab, closed)).toMatchObject({ frames: [[2, 3]], count: 1 });
      expect(await readReceipt(provider, tab, accepted)).toMatchObject({ frames: [[0, 2]], count: 2 });
      for (const session of [open, closed]) await settle(book, tab, session);
      const states = expectValue(await tab.call('receipts', {})).map(({ state }) => state);
      expect(states).toEqual(['accepted', 'accepted', 'accepted']);
      expect(expectValue(await tab.call('status', {}))).toMatchObject({ storage: 'ready', standing: 'good', epoch: 2 });
    },
  );

  test('keeps what still holds in it, and says where it was found', async () => {
    const { book, tab, accepted } = await lostWorld(({ rows }) => {
      if (rows.meta.header !== null) rows.meta.header = { ...rows.meta.header, head: new Uint8Array(32) };
    });
    const report = expectValue(await tab.call('recover', {}));
    expect(new Set(report.things.map(({ place }) => place))).toEqual(new Set(['database']));
    const receipt = report.things.find(({ session, kind }) => session === accepted && kind === 'receipt');
    expect(receipt).toMatchObject({ outcome: 'found', place: 'database' });
    expect(await goOn(book, tab)).toEqual([]);
  });

  test('an acknowledgement that was altered is asked for again', async () => {
    const { book, tab, accepted } = await lostWorld(({ rows }, world) => {
      const row = rows.receipts.get(world.accepted);
      if (row === undefined || row.acknowledgement === null || rows.meta.header === null) throw new Error('no row');
      rows.receipts.set(world.accepted, { ...row, acknowledgement: flipped(row.acknowledgement) });
      rows.meta.header = { ...rows.meta.header, head: new Uint8Array(32) };
    });
    expectValue(await tab.call('recover', {}));
    expect(await goOn(book, tab)).toEqual([accepted]);
    await settle(book, tab, accepted);
    expect(await readReceipt(provider, tab, accepted)).toMatchObject({ count: 2 });
  });
});

test('BT-7: a module that is sound is not recovered', async () => {
  const { tab, browser } = await makeWorld(provider);
  const before = structuredClone(browser.rows);
  expect(codeOf(await tab.call('recover', {}))).toBe('restore/not-empty');
  expect(browser.rows).toEqual(before);
  expect(expectValue(await tab.call('restoreReport', {}))).toBeNull();
});

describe('BT-7: a module that had hardly begun', () => {
  const named = async (tab: Awaited<ReturnType<typeof openTab>>) =>
    expectValue(await tab.call('operations', {})).map(({ name, status }) => `${name} ${status}`);

  test('and was enrolled, comes back with nothing to ask a provider about', async () => {
    const browser = makeTestBrowser();
    const first = await openTab(browser, provider.agencyKey);
    const certificate = await enrol(provider, first);
    first.kill();
    wipeDatabase(browser);
    const tab = await openTab(browser, provider.agencyKey);
    expect(expectValue(await tab.call('recover', {}))).toMatchObject({ reconciled: true, things: [] });
    expect(await named(tab)).toEqual(['epoch waiting']);
    expect(expectValue(await tab.call('status', {})).certificate).toEqual(certificate);
    await enrol(provider, tab);
    expect(await named(tab)).toEqual([]);
    expect(expectValue(await tab.call('status', {})).epoch).toBe(2);
  });

  test('and whose certificate never came, asks for another epoch, because the first may have been granted', async () => {
    const browser = makeTestBrowser();
    const first = await openTab(browser, provider.agencyKey);
    const { request } = expectValue(await first.call('enrolmentRequest', {}));
    await provider.enrol(request);
    first.kill();
    wipeDatabase(browser);
    const tab = await openTab(browser, provider.agencyKey);
    expectValue(await tab.call('recover', {}));
    await enrol(provider, tab);
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ epoch: 2, epochPending: false });
  });
});

describe('CARD-3: a module with a lock', () => {
  async function locked() {
    const world = await makeWorld(provider);
    expectValue(await world.tab.call('setLock', { factor: 'passphrase' }));
    const { backup } = expectValue(await world.tab.call('makeBackup', { passkey: false }));
    expectValue(await world.tab.call('lock', {}));
    return { ...world, backup };
  }

  test('is recovered once it is unlocked, and keeps its lock', async () => {
    const { book, browser, tab: first, open } = await locked();
    first.kill();
    wipeDatabase(browser);
    const tab = await openTab(browser, provider.agencyKey);
    expect(codeOf(await tab.call('recover', {}))).toBe('module/locked');
    expectValue(await tab.call('unlock', {}));
    expectValue(await tab.call('recover', {}));
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ storage: 'ready', factors: ['passphrase'] });
    expect(JSON.stringify(browser.rows.meta.vault)).not.toContain('device');
    await goOn(book, tab);
    expect(await readReceipt(provider, tab, open)).toMatchObject(OPEN_RECEIPT);
  });

  test('does nothing of keeping while it is locked, but starting anew', async () => {
    const { browser, tab, backup } = await locked();
    const asked = browser.person.asked.length;
    for (const command of ['makeBackup', 'backupCopy', 'recoveryLocator', 'recover', 'restoreReport'] as const) {
      expect(codeOf(await tab.call(command, {}))).toBe('module/locked');
    }
    for (const command of ['verifyBackup', 'restore'] as const) {
      expect(codeOf(await tab.call(command, { backup }))).toBe('module/locked');
    }
    expect(browser.person.asked).toHaveLength(asked);
    browser.person.answer = () => ({ kind: 'refused' });
    expect(codeOf(await tab.call('startAnew', {}))).toBe('consent/refused');
    browser.person.answer = browser.person.agree;
    expectValue(await tab.call('startAnew', {}));
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ lock: 'none', moduleId: null, storage: 'ready' });
    // Whoever has forgotten the passphrase has the words.
    expectValue(await tab.call('restore', { backup }));
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ lock: 'none', epochPending: true });
  });
});
