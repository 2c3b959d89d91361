// Hears what the module tells the terminal's page, as any script of that page could: every port the page makes is listened to beside
// its owner. Nothing in the product knows of it.
import type { Page } from '@playwright/test';
import type { ModuleEvent } from '../../src/worker-module/events.ts';

/** An event and when this document heard it, milliseconds on its own clock (`performance.now`). */
export type Heard<Event extends ModuleEvent = ModuleEvent> = { readonly atMs: number; readonly event: Event };

type EventOf<Type extends ModuleEvent['type']> = Extract<ModuleEvent, { type: Type }>;

declare global {
  interface Window {
    /** What the module told this document so far. */
    heardEvents?: Heard[];
  }
}

/** Starts listening in every document that the page opens from now on. */
export async function hearModule(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const heard: Heard[] = [];
    window.heardEvents = heard;
    const types = ['wanted', 'display', 'picture', 'frame', 'closed', 'failed'];
    const OwnChannel = window.MessageChannel;
    window.MessageChannel = class extends OwnChannel {
      constructor() {
        super();
        this.port1.addEventListener('message', ({ data }) => {
          if (types.includes(data?.type)) heard.push({ atMs: performance.now(), event: data });
        });
      }
    };
  });
}

/** Every event of one type that this document has heard, in order. */
export async function heardWithTimes<Type extends ModuleEvent['type']>(
  page: Page,
  type: Type,
): Promise<Heard<EventOf<Type>>[]> {
  const all = await page.evaluate(() => window.heardEvents ?? []);
  return all.filter((heard): heard is Heard<EventOf<Type>> => heard.event.type === type);
}

/** The same without times. */
export async function heard<Type extends ModuleEvent['type']>(page: Page, type: Type): Promise<EventOf<Type>[]> {
  return (await heardWithTimes(page, type)).map(({ event }) => event);
}

/** Waits until this document has heard an event of the type that fits, after the first `skip` of that type; answers it. */
export async function waitForEvent<Type extends ModuleEvent['type']>(
  page: Page,
  type: Type,
  fits: (event: EventOf<Type>) => boolean = () => true,
  { skip = 0, timeoutMs = 30_000 }: { readonly skip?: number; readonly timeoutMs?: number } = {},
): Promise<EventOf<Type>> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const found = (await heard(page, type)).slice(skip).find(fits);
    if (found !== undefined) return found;
    if (Date.now() > deadlineMs) throw new Error(`the module told no fitting ${type} event within ${timeoutMs} ms`);
    // One picture of the page is the shortest time in which it can have heard more.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}
