// What is opened of keys is overwritten when its command is done, whether it was taken or refused: every call of the functions that give a key
// in the clear is watched, with what it gave. Nothing is replaced.

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { importKey } from '../../protocol/key-unit/export-key.ts';
import { openTransportKey } from '../../protocol/key-unit/transport-key.ts';
import { codeOf, expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { DESK_KEYS } from '../testing/key-desk.ts';
import { accept, download, joinSet, order } from '../testing/key-steps.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import type { Keyring } from './keyring.ts';
import { decodeKeyring, encodeKeyring } from './keyring-codec.ts';

vi.mock('../../protocol/key-unit/export-key.ts', { spy: true });
vi.mock('../../protocol/key-unit/transport-key.ts', { spy: true });
vi.mock('./keyring-codec.ts', { spy: true });

const WATCHED = [importKey, openTransportKey, decodeKeyring, encodeKeyring];

beforeEach(() => {
  for (const watched of WATCHED) vi.mocked(watched).mockClear();
});

async function begin() {
  const provider = await makeProviderSide();
  const tab = await openTab(makeTestBrowser(), provider.agencyKey);
  await joinSet(provider, tab);
  return { provider, tab };
}

const keysOf = ({ pinSecret, holders }: Keyring): readonly Uint8Array[] => [
  pinSecret,
  ...holders.flatMap(({ transport, slots }) => [
    transport.transportKey,
    ...slots.map(({ applicationKey }) => applicationKey),
  ]),
];

/** Everything that the watched functions gave or were given in the clear, as it is by now. */
async function clearBytes(): Promise<readonly Uint8Array[]> {
  const transports = await Promise.all(vi.mocked(openTransportKey).mock.results.map(({ value }) => value));
  const gave = <T>(results: readonly { readonly type: string; readonly value: T }[]) =>
    results.filter(({ type }) => type === 'return').map(({ value }) => value);
  return [
    ...transports.map(({ transportKey }) => transportKey),
    ...gave(vi.mocked(importKey).mock.results).map(({ applicationKey }) => applicationKey),
    ...gave(vi.mocked(decodeKeyring).mock.results).flatMap(keysOf),
    ...vi.mocked(encodeKeyring).mock.calls.flatMap(([keyring]) => keysOf(keyring)),
    ...gave(vi.mocked(encodeKeyring).mock.results),
  ];
}

async function expectOverwritten(least: number): Promise<void> {
  const bytes = await clearBytes();
  expect(bytes.length).toBeGreaterThanOrEqual(least);
  for (const clear of bytes) expect(clear.every((byte) => byte === 0)).toBe(true);
}

describe('SD-4: what is opened of keys is overwritten', () => {
  test('after a set was joined', async () => {
    await begin();
    // T as it was opened; secret and T as they were sealed, and the plaintext.
    await expectOverwritten(4);
  });

  test('after a key was imported, after one was refused, and after they were shown', async () => {
    const { provider, tab } = await begin();
    const command = await order(provider, tab, DESK_KEYS.own);
    for (const watched of WATCHED) vi.mocked(watched).mockClear();
    expectValue(await tab.call('importKey', command));
    await expectOverwritten(7);
    for (const watched of WATCHED) vi.mocked(watched).mockClear();
    expect(codeOf(await tab.call('importKey', command))).toBe('keys/replayed');
    expect(expectValue(await tab.call('keys', {}))).toHaveLength(1);
    await expectOverwritten(6);
  });

  test('after an agreement was accepted', async () => {
    const { provider, tab } = await begin();
    for (const reference of [DESK_KEYS.master, DESK_KEYS.open]) await download(provider, tab, reference);
    for (const watched of WATCHED) vi.mocked(watched).mockClear();
    await accept(provider, tab);
    await expectOverwritten(9);
  });
});
