// The keyring as it is kept: sealed, of one life of the module, in no backup and no checkpoint; joined, agreed and shown through the gate.

import { describe, expect, test } from 'vitest';
import { toHex } from '../../protocol/bytes.ts';
import { issueCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { type KeyAgreement, makeKeyAgreement } from '../../protocol/derived-keys/agreement.ts';
import { deriveSeriesNumber } from '../../protocol/derived-keys/series.ts';
import { deriveOperationKey } from '../../protocol/key-unit/operation-key.ts';
import { makeTransportKey } from '../../protocol/key-unit/transport-key.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { elsewhere, wipeDatabase } from '../backup/testing/world.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { makeProviderBook } from '../standing/testing/provider-book.ts';
import { codeOf, copyTestBrowser, expectValue, makeTestBrowser, openTab, type TestTab } from '../testing/browser.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import { DESK_KEYS, SERIES_COUNT } from '../testing/key-desk.ts';
import { accept, download, joinAndAgree, joinSet, moduleOf, order } from '../testing/key-steps.ts';
import { makeProviderSide, randomBytes, START_TIME } from '../testing/provider-side.ts';
import { answer, enrol } from '../testing/steps.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

async function begin() {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  return { provider, browser, tab };
}

/** A module that has agreed with its provider. */
async function agreed() {
  const world = await begin();
  const module = await joinAndAgree(world.provider, world.tab);
  return { ...world, module };
}

async function setOf(tab: TestTab) {
  const [held] = expectValue(await tab.call('keys', {}));
  if (held === undefined) throw new Error('the module is in no set');
  return held;
}

describe('SD-4, MC-1: what is kept of keys', () => {
  test('T, T1, TA, a series number: none is in a row, in the checkpoint, in an answer or in an event', async () => {
    const { provider, browser, tab, module } = await agreed();
    await download(provider, tab, DESK_KEYS.own);
    // A contact flushes the checkpoint.
    await provider.ledger.meet(await answer(provider, tab));
    const [set = new Uint8Array(), transportKey = new Uint8Array(), ...materials] = provider.keys.secrets();
    const names = [DESK_KEYS.master, DESK_KEYS.open, DESK_KEYS.own];
    const keys = names.map((reference) => provider.keys.keyFor(module, { reference, version: 1 }).applicationKey);
    const operationKey = deriveOperationKey({ set, transportKey }, module);
    const numbers = Array.from({ length: SERIES_COUNT }, (_none, index) =>
      deriveSeriesNumber(keys[1] ?? new Uint8Array(), index),
    );
    const held = expectValue(await tab.call('keys', {}));
    expect(held[0]?.slots).toHaveLength(3);
    // The name of the set is no secret: what is looked for would be found.
    expect(bytesWithin(tab.outward, set)).toBe(true);
    for (const secret of [transportKey, operationKey, ...materials, ...keys, ...numbers]) {
      for (const place of [browser.rows, browser.slotBytes, tab.outward, tab.events]) {
        expect(bytesWithin(place, secret)).toBe(false);
      }
    }
  });

  test('a row that does not open is keys/altered: byte by byte, and one that was sealed for another module', async () => {
    const { provider, browser, tab } = await agreed();
    const command = await order(provider, tab, DESK_KEYS.own);
    const row = browser.rows.meta.keys;
    if (row === null) throw new Error('there are keys');
    const other = (await agreed()).browser.rows.meta.keys;
    const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 7 ? byte ^ 1 : byte));
    const wrong = [{ ...row, sealed: flipped(row.sealed) }, { ...row, nonce: flipped(row.nonce) }, other];
    for (const altered of wrong) {
      browser.rows.meta.keys = altered;
      const before = structuredClone(browser.rows);
      expect(codeOf(await tab.call('keys', {}))).toBe('keys/altered');
      expect(codeOf(await tab.call('importKey', command))).toBe('keys/altered');
      expect(browser.rows).toEqual(before);
    }
    browser.rows.meta.keys = row;
    expectValue(await tab.call('importKey', command));
  });

  test('a restored module, a recovered one and one that was begun anew have none, and download them again', async () => {
    const { provider, browser, tab } = await agreed();
    const { backup } = expectValue(await tab.call('makeBackup', { passkey: false }));
    const thrownAway = copyTestBrowser(browser);
    wipeDatabase(thrownAway);
    const anew = copyTestBrowser(browser);
    const restoring = elsewhere({ browser });
    tab.kill();

    const recovered = await openTab(thrownAway, provider.agencyKey);
    expectValue(await recovered.call('recover', {}));
    expect(thrownAway.rows.meta.keys).toBeNull();
    expect(expectValue(await recovered.call('keys', {}))).toEqual([]);

    const erased = await openTab(anew, provider.agencyKey);
    expectValue(await erased.call('startAnew', {}));
    expect(anew.rows.meta.keys).toBeNull();
    expect(expectValue(await erased.call('keys', {}))).toEqual([]);

    const restored = await openTab(restoring, provider.agencyKey);
    expectValue(await restored.call('recoveryLocator', {}));
    expectValue(await restored.call('restore', { backup }));
    expect(restoring.rows.meta.keys).toBeNull();
    expect(expectValue(await restored.call('keys', {}))).toEqual([]);
    // In its new epoch, as a host does it; the provider has gone on to the next agreement.
    await enrol(provider, restored);
    await joinAndAgree(provider, restored);
    expect(await setOf(restored)).toMatchObject({ agreement: { number: 2 }, count: 0 });
  });

  test('keys of sixteen providers are kept apart; a seventeenth is refused, and takes nobody’s place', async () => {
    const { provider, tab } = await begin();
    const bytes = await enrol(provider, tab);
    const module = await verifyCertificate({
      ...{ bytes, agencyKey: provider.agencyKey, role: 'module', now: START_TIME, suite },
    });
    const take = async () => {
      const signer = signerFromSecret(randomBytes(32));
      const transport = { set: randomBytes(16), transportKey: randomBytes(32) };
      return tab.call('acceptTransportKey', {
        transportKey: await makeTransportKey({ signer, module, transport, issuedAt: START_TIME }),
        providerCertificate: await issueCertificate({
          ...{ signer: provider.agencySigner, role: 'provider', subjectKey: signer.publicKey },
          ...{ issuedAt: START_TIME, expires: START_TIME + YEAR_MS },
        }),
      });
    };
    const taken = [];
    for (let more = 0; more < MODULE_LIMITS.keyHolders; more += 1) taken.push(expectValue(await take()));
    expect(codeOf(await take())).toBe('keys/unknown-slot');
    const providers = expectValue(await tab.call('keys', {})).map((held) => held.provider);
    expect(providers).toEqual(taken.map((held) => held.provider).sort());
  });
});

