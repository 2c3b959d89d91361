// Agreements at the key unit over HTTP: MC-1, MC-2, MC-6. What is retired, and when, is in retire.test.ts.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url, toHex } from '../../src/protocol/bytes.ts';
import { SELECTION_RULES } from '../../src/protocol/derived-keys/rules.ts';
import { makeEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { hashObject } from '../../src/protocol/ids.ts';
import { clientBlocks, wrongPins } from '../db/key-schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import {
  acceptanceOf,
  agreeAsModule,
  askAgreement,
  makeTestSet,
  receiveAgreement,
  receiveKeys,
  sendAcceptance,
  TEST_POLICY,
} from '../testing/agreed.ts';
import { beginEpoch, enrol, enrolTestModule, makeContact, prepareEpoch, type TestModule } from '../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { findBlock, noteCount, openBlockKeys } from './agreements.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';
import { openKeyWrap } from './wrap.ts';

describe('agreements', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  let module: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
    await makeTestSet(keys, 'north');
  });
  beforeEach(async () => {
    module = await enrolTestModule(at);
    await keys.addUnits('north', [module.id]);
  });
  afterAll(() => at.close());

  const blockOf = async (of = module) => {
    const block = await findBlock(at.provider.database.queries, of.id);
    if (block === null) throw new Error('no block');
    return block;
  };

  it('MC-2: a module agrees on rule, master key, series and what a PIN chooses, and is in force once it has accepted', async () => {
    const { agreement, keys: named } = await receiveAgreement(at, module);
    expect(agreement).toMatchObject({
      ...{ number: 1, rule: 'client', master: { reference: 'master', version: 1 } },
      series: [
        { slot: { reference: 'wallet', version: 1 }, retired: [], pin: true },
        { slot: { reference: 'watch', version: 1 }, retired: [], pin: false },
      ],
    });
    expect(named).toEqual([
      { reference: 'master', version: 1, pin: false },
      { reference: 'wallet', version: 1, pin: true },
      { reference: 'watch', version: 1, pin: false },
    ]);
    expect(await blockOf()).toMatchObject({ number: 1, isWanted: true, inForce: false, acceptedCertificate: null });
    const answer = await sendAcceptance(at, module, await acceptanceOf(at, module, agreement));
    expect([answer.status, await answer.json()]).toEqual([200, { number: 1 }]);
    expect(await blockOf()).toMatchObject({
      ...{ number: 1, epoch: 1, isWanted: true, inForce: true, count: 0 },
      acceptedCertificate: hashObject(module.certificate),
    });
  });

  it('MC-1: the client information block has the keys that the module downloads, and none of another module', async () => {
    await agreeAsModule(at, module);
    const own = await receiveKeys(at, module, ['master', 'watch', 'wallet']);
    const wrap = await openKeyWrap(at.provider);
    const opened = await openBlockKeys(wrap, await blockOf());
    expect(opened.master).toEqual(own.get('master')?.applicationKey);
    for (const reference of ['watch', 'wallet'])
      expect(opened.series.get(reference)).toEqual(own.get(reference)?.applicationKey);
    const other = await enrolTestModule(at);
    await keys.addUnits('north', [other.id]);
    await agreeAsModule(at, other);
    const others = await openBlockKeys(wrap, await blockOf(other));
    expect(others.master).not.toEqual(opened.master);
    opened.clear();
    expect([opened.master, ...opened.series.values()]).toEqual([0, 1, 2].map(() => new Uint8Array(32)));
  });

  it('MC-1: the keys of a block open nowhere but in their own place', async () => {
    await agreeAsModule(at, module);
    const wrap = await openKeyWrap(at.provider);
    const block = await blockOf();
    const other = await enrolTestModule(at);
    for (const altered of [
      { ...block, number: block.number + 1 },
      { ...block, module: other.id },
      { ...block, set: 'a'.repeat(32) },
    ])
      await expect(openBlockKeys(wrap, altered)).rejects.toThrow('server/internal');
  });

  it('MC-1: neither the answers nor the row have a key in the clear', async () => {
    const received = await (await askAgreement(at, module)).text();
    const own = await receiveKeys(at, module, ['master', 'watch', 'wallet']);
    const rows = await at.provider.database.queries.select().from(clientBlocks);
    const row = rows.find(({ moduleId }) => moduleId === module.id);
    const listed = JSON.stringify(await keys.agreements('north'));
    const told = [received, listed, JSON.stringify(row), toHex(row?.wrappedKeys ?? new Uint8Array())].join();
    for (const { applicationKey } of own.values())
      for (const form of [toHex(applicationKey), toBase64Url(applicationKey).slice(0, 40)])
        expect(told).not.toContain(form);
    expect(told).toContain(toBase64Url(row?.agreement ?? new Uint8Array()));
  });

  it('MC-2: asked again, gives the same bytes, accepted or not, and the same number', async () => {
    const first = await receiveAgreement(at, module);
    expect((await receiveAgreement(at, module)).bytes).toEqual(first.bytes);
    await agreeAsModule(at, module);
    expect((await receiveAgreement(at, module)).bytes).toEqual(first.bytes);
    expect((await blockOf()).inForce).toBe(true);
  });

  it('MC-2: many agreements of one module asked for at once are one', async () => {
    const bodies = [];
    for (let asked = 0; asked < 6; asked += 1) bodies.push(await makeContact(at, module));
    const answers = await Promise.all(bodies.map((body) => at.post('/keys/agreement', body)));
    const given = await Promise.all(answers.map((answer) => answer.json()));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    expect(new Set(given.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect((await blockOf()).number).toBe(1);
  });

  it('MC-2: the same request has the same answer, and a contact is spent once', async () => {
    const body = await makeContact(at, module);
    const first = await (await at.post('/keys/agreement', body, 'again')).text();
    expect(await (await at.post('/keys/agreement', body, 'again')).text()).toBe(first);
    expect(await codeOfResponse(await at.post('/keys/agreement', body))).toBe('challenge/replayed');
    const { agreement } = await receiveAgreement(at, module);
    const accepting = { ...(await makeContact(at, module)), acceptance: await acceptanceOf(at, module, agreement) };
    expect((await at.post('/keys/acceptance', accepting)).status).toBe(200);
    expect(await codeOfResponse(await at.post('/keys/acceptance', accepting))).toBe('challenge/replayed');
  });

  it.each(SELECTION_RULES)(
    'MC-2: the rule %s is what the module then agrees on, its own before its set’s',
    async (rule) => {
      await keys.setRule('north', rule, module.id);
      expect((await agreeAsModule(at, module)).agreement.rule).toBe(rule);
      expect((await blockOf()).rule).toBe(rule);
      await keys.setRule('north', null, module.id);
      expect((await agreeAsModule(at, module)).agreement.rule).toBe('client');
    },
  );

  describe('an acceptance', () => {
    it('MC-2: is refused before there is an agreement', async () => {
      const other = await enrolTestModule(at);
      await keys.addUnits('north', [other.id]);
      const { agreement } = await receiveAgreement(at, module);
      const acceptance = await acceptanceOf(at, other, agreement);
      expect(await codeOfResponse(await sendAcceptance(at, other, acceptance))).toBe('keys/retired');
    });

    it('MC-2: is refused for another module’s agreement', async () => {
      const other = await enrolTestModule(at);
      await keys.addUnits('north', [other.id]);
      const { agreement } = await receiveAgreement(at, other);
      await receiveAgreement(at, module);
      const acceptance = await acceptanceOf(at, module, agreement);
      expect(await codeOfResponse(await sendAcceptance(at, module, acceptance))).toBe('keys/retired');
      expect((await blockOf()).inForce).toBe(false);
    });

    it('MC-2: is refused where another module signed it', async () => {
      const other = await enrolTestModule(at);
      const { agreement } = await receiveAgreement(at, module);
      const acceptance = await acceptanceOf(at, other, agreement);
      expect(await codeOfResponse(await sendAcceptance(at, module, acceptance))).toBe('keys/malformed');
      expect((await blockOf()).inForce).toBe(false);
    });

    it('MC-2: is refused with any byte changed, for another provider, and where it is none', async () => {
      const { agreement } = await receiveAgreement(at, module);
      const bytes = fromBase64Url(await acceptanceOf(at, module, agreement));
      for (const place of [0, 12, bytes.length - 70, bytes.length - 1]) {
        const altered = Uint8Array.from(bytes);
        altered[place] = (altered[place] ?? 0) ^ 1;
        const refused = await sendAcceptance(at, module, toBase64Url(altered));
        expect(await codeOfResponse(refused)).toBe('keys/malformed');
      }
      const elsewhere = {
        ...at,
        provider: { ...at.provider, certificate: { ...at.provider.certificate, subject: 'f'.repeat(32) } },
      };
      const misdirected = await acceptanceOf(elsewhere, module, agreement);
      expect(await codeOfResponse(await sendAcceptance(at, module, misdirected))).toBe('keys/malformed');
      expect(await codeOfResponse(await sendAcceptance(at, module, 'AAAA'))).toBe('keys/malformed');
      expect((await blockOf()).inForce).toBe(false);
    });

    it('MC-2, MC-6: is refused for an older number, before and after the next one is accepted', async () => {
      const first = await receiveAgreement(at, module);
      await keys.setRule('north', 'date', module.id);
      const late = await acceptanceOf(at, module, first.agreement);
      expect(await codeOfResponse(await sendAcceptance(at, module, late))).toBe('keys/retired');
      const { agreement } = await agreeAsModule(at, module);
      expect(agreement.number).toBe(2);
      expect(await codeOfResponse(await sendAcceptance(at, module, late))).toBe('keys/retired');
      expect(await blockOf()).toMatchObject({ number: 2, inForce: true });
    });

    it('MC-2: taken again, is under the certificate that signed it last, and keeps its count', async () => {
      await keys.setRule('north', 'counter', module.id);
      const { agreement } = await agreeAsModule(at, module);
      await at.provider.database.transaction((tx) => noteCount(tx, module.id, 5));
      const before = hashObject(module.certificate);
      // Half its life later a certificate is renewed.
      at.clock.now += SERVER_LIMITS.moduleCertificateLifeMs / 2;
      const { signer, sealing, device, epoch } = module;
      const request = { signer, sealingKey: sealing.publicKey, nonce: new Uint8Array(16), device, epoch };
      module.enrolmentRequest = await makeEnrolmentRequest({ ...request, issuedAt: at.clock.now });
      await enrol(at, module);
      expect(hashObject(module.certificate)).not.toBe(before);
      expect((await blockOf()).acceptedCertificate).toBe(before);
      await sendAcceptance(at, module, await acceptanceOf(at, module, agreement));
      expect(await blockOf()).toMatchObject({
        ...{ number: 1, count: 5, acceptedCertificate: hashObject(module.certificate) },
      });
    });
  });

  it('MC-2: counts go up only, and begin again under the next number', async () => {
    await keys.setRule('north', 'counter', module.id);
    await agreeAsModule(at, module);
    const { transaction } = at.provider.database;
    for (const count of [3, 7, 2]) await transaction((tx) => noteCount(tx, module.id, count));
    expect((await blockOf()).count).toBe(7);
    await keys.retire('north', 'watch', null, { index: 1, unit: module.id });
    await agreeAsModule(at, module);
    expect(await blockOf()).toMatchObject({ number: 2, count: 0 });
  });

  it('MC-6: a new epoch of the module ends its agreement, and the next number is of the new one', async () => {
    await agreeAsModule(at, module);
    await beginEpoch(at, module);
    expect(await blockOf()).toMatchObject({ number: 1, epoch: 1, isWanted: false, inForce: false });
    const { agreement } = await agreeAsModule(at, module);
    expect(agreement.number).toBe(2);
    expect(await blockOf()).toMatchObject({ number: 2, epoch: 2, inForce: true });
  });

  it('MC-6: an acceptance of an agreement of the epoch before is refused', async () => {
    const { agreement } = await receiveAgreement(at, module);
    await beginEpoch(at, module);
    const acceptance = await acceptanceOf(at, module, agreement);
    expect(await codeOfResponse(await sendAcceptance(at, module, acceptance))).toBe('keys/retired');
  });

  it('MC-6: a copy that was superseded agrees on nothing', async () => {
    const copy = { ...module };
    await prepareEpoch(module, 2, at.clock.now);
    await enrol(at, module);
    expect(await codeOfResponse(await askAgreement(at, copy))).toBe('module/superseded');
  });

  it('MC-2: a change that changes nothing for a module leaves its agreement in force', async () => {
    await agreeAsModule(at, module);
    await keys.addApp('north', { reference: 'spare', kind: 'key', count: 0 });
    await keys.setPolicy('north', TEST_POLICY);
    expect((await blockOf()).inForce).toBe(true);
    expect((await receiveAgreement(at, module)).agreement.number).toBe(1);
  });

  it('MC-2: lists number, rule, acceptance, force, count and wrong PINs of the last day', async () => {
    await keys.setRule('north', 'counter', module.id);
    await agreeAsModule(at, module);
    await at.provider.database.transaction((tx) => noteCount(tx, module.id, 4));
    const triedTimes = [at.clock.now - 86_400_001, at.clock.now - 5, at.clock.now];
    const tries = triedTimes.map((triedTime) => ({ moduleId: module.id, triedTime }));
    await at.provider.database.queries.insert(wrongPins).values(tries);
    const listed = async () => (await keys.agreements(null)).find((line) => line.module === module.id);
    const line = { set: 'north', module: module.id, number: 1, rule: 'counter', acceptedTime: at.clock.now };
    expect(await listed()).toEqual({ ...line, inForce: true, count: 4, wrongPins: 2 });
    await keys.setRule('north', null, module.id);
    expect(await listed()).toEqual({ ...line, inForce: false, count: 4, wrongPins: 2 });
    await expect(keys.agreements('west')).rejects.toThrow('keys/unknown-set');
  });

  it('MC-2: gives no agreement to a module of no set, of a set without a policy, and of a set that is retired', async () => {
    const stranger = await enrolTestModule(at);
    expect(await codeOfResponse(await askAgreement(at, stranger))).toBe('keys/unknown-unit');
    await keys.addSet('bare');
    await keys.addUnits('bare', [stranger.id]);
    expect(await codeOfResponse(await askAgreement(at, stranger))).toBe('keys/no-such-key');
    await keys.retire('bare', null, null);
    expect(await codeOfResponse(await askAgreement(at, stranger))).toBe('keys/retired');
  });

  it('the answer names the provider’s certificate', async () => {
    const answer: unknown = await (await askAgreement(at, module)).json();
    expect(z.looseObject({ providerCertificate: z.string() }).parse(answer).providerCertificate).toBe(
      toBase64Url(at.provider.certificateBytes),
    );
  });
});

