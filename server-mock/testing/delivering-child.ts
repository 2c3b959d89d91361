// A provider in a process of its own, for tests that kill it: opens the folder, says so, and posts the deliveries it was
// given, each to itself. Prints one line of JSON for each answer. Read by receipts/delivery.test.ts alone.

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { openTestProvider } from './test-provider.ts';

const orderSchema = z.object({
  dataDir: z.string(),
  databaseUrl: z.string().optional(),
  bodies: z.array(z.record(z.string(), z.string())),
});

const { dataDir, databaseUrl, bodies } = orderSchema.parse(JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')));
const at = await openTestProvider({ dataDir, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
process.stdout.write('"open"\n');
await Promise.all(
  bodies.map(async (body) => {
    const response = await at.post('/receipts', body);
    process.stdout.write(`${JSON.stringify({ status: response.status, text: await response.text() })}\n`);
  }),
);
await at.close();