describe('SD-1: joining a set', () => {
  test('the transport key again changes nothing; another set empties the slots and ends the agreement', async () => {
    const { provider, browser, tab } = await begin();
    const certificate = await enrol(provider, tab);
    await joinAndAgree(provider, tab);
    const before = structuredClone(browser.rows);
    await joinSet(provider, tab);
    expect(browser.rows).toEqual(before);
    provider.ledger.now += 1_000;
    provider.keys.moveSet(provider.ledger.now);
    await joinSet(provider, tab);
    expect(await setOf(tab)).toMatchObject({ slots: [], agreement: null });
    for (const reference of [DESK_KEYS.master, DESK_KEYS.open]) await download(provider, tab, reference);
    await accept(provider, tab);
    expect(await setOf(tab)).toMatchObject({ agreement: { number: 2 } });
    provider.keys.moveSet(START_TIME - 1_000);
    const transportKey = await provider.keys.transportKey(certificate);
    const { providerCertificate } = provider;
    expect(codeOf(await tab.call('acceptTransportKey', { transportKey, providerCertificate }))).toBe('keys/replayed');
  });

  test('of a set that was joined long ago the transport key is an old one, whoever keeps it', async () => {
    const { provider, browser, tab } = await begin();
    const transportKey = await provider.keys.transportKey(await enrol(provider, tab));
    const { providerCertificate } = provider;
    browser.clock.advance(MODULE_LIMITS.transportKeyAgeMs + 1);
    expect(codeOf(await tab.call('acceptTransportKey', { transportKey, providerCertificate }))).toBe('keys/replayed');
    browser.clock.advance(-1);
    expectValue(await tab.call('acceptTransportKey', { transportKey, providerCertificate }));
  });

  test('after it no agreement is taken that was signed before it, though the module has met none', async () => {
    const { provider, tab } = await begin();
    await enrol(provider, tab);
    const module = await moduleOf(tab);
    const old = await provider.keys.agreement(module);
    provider.ledger.now += 1_000;
    provider.keys.moveSet(provider.ledger.now);
    await joinSet(provider, tab);
    for (const reference of [DESK_KEYS.master, DESK_KEYS.open]) await download(provider, tab, reference);
    const { providerCertificate } = provider;
    expect(codeOf(await tab.call('acceptAgreement', { agreement: old, providerCertificate }))).toBe('keys/retired');
    await accept(provider, tab);
    expect(await setOf(tab)).toMatchObject({ agreement: { number: 2 } });
  });

  test('before enrolment, with a wrong certificate, a changed byte or another module’s key it is refused and nothing is written', async () => {
    const { provider, browser, tab } = await begin();
    const { providerCertificate } = provider;
    const neighbour = await openTab(makeTestBrowser(), provider.agencyKey);
    const theirs = await provider.keys.transportKey(await enrol(provider, neighbour));
    expect(codeOf(await tab.call('acceptTransportKey', { transportKey: theirs, providerCertificate }))).toBe(
      'enrolment/needed',
    );
    const own = await enrol(provider, tab);
    const transportKey = await provider.keys.transportKey(own);
    const stranger = await makeProviderSide();
    const before = structuredClone(browser.rows);
    const altered = transportKey.map((byte, at) => (at === transportKey.length - 1 ? byte ^ 1 : byte));
    const refused = [
      [{ transportKey: theirs, providerCertificate }, 'keys/malformed'],
      [{ transportKey: altered, providerCertificate }, 'keys/malformed'],
      [{ transportKey, providerCertificate: own }, 'certificate/wrong-role'],
      [{ transportKey, providerCertificate: stranger.providerCertificate }, 'certificate/foreign'],
    ] as const;
    for (const [argument, code] of refused) expect(codeOf(await tab.call('acceptTransportKey', argument))).toBe(code);
    expect(browser.rows).toEqual(before);
  });

  test('a module of no set is told so by every command that needs one', async () => {
    const { provider, tab } = await begin();
    await enrol(provider, tab);
    const { kid } = provider.providerSigner;
    const random = randomBytes(16);
    const drawn = await tab.call('drawKeyRequests', { provider: kid, references: ['wallet'] });
    const exported = provider.keys.exportKey(await moduleOf(tab), { reference: 'wallet', random });
    const agreement = await provider.keys.agreement(await moduleOf(tab));
    const { providerCertificate } = provider;
    const results = [
      drawn,
      await tab.call('importKey', { provider: kid, random, ...exported }),
      await tab.call('acceptAgreement', { agreement, providerCertificate }),
    ];
    expect(results.map(codeOf)).toEqual(['keys/unknown-unit', 'keys/unknown-unit', 'keys/unknown-unit']);
    expect(expectValue(await tab.call('keys', {}))).toEqual([]);
  });
});

