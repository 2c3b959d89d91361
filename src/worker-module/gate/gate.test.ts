// The gate from the page's side: everything that is not a call of a listed command is dropped without an answer and without an effect.

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../protocol/testing/runs.ts';
import { COMMAND_NAMES } from '../commands.ts';
import { COMMAND_DEADLINES_MS, MODULE_LIMITS } from '../limits.ts';
import { codeOf, expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession, enrol } from '../testing/steps.ts';
import { admitCall } from './admit-call.ts';
import { assertPlain } from './plain.ts';

const call = { id: '1', type: 'APPLY', path: ['status'], argumentList: [{ type: 'RAW', value: {} }] };

describe('admitting a call', () => {
  test('the shape that Comlink sends for a listed command is admitted', () => {
    for (const name of COMMAND_NAMES) {
      expect(admitCall({ ...call, path: [name] })).toEqual({ id: '1', name, argument: {} });
    }
  });

  test.each([
    ['another message type', { ...call, type: 'GET' }],
    ['no type', { ...call, type: undefined }],
    ['an id that is no text', { ...call, id: 1 }],
    ['an empty id', { ...call, id: '' }],
    ['an id that is too long', { ...call, id: 'x'.repeat(81) }],
    ['a name that is not listed', { ...call, path: ['toString'] }],
    ['a name of the prototype', { ...call, path: ['__proto__'] }],
    ['an empty path', { ...call, path: [] }],
    ['a longer path', { ...call, path: ['status', 'constructor'] }],
    ['a path that is no array', { ...call, path: { 0: 'status', length: 1 } }],
    ['a name in an array', { ...call, path: [['status']] }],
    ['no argument', { ...call, argumentList: [] }],
    ['two arguments', { ...call, argumentList: [...call.argumentList, ...call.argumentList] }],
    ['a handler instead of a value', { ...call, argumentList: [{ type: 'HANDLER', name: 'proxy', value: {} }] }],
    ['an argument with a further member', { ...call, argumentList: [{ type: 'RAW', value: {}, name: 'proxy' }] }],
    ['an argument that is text', { ...call, argumentList: [{ type: 'RAW', value: 'status' }] }],
    ['an argument that is null', { ...call, argumentList: [{ type: 'RAW', value: null }] }],
    ['an argument that is an array', { ...call, argumentList: [{ type: 'RAW', value: [] }] }],
    ['an argument that is a map', { ...call, argumentList: [{ type: 'RAW', value: new Map() }] }],
    ['an argument that is bytes', { ...call, argumentList: [{ type: 'RAW', value: new Uint8Array(1) }] }],
    ['a further member', { ...call, value: {} }],
    ['a message that is an array', [call]],
    ['a message that is text', 'status'],
    ['a message that is null', null],
  ])('%s is refused', (_what, message) => {
    expect(admitCall(message)).toBeNull();
  });

  test('an accessor is never run', () => {
    let runs = 0;
    const message = Object.defineProperty({ ...call }, 'path', {
      enumerable: true,
      get: () => {
        runs += 1;
        return ['status'];
      },
    });
    expect(admitCall(message)).toBeNull();
    expect(runs).toBe(0);
  });
});

describe('outward values', () => {
  test.each([
    ['a function', () => 0],
    ['a buffer', new ArrayBuffer(1)],
    ['a map', new Map()],
    ['an object of a class', new (class Secret {})()],
    ['a bigint', 1n],
    ['undefined', undefined],
    ['nesting without end', [[[[[[[[0]]]]]]]]],
  ])('%s is stopped', (_what, value) => {
    expect(() => assertPlain({ value })).toThrow('module/internal');
  });
});

const hostileName = fc.oneof(
  fc.constantFrom('constructor', '__proto__', 'prototype', 'toString', 'then', 'committer', 'store', ''),
  fc.constantFrom(...COMMAND_NAMES),
  fc.string(),
);
const hostileValue = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  fc.constant({ __proto__: null }),
  fc.constant(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')),
);
const hostileMessage = fc
  .record({
    id: fc.oneof(fc.uuid(), hostileValue),
    type: fc.constantFrom('GET', 'SET', 'APPLY', 'CONSTRUCT', 'ENDPOINT', 'RELEASE', 'apply', ''),
    path: fc.oneof(fc.array(hostileName, { maxLength: 4 }), hostileValue),
    value: hostileValue,
    argumentList: fc.oneof(
      fc.array(
        fc.record({
          type: fc.constantFrom('RAW', 'HANDLER', 'PROXY', 'THROW'),
          name: hostileName,
          value: hostileValue,
        }),
      ),
      hostileValue,
    ),
  })
  .filter((message) => admitCall(message) === null);

