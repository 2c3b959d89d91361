// What the desk answers, docs/running.md: sets to choose from, batches with how far they are, a file of commands taken in, a run begun and
// paused, failures and answers. Everything but the page's own files needs the token (guard.ts).

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { ERROR_WORDS } from '../../src/protocol/error-words.ts';
import { FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';
import { isKeyReference } from '../../src/protocol/key-unit/references.ts';
import { answerError, codeOf } from '../http/errors.ts';
import type { BatchShelf, StoredBatch } from './batch-shelf.ts';
import { FAILURE_FORMATS, type FailureFormat, readFailures, writeFailures } from './failures.ts';
import { deskHeaders, ownHostOnly, ownPageOnly } from './guard.ts';
import type { KeyUse } from './key-lease.ts';
import type { Runs } from './runs.ts';

/** What the page is told of a batch. */
export type BatchView = {
  readonly id: string;
  readonly set: string;
  readonly file: string;
  readonly commands: number;
  readonly createdTime: number;
  readonly answered: number;
  readonly failed: number;
  /** `stopped`: it is not at its end, and goes on when it is told to. */
  readonly state: 'running' | 'pausing' | 'stopped' | 'finished';
  readonly perSecond: number | null;
  /** Why it does not go on by itself. */
  readonly trouble: { readonly code: FareboxErrorCode; readonly message: string } | null;
};

/** What the page is told of a set. */
export type SetView = { readonly name: string; readonly units: number };

/** What the desk works with. */
export type DeskParts = {
  readonly keys: KeyUse;
  readonly shelf: BatchShelf;
  readonly runs: Runs;
  /** The page's files. */
  readonly site: Hono;
  readonly token: string;
  readonly port: () => number;
};

const uploadSchema = z.strictObject({
  set: z.string().refine(isKeyReference),
  /** Only to be shown again. */
  file: z.string().min(1).max(255),
});
const pageSchema = z.strictObject({
  reason: z.string().max(64).optional(),
  from: z.coerce.number().int().nonnegative().default(0),
});
const reasonSchema = z.strictObject({ reason: z.string().max(64).optional() });

const MEDIA: Readonly<Record<FailureFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json',
  commands: 'application/x-ndjson',
};

/** Builds it. Errors: `request/unauthorised`, `request/malformed`, `request/not-found`, and what shelf, runs and the key unit refuse with. */
export function deskApp({ keys, shelf, runs, site, token, port }: DeskParts): Hono {
  const app = new Hono();
  app.onError((thrown, c) => answerError(c, codeOf(thrown)));
  app.notFound((c) => answerError(c, 'request/not-found'));
  app.use(deskHeaders(), ownHostOnly(port));
  app.use('/api/*', ownPageOnly(port, token));

  const view = (batch: StoredBatch): Promise<BatchView> => viewBatch(batch, shelf, runs);
  const batchOf = (c: Context): Promise<StoredBatch> => shelf.find(c.req.param('id') ?? '');

  app.get('/api/sets', async (c) => {
    const found = await keys.use((unit) => unit.sets());
    const sets = found.filter(({ retiredTime }) => retiredTime === null);
    return c.json({ sets: sets.map(({ name, units }): SetView => ({ name, units })) });
  });
  app.get('/api/batches', async (c) => c.json({ batches: await Promise.all((await shelf.list()).map(view)) }));
  app.post('/api/batches', async (c) => {
    const { set, file } = queryOf(c, uploadSchema);
    const { body } = c.req.raw;
    if (body === null) throw new FareboxError('request/malformed');
    // Said before a large file has come, rather than after.
    await keys.use((unit) => unit.apps(set));
    return c.json({ batch: await view(await shelf.add(set, file, body)) }, 201);
  });
  app.get('/api/batches/:id', async (c) => c.json({ batch: await view(await batchOf(c)) }));
  app.post('/api/batches/:id/run', async (c) => {
    const batch = await batchOf(c);
    await runs.start(batch);
    return c.json({ batch: await view(batch) });
  });
  app.post('/api/batches/:id/pause', async (c) => {
    const batch = await batchOf(c);
    runs.pause(batch.id);
    return c.json({ batch: await view(batch) });
  });
  app.get('/api/batches/:id/failures', async (c) => {
    const { reason = null, from } = queryOf(c, pageSchema);
    return c.json(await readFailures((await batchOf(c)).answersFile, reason, from));
  });
  app.get('/api/batches/:id/failures/:format', async (c) => {
    const format = FAILURE_FORMATS.find((known) => known === c.req.param('format'));
    if (format === undefined) throw new FareboxError('request/not-found');
    const { reason = null } = queryOf(c, reasonSchema);
    const { answersFile } = await batchOf(c);
    return fileOf(writeFailures(answersFile, reason, format), MEDIA[format]);
  });
  app.get('/api/batches/:id/answers', async (c) => {
    const { answersFile } = await batchOf(c);
    const size = await stat(answersFile).then(
      (found) => found.size,
      () => 0,
    );
    // As far as it is now: a run may be writing behind it.
    return fileOf(size === 0 ? nothing() : createReadStream(answersFile, { end: size - 1 }), MEDIA.commands);
  });
  app.route('/', site);
  return app;
}

async function viewBatch(batch: StoredBatch, shelf: BatchShelf, runs: Runs): Promise<BatchView> {
  const { id, set, file, commands, createdTime } = batch;
  const about = { id, set, file, commands, createdTime };
  const run = runs.view(id);
  if (run?.begun) {
    const { answered, failed, perSecond, pausing } = run;
    return { ...about, answered, failed, perSecond, state: pausing ? 'pausing' : 'running', trouble: null };
  }
  // Answers that are none are said of the batch that has them, and do not hide the others.
  const counted = await shelf.answers(batch).catch((cause: unknown) => codeOf(cause));
  const { answered, failed } = typeof counted === 'string' ? { answered: 0, failed: 0 } : counted;
  const code = typeof counted === 'string' ? counted : runs.trouble(id);
  const trouble = code === null ? null : { code, message: `${ERROR_WORDS[code].message} ${ERROR_WORDS[code].next}` };
  const ended = answered >= commands ? 'finished' : 'stopped';
  const state = run === null ? ended : run.pausing ? 'pausing' : 'running';
  return { ...about, answered, failed, perSecond: null, state, trouble };
}

function queryOf<Schema extends z.ZodType>(c: Context, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(c.req.query());
  if (!parsed.success) throw new FareboxError('request/malformed');
  return parsed.data;
}

/** A file to be saved, and never to be shown as a page. One that breaks off breaks the download, too, so that half of it never passes for all. */
function fileOf(pieces: AsyncIterable<string | Uint8Array>, mediaType: string): Response {
  const iterator = pieces[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, { headers: { 'Content-Type': mediaType, 'Content-Disposition': 'attachment' } });
}

async function* nothing(): AsyncGenerator<string> {}