describe('MC-2: an agreement', () => {
  test('is durable and among what left the module before it is signed; the same one again is signed again', async () => {
    const { provider, tab, module } = await agreed();
    const { providerCertificate } = provider;
    const agreement = await provider.keys.agreement(module);
    expectValue(await tab.call('acceptAgreement', { agreement, providerCertificate }));
    const disclosed = expectValue(await tab.call('disclosures', {})).filter(({ what }) => what === 'agreement');
    expect(disclosed).toMatchObject([{ to: provider.providerSigner.kid }, { to: provider.providerSigner.kid }]);
    const { history, agreement: held } = await setOf(tab);
    expect(held).toEqual({
      ...{ number: 1, rule: 'client' },
      pins: [
        { reference: 'messages', version: 1 },
        { reference: 'wallet', version: 1 },
      ],
    });
    expect(history.filter(({ what }) => what === 'agreed')).toHaveLength(1);
  });

  test('cut at any storage call it is kept or it is not, never signed without; and comes to its end afterwards', async () => {
    const { provider, browser: rested, tab: first } = await agreed();
    provider.keys.change({ rule: 'counter' });
    const agreement = await provider.keys.agreement(await moduleOf(first));
    const { providerCertificate } = provider;
    first.kill();
    const outcomes = new Set<string>();
    let lastCall = 1;
    for (let call = 1; call <= lastCall; call += 1) {
      for (const side of ['before', 'after'] as const) {
        const browser = copyTestBrowser(rested);
        const tab = await openTab(browser, provider.agencyKey);
        tab.store.setFault({ call, side });
        const accepted = await tab.call('acceptAgreement', { agreement, providerCertificate });
        if (tab.store.isDead()) lastCall = call + 1;
        tab.kill();
        const restarted = await openTab(browser, provider.agencyKey);
        const { number } = (await setOf(restarted)).agreement ?? { number: 0 };
        outcomes.add(`${number} ${accepted.ok}`);
        expectValue(await restarted.call('acceptAgreement', { agreement, providerCertificate }));
        expect((await setOf(restarted)).agreement).toMatchObject({ number: 2, rule: 'counter' });
      }
    }
    // Signed and not kept, "1 true", is not among them.
    expect([...outcomes].sort()).toEqual(['1 false', '2 false', '2 true']);
  });

  test('one that is lower, that was changed, that is another module’s or another provider’s is refused and changes nothing', async () => {
    const { provider, browser, tab, module } = await agreed();
    const old = await provider.keys.agreement(module);
    provider.keys.change({ rule: 'date' });
    await accept(provider, tab);
    const { providerCertificate, providerSigner: signer } = provider;
    const content: KeyAgreement = {
      ...{ module, number: 3, rule: 'date', master: { reference: DESK_KEYS.master, version: 1 } },
      series: [{ slot: { reference: DESK_KEYS.open, version: 1 }, retired: [], pin: false }],
      issuedAt: START_TIME,
    };
    const good = await makeKeyAgreement({ signer, agreement: content });
    const neighbour = await openTab(makeTestBrowser(), provider.agencyKey);
    const theirs = await makeKeyAgreement({
      signer,
      agreement: { ...content, module: await joinSet(provider, neighbour) },
    });
    const same = await makeKeyAgreement({ signer, agreement: { ...content, number: 2 } });
    const lacking = await makeKeyAgreement({
      signer,
      agreement: { ...content, master: { reference: DESK_KEYS.master, version: 2 } },
    });
    const stranger = await makeProviderSide();
    const before = structuredClone(browser.rows);
    const altered = good.map((byte, at) => (at === good.length - 1 ? byte ^ 1 : byte));
    const refused = [
      [old, providerCertificate, 'keys/retired'],
      [same, providerCertificate, 'keys/retired'],
      [lacking, providerCertificate, 'keys/unknown-slot'],
      [altered, providerCertificate, 'keys/malformed'],
      [theirs, providerCertificate, 'keys/malformed'],
      [good, stranger.providerCertificate, 'certificate/foreign'],
    ] as const;
    for (const [agreement, certificate, code] of refused) {
      const result = await tab.call('acceptAgreement', { agreement, providerCertificate: certificate });
      expect(codeOf(result)).toBe(code);
    }
    expect(browser.rows).toEqual(before);
    expectValue(await tab.call('acceptAgreement', { agreement: good, providerCertificate }));
  });

  test('is over with a new epoch: the slots stay, the old agreement is taken no more, the next one is', async () => {
    const { provider, tab, module } = await agreed();
    const book = makeProviderBook(provider);
    const old = await provider.keys.agreement(module);
    const { providerCertificate } = provider;
    expectValue(await tab.call('acceptStanding', await book.standing(tab, { verdict: 'fork', since: 1 })));
    expectValue(await tab.call('beginEpoch', {}));
    // While it is pending nothing is asked for, imported or agreed on.
    const { kid } = provider.providerSigner;
    const pending = [
      await tab.call('drawKeyRequests', { provider: kid, references: [DESK_KEYS.own] }),
      await tab.call('acceptAgreement', { agreement: old, providerCertificate }),
    ];
    expect(pending.map(codeOf)).toEqual(['enrolment/needed', 'enrolment/needed']);
    expect(await setOf(tab)).toMatchObject({ agreement: null });
    await enrol(provider, tab);
    const { slots, agreement } = await setOf(tab);
    expect([slots.length, agreement]).toEqual([2, null]);
    expect(codeOf(await tab.call('acceptAgreement', { agreement: old, providerCertificate }))).toBe('keys/retired');
    await accept(provider, tab);
    expect(await setOf(tab)).toMatchObject({ agreement: { number: 2 } });
  });
});

