// Previews: the right picture of the right sheet, few sheets at a time, and a bad one ridden over.

import { describe, expect, it } from 'vitest';
import { decodeContentHash } from '../../protocol/ids.ts';
import type { Previews } from '../../protocol/previews.ts';
import type { WorkerToFrame } from '../frame-messages.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import { PreviewShelf } from './preview-shelf.ts';

const SHEET = { hash: decodeContentHash('00'.repeat(32)), sizeBytes: 1 };
/** Four pictures a sheet, one a second. */
const PREVIEWS: Previews = {
  ...{ width: 160, height: 90, columns: 2, rows: 2, intervalMs: 1_000 },
  sheets: Array.from({ length: 6 }, () => SHEET),
};

/** A picture that knows what it is of and whether it is open. */
class TestPicture {
  readonly of: string;
  isOpen = true;
  constructor(of: string) {
    this.of = of;
  }
  close(): void {
    this.isOpen = false;
  }
}

function shelf() {
  const posted: WorkerToFrame[] = [];
  const failed: string[] = [];
  const sheets: TestPicture[] = [];
  const made = new PreviewShelf({
    previews: PREVIEWS,
    reporter: { failed: (code) => void failed.push(code) },
    post: (message) => void posted.push(message),
    onChange: () => undefined,
    decode: {
      sheet: async ([number = 0]) => {
        if (number === 99) throw new DOMException('no picture', 'InvalidStateError');
        const picture = new TestPicture(`sheet ${number}`);
        sheets.push(picture);
        return picture as unknown as ImageBitmap;
      },
      cut: async (sheet, { left, top }) => {
        const from = sheet as unknown as TestPicture;
        if (!from.isOpen) throw new DOMException('closed', 'InvalidStateError');
        return new TestPicture(`${from.of} ${left},${top}`) as unknown as ImageBitmap;
      },
    },
  });
  const drawn = () =>
    posted.flatMap((message) => (message.type === 'preview' ? [(message.picture as unknown as TestPicture).of] : []));
  return { made, posted, failed, sheets, drawn };
}

describe('the shelf of previews', () => {
  it('asks for the sheet of a place, and shows its picture there when it comes', async () => {
    const { made, posted, drawn } = shelf();
    await made.ask(5_500, 0.4);
    expect(made.wanted()).toEqual([1]);
    await made.take(1, Uint8Array.of(1));
    expect(made.wanted()).toEqual([]);
    expect(drawn()).toEqual(['sheet 1 160,0']);
    expect(posted.at(-1)).toMatchObject({ type: 'preview', at: 0.4 });
  });

  it('only moves while it is over the same picture, and goes away when none is asked for', async () => {
    const { made, posted } = shelf();
    await made.ask(0, 0.1);
    await made.take(0, Uint8Array.of(0));
    await made.ask(900, 0.2);
    expect(posted.at(-1)).toEqual({ type: 'preview-at', at: 0.2 });
    await made.ask(null, 0);
    expect(posted.at(-1)).toEqual({ type: 'preview-at', at: null });
  });

  it('shows the newest place where several were asked for while one was cut', async () => {
    const { made, drawn } = shelf();
    await made.ask(0, 0);
    await made.take(0, Uint8Array.of(0));
    await Promise.all([made.ask(1_000, 0.1), made.ask(2_000, 0.2), made.ask(3_000, 0.3)]);
    expect(drawn().at(-1)).toBe('sheet 0 160,90');
  });

  it('keeps a few sheets at most, and lets go of all at the end', async () => {
    const { made, sheets } = shelf();
    for (let sheet = 0; sheet < 6; sheet += 1) {
      await made.ask(sheet * 4_000, 0);
      await made.take(sheet, Uint8Array.of(sheet));
      expect(sheets.filter(({ isOpen }) => isOpen).length).toBeLessThanOrEqual(DISPLAY_LIMITS.sheetsKept);
    }
    made.close();
    expect(sheets.filter(({ isOpen }) => isOpen)).toEqual([]);
  });

  it('drops a sheet that nobody asked for', async () => {
    const { made, sheets } = shelf();
    await made.take(3, Uint8Array.of(3));
    await made.ask(0, 0);
    await made.take(3, Uint8Array.of(3));
    expect(sheets).toEqual([]);
  });

  it('does not ask again for a sheet that cannot be decoded or did not open, and tells the first', async () => {
    const { made, failed, drawn } = shelf();
    await made.ask(0, 0);
    await made.take(0, Uint8Array.of(99));
    expect(made.wanted()).toEqual([]);
    expect(failed).toEqual(['previews/malformed']);
    await made.ask(4_000, 0);
    await made.take(1, null);
    expect(made.wanted()).toEqual([]);
    expect(drawn()).toEqual([]);
  });
});
