// Hints between tabs: what is a hint comes through as one, made anew; anything else on the channel is ignored.

import { afterEach, describe, expect, test } from 'vitest';
import { decodeSessionId } from '../../protocol/ids.ts';
import { decodeHint, type Hint, openBroadcastHints } from './hints.ts';
import { makeSealingKey } from './testing/make-sealing-key.ts';

const DIGITS = '0123456789abcdef0123456789abcdef';
const session = decodeSessionId(DIGITS);

async function allHints(): Promise<readonly Hint[]> {
  const [recordKey, wrappingKey, checkpointKey] = await Promise.all([
    makeSealingKey(),
    makeSealingKey(),
    makeSealingKey(),
  ]);
  return [
    { kind: 'session-ended', session },
    { kind: 'changed', what: 'status' },
    { kind: 'changed', what: 'receipts' },
    { kind: 'changed', what: 'operations' },
    { kind: 'replaced' },
    { kind: 'used' },
    { kind: 'lock' },
    { kind: 'keys-wanted', asker: DIGITS },
    { kind: 'keys', asker: DIGITS, keys: { recordKey, wrappingKey, checkpointKey } },
  ];
}

const channels: BroadcastChannel[] = [];
afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
});

describe('BT-7: hints between tabs', () => {
  test('each kind is read as what it is, and nothing more comes with it', async () => {
    for (const hint of await allHints()) {
      expect(decodeHint(hint)).toEqual(hint);
      expect(decodeHint({ ...hint, more: 'than there is' })).toEqual(hint);
    }
  });

  test('what is no hint is ignored: of an older build, of the wrong shape, with keys that are none', async () => {
    const [recordKey, other] = await Promise.all([makeSealingKey(), makeSealingKey()]);
    const keys = { recordKey, wrappingKey: other, checkpointKey: other };
    const extractable = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
    const short = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt', 'decrypt']);
    const oneWay = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']);
    const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const refused: readonly unknown[] = [
      ...[null, undefined, 7, DIGITS, [], {}, { kind: 'unlock' }, { kind: null }],
      ...[{ kind: 'session-ended' }, { kind: 'session-ended', session: 'abc' }, { kind: 'session-ended', session: 1 }],
      ...[{ kind: 'changed' }, { kind: 'changed', what: 'everything' }, { kind: 'keys-wanted' }],
      ...[
        { kind: 'keys-wanted', asker: DIGITS.toUpperCase() },
        { kind: 'keys', asker: DIGITS },
        { kind: 'keys', keys },
      ],
      ...[null, new Uint8Array(32), extractable, short, oneWay, hmac].map((wrong) => ({
        ...{ kind: 'keys', asker: DIGITS },
        keys: { ...keys, wrappingKey: wrong },
      })),
    ];
    for (const message of refused) expect(decodeHint(message)).toBeNull();
    expect(decodeHint({ kind: 'keys', asker: DIGITS, keys })).not.toBeNull();
  });

  test('reach the other tabs of the origin, and strange messages reach nobody', async () => {
    const heard: Hint[] = [];
    const first = openBroadcastHints();
    const second = openBroadcastHints();
    const done = Promise.withResolvers<void>();
    second.onHint((hint) => {
      heard.push(hint);
      if (hint.kind === 'lock') done.resolve();
    });
    const stranger = new BroadcastChannel('farebox-module');
    channels.push(stranger);
    stranger.postMessage(DIGITS);
    first.announce({ kind: 'session-ended', session });
    first.announce({ kind: 'lock' });
    await done.promise;
    expect(heard).toEqual([{ kind: 'session-ended', session }, { kind: 'lock' }]);
    first.close();
    second.close();
  });
});
