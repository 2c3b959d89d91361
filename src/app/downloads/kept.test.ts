// What the first script knows of kept programmes: their ids over reloads, the catalogue with no line, and nothing loaded where nothing is kept.

import { describe, expect, test } from 'vitest';
import { createProvider } from '../../host/provider.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeContentHash, decodeProgrammeId } from '../../protocol/ids.ts';
import { makeKept } from './kept.ts';

const ID = '11'.repeat(16);
const POSTER = decodeContentHash('ab'.repeat(32));
const ENTRY = {
  ...{ id: decodeProgrammeId(ID), title: 'Harbour', durationMs: 60_000, frameCount: 30, currency: 'EUR' },
  ...{ priceMinor: 20, frameDurationMs: 2_000, poster: POSTER, rungs: ['360p'], modes: [], live: null, offlineMs: 7 },
};
const { signal } = new AbortController();

function world(noted: string | null, kept = [ENTRY]) {
  const notes = new Map(noted === null ? [] : [['kept', noted]]);
  const provider = createProvider('http://provider.example');
  let online = true;
  let loads = 0;
  const opened: ((ids: readonly string[]) => void)[] = [];
  const made = makeKept(
    {
      ...provider,
      async catalogue() {
        if (!online) throw new FareboxError('network/offline');
        return [ENTRY, { ...ENTRY, title: 'Another' }];
      },
    },
    { read: (name) => notes.get(name) ?? null, write: (name, text) => void notes.set(name, text) },
    async (noteKept) => {
      opened.push(noteKept);
      throw new FareboxError('module/refused');
    },
    {
      shelf: () => Promise.reject(new Error('not asked for')),
      async catalogue(posters) {
        loads += 1;
        posters.set(POSTER, 'blob:poster');
        return kept;
      },
    },
  );
  const setOnline = (is: boolean): void => {
    online = is;
  };
  return { ...made, notes, opened, loads: () => loads, setOnline };
}

describe('with nothing kept', () => {
  test('a catalogue that cannot be had is said to be so, and nothing is loaded', async () => {
    const { provider, kept, setOnline, loads } = world(null);
    setOnline(false);
    await expect(provider.catalogue(signal)).rejects.toThrow('network/offline');
    expect([kept.ids.getSnapshot(), kept.isAll.getSnapshot(), loads()]).toEqual([[], false, 0]);
  });
});

describe('with something kept', () => {
  test('the provider’s catalogue comes first, what is kept stands in for it, and the provider’s takes over again', async () => {
    const { provider, kept, setOnline } = world(ID);
    expect(await provider.catalogue(signal)).toHaveLength(2);
    expect(kept.isAll.getSnapshot()).toBe(false);
    expect(provider.contentUrl(POSTER)).toBe(`http://provider.example/content/${POSTER}`);
    setOnline(false);
    expect(await provider.catalogue(signal)).toEqual([ENTRY]);
    expect(kept.isAll.getSnapshot()).toBe(true);
    expect(provider.contentUrl(POSTER)).toBe('blob:poster');
    setOnline(true);
    await provider.catalogue(signal);
    expect(kept.isAll.getSnapshot()).toBe(false);
  });

  test('a shelf of which nothing can be shown leaves the error as it was', async () => {
    const { provider, kept, setOnline } = world(ID, []);
    setOnline(false);
    await expect(provider.catalogue(signal)).rejects.toThrow('network/offline');
    expect(kept.isAll.getSnapshot()).toBe(false);
  });

  test('ids are noted when they change, and read again after a reload', async () => {
    const { kept, notes, opened } = world(ID);
    expect(kept.ids.getSnapshot()).toEqual([ID]);
    await expect(kept.downloads()).rejects.toThrow('module/refused');
    opened[0]?.([ID, '22'.repeat(16)]);
    expect(kept.ids.getSnapshot()).toHaveLength(2);
    expect(world(notes.get('kept') ?? null).kept.ids.getSnapshot()).toEqual([ID, '22'.repeat(16)]);
    opened[0]?.([]);
    expect([notes.get('kept'), kept.ids.getSnapshot()]).toEqual(['', []]);
  });
});