test('SD-3: a request is told by its random alone, 16 bytes that no two have in common, and is in no row in the clear', async () => {
  const { provider, browser, tab } = await begin();
  await joinSet(provider, tab);
  const references = Array.from({ length: MODULE_LIMITS.keyRequestsAtOnce }, () => DESK_KEYS.own);
  const { kid } = provider.providerSigner;
  const drawn = expectValue(await tab.call('drawKeyRequests', { provider: kid, references }));
  expect(new Set(drawn.map(({ random }) => toHex(random))).size).toBe(references.length);
  for (const { random } of drawn) {
    expect(random).toHaveLength(16);
    expect(bytesWithin(browser.rows, random)).toBe(false);
  }
  const tooMany = [...references, DESK_KEYS.own];
  expect(codeOf(await tab.call('drawKeyRequests', { provider: kid, references: tooMany }))).toBe('request/malformed');
  expect(codeOf(await tab.call('drawKeyRequests', { provider: kid, references: ['No Name'] }))).toBe('keys/malformed');
  expect(codeOf(await tab.call('drawKeyRequests', { provider: kid, references: [] }))).toBe('request/malformed');
});

test('CARD-3: a lock that is set, used and removed leaves the keys as they were, and shows none while it is closed', async () => {
  const { provider, browser, tab } = await agreed();
  const before = await setOf(tab);
  const row = structuredClone(browser.rows.meta.keys);
  expectValue(await tab.call('setLock', { factor: 'passphrase' }));
  expectValue(await tab.call('lock', {}));
  expect(codeOf(await tab.call('keys', {}))).toBe('module/locked');
  expectValue(await tab.call('unlock', {}));
  expect(await setOf(tab)).toEqual(before);
  expect(browser.rows.meta.keys).toEqual(row);
  await download(provider, tab, DESK_KEYS.own);
  expect((await setOf(tab)).slots).toHaveLength(before.slots.length + 1);
});
