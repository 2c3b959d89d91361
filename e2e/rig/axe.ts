// What axe finds on a page. Its script comes by the debugger's way, because the pages' own policies let none in that is not theirs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { z } from 'zod';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const violationsSchema = z.array(z.object({ id: z.string(), targets: z.array(z.string()) }));

/** What axe finds on the page as it is now; the module's frame is checked with it where the browser lets it. */
export async function violations(page: Page): Promise<z.infer<typeof violationsSchema>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: AXE });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { iframes: false }).then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, targets: nodes.map(({ target }) => target.join(' ')) })))`,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return violationsSchema.parse(result.value);
}
