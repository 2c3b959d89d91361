// What drizzle-kit needs to write a migration from schema.ts and key-schema.ts; the running provider never reads this file.

import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: ['./server-mock/db/schema.ts', './server-mock/db/key-schema.ts'],
  out: './server-mock/db/migrations',
});
