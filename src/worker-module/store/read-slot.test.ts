// Reading a checkpoint slot while another tab writes it. The private file system itself is the browser's, and is tried in e2e/; here a folder
// refuses to be read as it does then.

import { expect, test } from 'vitest';
import { readSlot } from './read-slot.ts';

const CONTENT = Uint8Array.of(1, 2, 3);

/** A folder whose one file holds CONTENT and is refused so many times before it is given. */
function folderThatRefuses(times: number, name: string) {
  const refused = { times: 0 };
  const getFile = async () => {
    if (refused.times < times) {
      refused.times += 1;
      throw new DOMException('refused', name);
    }
    return new Blob([CONTENT]);
  };
  return { refused, folder: { getFileHandle: async () => ({ getFile }) } };
}

test.each(['NotReadableError', 'NotFoundError'])(
  'BT-7: a checkpoint slot that is written while it is read (%s) is read again',
  async (name) => {
    expect(await readSlot(folderThatRefuses(4, name).folder, 'slot')).toEqual(CONTENT);
  },
);

test('BT-7: a checkpoint slot that cannot be read again and again is refused with a code, not taken for an empty one', async () => {
  const { folder, refused } = folderThatRefuses(Number.POSITIVE_INFINITY, 'NotReadableError');
  await expect(readSlot(folder, 'slot')).rejects.toMatchObject({ code: 'store/refused' });
  expect(refused.times).toBe(5);
});

test('BT-7: a checkpoint slot that is refused for another reason is not read again', async () => {
  const { folder, refused } = folderThatRefuses(1, 'NotAllowedError');
  await expect(readSlot(folder, 'slot')).rejects.toMatchObject({ code: 'store/refused' });
  expect(refused.times).toBe(1);
});
