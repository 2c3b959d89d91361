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
          if (!types.includes(data?.type)) return;
          heard.push({ atMs: performance.now(), event: data });
          window.dispatchEvent(new Event('rig-heard'));
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
  const met: EventOf<Type>[] = [];
  let at = { document: 0, heard: 0 };
  for (;;) {
    const news = await hearMore(page, type, at, Math.min(TURN_MS, Math.max(0, deadlineMs - Date.now())));
    // A new document has heard nothing of what the one before it did.
    if (news.at.document !== at.document) met.length = 0;
    at = news.at;
    met.push(...news.events);
    const found = met.slice(skip).find(fits);
    if (found !== undefined) return found;
    if (Date.now() >= deadlineMs) throw new Error(`the module told no fitting ${type} event within ${timeoutMs} ms`);
  }
}

/** How long one question to a document is left open, milliseconds: one that goes away meanwhile answers nothing. */
const TURN_MS = 1_000;

/** A place in what a document has heard: which document, by when it began, and how many events. */
type Place = { readonly document: number; readonly heard: number };

/** What a document has heard of one type since `from`, as soon as there is any; nothing after `forMs`. Only what is new crosses over. */
async function hearMore<Type extends ModuleEvent['type']>(
  page: Page,
  type: Type,
  from: Place,
  forMs: number,
): Promise<{ readonly at: Place; readonly events: readonly EventOf<Type>[] }> {
  const { at, events } = await page.evaluate(
    ({ from, type, forMs }) =>
      new Promise<{ at: Place; events: ModuleEvent[] }>((resolve) => {
        const document = performance.timeOrigin;
        const start = document === from.document ? from.heard : 0;
        const news = (): readonly [number, ModuleEvent[]] => {
          const heard = window.heardEvents ?? [];
          return [heard.length, heard.slice(start).flatMap(({ event }) => (event.type === type ? [event] : []))];
        };
        const end = (): void => {
          clearTimeout(timer);
          window.removeEventListener('rig-heard', look);
          const [heard, events] = news();
          resolve({ at: { document, heard }, events });
        };
        const look = (): void => {
          if (news()[1].length > 0) end();
        };
        const timer = setTimeout(end, forMs);
        window.addEventListener('rig-heard', look);
        look();
      }),
    { from, type, forMs },
  );
  return { at, events: events.filter((event): event is EventOf<Type> => event.type === type) };
}