test('CARD-3: of 2000 hostile messages none is answered, none changes the record, and every one is counted', async () => {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  await beginSession(provider, tab);
  const before = expectValue(await tab.call('status', {}));
  const answers = tab.outward.length;
  let posted = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        hostileMessage,
        hostileValue.filter((value) => admitCall(value) === null),
      ),
      async (message) => {
        try {
          tab.post(message);
          posted += 1;
        } catch (error) {
          // What cannot be cloned cannot be posted by a page either.
          if (!(error instanceof DOMException)) throw error;
        }
        await Promise.resolve();
        expect(tab.outward).toHaveLength(answers);
      },
    ),
    { numRuns: runs(2_000) },
  );
  const after = expectValue(await tab.call('status', {}));
  expect(after).toEqual({ ...before, droppedCalls: before.droppedCalls + posted });
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(posted).toBeGreaterThan(1_000);
});

test('an admitted call with an argument that its command does not know is refused by code and changes nothing', async () => {
  const provider = await makeProviderSide();
  const tab = await openTab(makeTestBrowser(), provider.agencyKey);
  await enrol(provider, tab);
  const before = expectValue(await tab.call('status', {}));
  for (const name of COMMAND_NAMES) {
    const message = { ...call, id: `odd ${name}`, path: [name], argumentList: [{ type: 'RAW', value: { odd: 1 } }] };
    tab.post(message);
  }
  expect(expectValue(await tab.call('status', {}))).toEqual(before);
  const odd = tab.outward.filter((answer) => JSON.stringify(answer).includes('"odd '));
  expect(odd).toHaveLength(COMMAND_NAMES.length);
  for (const answer of odd)
    expect(answer).toMatchObject({ value: { ok: false, error: { code: 'request/malformed' } } });
});

test('CARD-3: a locked module refuses every command but status, unlock and startAnew, before it looks at the argument', async () => {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  await beginSession(provider, tab);
  expectValue(await tab.call('setLock', { factor: 'passkey' }));
  expectValue(await tab.call('lock', {}));
  const before = structuredClone(browser.rows);
  const open = ['status', 'unlock', 'startAnew'];
  for (const name of COMMAND_NAMES.filter((listed) => !open.includes(listed))) {
    for (const value of [{}, { odd: 1 }]) {
      const posted = tab.outward.length;
      tab.post({ ...call, id: `${name} ${posted}`, path: [name], argumentList: [{ type: 'RAW', value }] });
      while (tab.outward.length === posted) await Promise.resolve();
      expect(tab.outward.at(-1), name).toMatchObject({ value: { ok: false, error: { code: 'module/locked' } } });
    }
  }
  expect(browser.rows).toEqual(before);
});

test('every command has a deadline, and one that may ask a person leaves more time than a question stands', () => {
  const asking = COMMAND_NAMES.filter((name) => COMMAND_DEADLINES_MS[name] > MODULE_LIMITS.questionMs);
  expect(Object.keys(COMMAND_DEADLINES_MS).sort()).toEqual([...COMMAND_NAMES].sort());
  for (const name of ['unlock', 'setLock', 'setIdleLock', 'setAllowance', 'makeBackup', 'verifyBackup'] as const)
    expect(asking).toContain(name);
  for (const name of ['choosePin', 'signInWithPin', 'giveCard', 'renewKeys'] as const) expect(asking).toContain(name);
  for (const name of ['recoveryLocator', 'restore', 'startAnew', 'beginEpoch', 'openSession'] as const)
    expect(asking).toContain(name);
});

test('calls beyond the bound are refused with a code, and the ones before are answered', async () => {
  const provider = await makeProviderSide();
  const tab = await openTab(makeTestBrowser(), provider.agencyKey);
  const results = await Promise.all(Array.from({ length: 70 }, () => tab.call('status', {})));
  expect(results.filter((result) => result.ok)).toHaveLength(64);
  expect(results.filter((result) => codeOf(result) === 'module/refused')).toHaveLength(6);
});

test('a command that does not end in time is answered with module/deadline', async () => {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const gate = Promise.withResolvers<void>();
  const held = browser.locks.withLock('farebox-record', () => gate.promise);
  const answer = tab.call('enrolmentRequest', {});
  // Its keys are being made by WebCrypto; the deadline stands from the moment of the call.
  browser.clock.advance(15_000);
  expect(codeOf(await answer)).toBe('module/deadline');
  gate.resolve();
  await held;
});
