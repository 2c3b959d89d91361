// Which engine the provider's tests run on: PGlite in the test's folder, or, where FAREBOX_TEST_DATABASE_URL names a
// Postgres server, a new database there for each test provider. Only tests use it.

import postgres from 'postgres';

/** A database for one test provider; `url` is undefined for PGlite. */
export type TestDatabase = { readonly url: string | undefined; readonly drop: () => Promise<void> };

/** Makes one. Throws where the named server cannot be reached. */
export async function makeTestDatabase(): Promise<TestDatabase> {
  const server = process.env.FAREBOX_TEST_DATABASE_URL;
  if (server === undefined) return { url: undefined, drop: async () => undefined };
  const name = `farebox_test_${crypto.randomUUID().replaceAll('-', '')}`;
  const run = async (statement: string): Promise<void> => {
    const client = postgres(server, { max: 1 });
    try {
      await client.unsafe(statement);
    } finally {
      await client.end();
    }
  };
  await run(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`drop database ${name}`) };
}
