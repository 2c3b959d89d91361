// What the player gets where something is kept: the shelf's before the line's, the line's for the rest, and past the shelf what was no good.

import { expect, test } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import type { ProviderPort } from '../ports.ts';
import type { KeptEntry } from './kept-entry.ts';
import { keptFirst } from './kept-first.ts';

const KEPT = '11'.repeat(16);
const HASH = 'ab'.repeat(32);
const { signal } = new AbortController();
const bytes = (text: string) => Uint8Array.from(new TextEncoder().encode(text));
const ENTRY: KeptEntry = {
  ...{ programmeId: KEPT, session: '22'.repeat(16), title: 'Harbour', keptTime: 1, untilTime: 2, catalogueEntry: '{}' },
  ...{ programme: bytes('kept'), providerCertificate: bytes('cert'), manifestHash: HASH, posterHash: HASH },
  ...{ labels: ['video/360p'], sizeBytes: 1, frameCount: 1, wish: 'keep' },
};

function world(files: ReadonlyMap<string, string>, ids: readonly string[] = [KEPT]) {
  const asked: string[] = [];
  const provider: Pick<ProviderPort, 'programme' | 'content'> = {
    async programme() {
      asked.push('programme');
      return { programme: bytes('line'), manifest: HASH, providerCertificate: bytes('cert') };
    },
    async content(hash) {
      asked.push(hash);
      throw new FareboxError('network/offline');
    },
  };
  let loads = 0;
  const kept = keptFirst(provider, {
    ids: () => ids,
    shelf: async () => {
      loads += 1;
      return {
        entry: async (id) => (id === KEPT ? ENTRY : null),
        async file(hash) {
          const text = files.get(hash);
          if (text === 'unreadable') throw new DOMException('gone', 'InvalidStateError');
          return text === undefined ? null : bytes(text).buffer;
        },
      };
    },
  });
  return { kept, asked, loads: () => loads };
}

test('a kept programme and its files need no line', async () => {
  const { kept, asked } = world(new Map([[HASH, 'sealed']]));
  expect(await kept.programme(KEPT, signal)).toMatchObject({ programme: bytes('kept'), manifest: HASH });
  expect(new Uint8Array(await kept.content(HASH, { signal }))).toEqual(bytes('sealed'));
  expect(await kept.kept.labels(KEPT)).toEqual(['video/360p']);
  expect(asked).toEqual([]);
});

test('what is not here comes over the line: another programme, a frame that is still missing, a shelf that cannot be read', async () => {
  const { kept, asked } = world(new Map([['cd'.repeat(32), 'unreadable']]));
  expect(await kept.programme('33'.repeat(16), signal)).toMatchObject({ programme: bytes('line') });
  expect(await kept.kept.labels('33'.repeat(16))).toBeNull();
  await expect(kept.content(HASH, { signal })).rejects.toThrow('network/offline');
  await expect(kept.content('cd'.repeat(32), { signal })).rejects.toThrow('network/offline');
  expect(asked).toEqual(['programme', HASH, 'cd'.repeat(32)]);
});

test('BT-4: a file that was no good is asked for over the line, past the shelf', async () => {
  const { kept, asked } = world(new Map([[HASH, 'spoiled']]));
  await expect(kept.content(HASH, { signal, fresh: true })).rejects.toThrow('network/offline');
  expect(asked).toEqual([HASH]);
});

test('where nothing is kept the shelf is not even loaded', async () => {
  const { kept, loads } = world(new Map(), []);
  await kept.programme(KEPT, signal);
  await expect(kept.content(HASH, { signal })).rejects.toThrow('network/offline');
  expect(await kept.kept.labels(KEPT)).toBeNull();
  expect(loads()).toBe(0);
});

test('who gives up while the shelf is read gets nothing', async () => {
  const { kept } = world(new Map([[HASH, 'sealed']]));
  const stop = new AbortController();
  const asking = kept.content(HASH, { signal: stop.signal });
  stop.abort(new Error('left'));
  await expect(asking).rejects.toThrow('left');
});