describe('policies', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
    await makeTestSet(keys, 'north');
    await keys.addApp('north', { reference: 'plain', kind: 'key', count: 0 });
    await keys.addApp('north', { reference: 'over', kind: 'series', count: 4 });
    await keys.retire('north', 'over', null);
  });
  afterAll(() => at.close());

  const series = (...references: readonly string[]) => references.map((reference) => ({ reference, pin: false }));

  it('MC-2: a set shows its policy, series by reference', async () => {
    const [set] = await keys.sets();
    expect(set?.policy).toEqual({ ...TEST_POLICY, series: [...TEST_POLICY.series].reverse() });
    expect(set?.openSize).toBe(null);
  });

  it.each([
    ['a master key that there is not', { master: 'none' }, 'keys/no-such-key'],
    ['a master key that is a series', { master: 'watch' }, 'keys/no-such-key'],
    ['a series that there is not', { series: series('none') }, 'keys/no-such-key'],
    ['a series that is a key', { series: series('plain') }, 'keys/no-such-key'],
    ['a series that is retired', { series: series('watch', 'over') }, 'keys/no-such-key'],
    ['no series', { series: [] }, 'keys/malformed'],
    ['a series twice', { series: series('watch', 'watch') }, 'keys/malformed'],
  ])('MC-2: refuse %s, and stay as they were', async (_, change, code) => {
    const before = (await keys.sets())[0]?.policy;
    await expect(keys.setPolicy('north', { ...TEST_POLICY, ...change })).rejects.toThrow(code);
    expect((await keys.sets())[0]?.policy).toEqual(before);
  });

  it('MC-2: refuse a set that there is not, one that is retired, a unit of no set or another, and a rule before a policy', async () => {
    await keys.addSet('bare');
    await keys.addUnits('bare', ['1'.repeat(32)]);
    await expect(keys.setPolicy('west', TEST_POLICY)).rejects.toThrow('keys/unknown-set');
    await expect(keys.setRule('west', 'date', null)).rejects.toThrow('keys/unknown-set');
    await expect(keys.setRule('bare', 'date', null)).rejects.toThrow('keys/no-such-key');
    await expect(keys.setRule('north', null, null)).rejects.toThrow('keys/malformed');
    await expect(keys.setRule('north', 'date', '2'.repeat(32))).rejects.toThrow('keys/unknown-unit');
    await expect(keys.setRule('north', 'date', '1'.repeat(32))).rejects.toThrow('keys/other-unit');
    await keys.retire('bare', null, null);
    await expect(keys.setPolicy('bare', TEST_POLICY)).rejects.toThrow('keys/retired');
  });
});
