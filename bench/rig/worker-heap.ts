// The heap of a page's worker, as its own V8 tells it after collecting what nobody holds: objects, what the browser holds for them, and the
// bytes of buffers. A worker is reached through the page's debugger, which the page does not notice.
import type { BrowserContext, Page } from '@playwright/test';
import { z } from 'zod';

const usageSchema = z.object({
  usedSize: z.number(),
  embedderHeapUsedSize: z.number(),
  backingStorageSize: z.number(),
});
const answerSchema = z.object({
  id: z.number().optional(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
});

/** A worker that can be asked. */
export type WorkerHeap = {
  /** Bytes in use, after a collection. */
  usedBytes(): Promise<number>;
};

/** Attaches to the first worker that the page starts from now on, or that it has; resolves when there is one. */
export async function attachToWorker(context: BrowserContext, page: Page): Promise<WorkerHeap> {
  const session = await context.newCDPSession(page);
  const attached = Promise.withResolvers<string>();
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'worker') attached.resolve(sessionId);
  });
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result, error } = answerSchema.parse(JSON.parse(message));
    if (id === undefined) return;
    if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(`the worker refused: ${JSON.stringify(error)}`));
    waiting.delete(id);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const sessionId = await attached.promise;
  let asked = 0;
  const ask = async (method: string): Promise<unknown> => {
    asked += 1;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(asked, answer);
    await session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id: asked, method }) });
    return answer.promise;
  };
  return {
    async usedBytes() {
      // Twice: what the first sweep let go may have held more.
      await ask('HeapProfiler.collectGarbage');
      await ask('HeapProfiler.collectGarbage');
      const usage = usageSchema.parse(await ask('Runtime.getHeapUsage'));
      return usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize;
    },
  };
}
