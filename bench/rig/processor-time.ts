// Processor time of a whole browser: what Chromium says of each of its processes, the ones that draw and decode included, added up.
import type { BrowserContext } from '@playwright/test';
import { z } from 'zod';

const answerSchema = z.object({ processInfo: z.array(z.object({ id: z.number(), cpuTime: z.number() })) });

/** Milliseconds of processor time that all processes of this browser took while `use` ran. Throws where one of them ended on the way. */
export async function processorTimeOf(context: BrowserContext, use: () => Promise<void>): Promise<number> {
  const browser = context.browser();
  if (browser === null) throw new Error('the browser cannot be asked for its processes');
  const session = await browser.newBrowserCDPSession();
  const read = async (): Promise<ReadonlyMap<number, number>> => {
    const { processInfo } = answerSchema.parse(await session.send('SystemInfo.getProcessInfo'));
    return new Map(processInfo.map(({ id, cpuTime }) => [id, cpuTime]));
  };
  try {
    const before = await read();
    await use();
    const after = await read();
    const ended = [...before.keys()].filter((id) => !after.has(id));
    if (ended.length > 0) throw new Error(`${ended.length} processes of the browser ended while it was measured`);
    return 1000 * [...after].reduce((sum, [id, seconds]) => sum + seconds - (before.get(id) ?? 0), 0);
  } finally {
    await session.detach();
  }
}
