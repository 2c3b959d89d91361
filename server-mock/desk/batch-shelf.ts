// The desk's batches on the disk, <data>/keys/batches/ID: `batch.json` says what it is, `units` has the commands as they came, `answers` what
// was answered so far. These files are the whole state: whatever dies, the next desk finds every batch where it stood. Nothing in them is a
// key in the clear: commands name units and draw numbers, answers are sealed to their units.

import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { FareboxError } from '../../src/protocol/errors.ts';
import { answersIn, failureOf } from '../key-unit/batch-answers.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { type CountedLimits, LineCounter } from './line-counter.ts';

const aboutSchema = z.strictObject({
  version: z.literal(1),
  /** Name of the set. */
  set: z.string(),
  /** What the keeper's file was called; shown, never used as a path. */
  file: z.string(),
  commands: z.number().int().positive(),
  createdTime: z.number().int().nonnegative(),
});

/** A batch that was given to the desk. `id`: 32 hex digits. */
export type StoredBatch = Omit<z.infer<typeof aboutSchema>, 'version'> & {
  readonly id: string;
  readonly unitsFile: string;
  readonly answersFile: string;
};

/** How far the answers on the disk go. */
export type Answers = { readonly answered: number; readonly failed: number };

const ID = /^[0-9a-f]{32}$/;
/** Until all of it is on the disk; left behind where the desk died in between, and removed by the next one. */
const UNFINISHED = '.part';

/** The shelf of one data folder. */
export class BatchShelf {
  /** Where the batches are. */
  readonly folder: string;
  readonly #clock: () => number;
  readonly #limits: CountedLimits;
  /** What was counted in an answers file, by its size: a file that only grows is the same while its size is. */
  readonly #counted = new Map<string, Answers & { readonly size: number }>();

  /** `limits`: of a file of commands, those of `SERVER_LIMITS` but for a test. */
  constructor(dataDir: string, clock: () => number, limits: CountedLimits = SERVER_LIMITS) {
    this.#limits = limits;
    this.folder = join(dataDir, 'keys', 'batches');
    this.#clock = clock;
  }

  /** Makes the folder. */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Takes away what an earlier desk had not received whole; only for whoever has the folder to itself. */
  async clear(): Promise<void> {
    const names = await readdir(this.folder);
    for (const name of names.filter((each) => each.endsWith(UNFINISHED))) {
      await rm(join(this.folder, name), { recursive: true, force: true });
    }
  }

  /** Every batch, newest first, at most `SERVER_LIMITS.listedBatches`. */
  async list(): Promise<readonly StoredBatch[]> {
    const ids = (await readdir(this.folder)).filter((name) => ID.test(name));
    const found = await Promise.all(ids.map((id) => this.#read(id)));
    return found
      .filter((batch) => batch !== null)
      .sort((one, other) => other.createdTime - one.createdTime)
      .slice(0, SERVER_LIMITS.listedBatches);
  }

  /** One batch. @throws FareboxError `request/not-found`. */
  async find(id: string): Promise<StoredBatch> {
    // Before it becomes part of a path.
    const found = ID.test(id) ? await this.#read(id) : null;
    if (found === null) throw new FareboxError('request/not-found');
    return found;
  }

  /**
   * Takes a file of commands in as it arrives: all of it or nothing. Durable on return.
   * @throws FareboxError `request/too-large`, `keys/malformed` for a file with no command or lines that are none of any, `publish/no-space`.
   */
  async add(set: string, file: string, body: ReadableStream<Uint8Array>): Promise<StoredBatch> {
    const id = randomBytes(16).toString('hex');
    const draft = join(this.folder, `${id}${UNFINISHED}`);
    await mkdir(draft, { mode: 0o700 });
    try {
      const counter = new LineCounter(this.#limits);
      const units = createWriteStream(join(draft, 'units'), { mode: 0o600, flags: 'wx', flush: true });
      await pipeline(readable(body), (source: AsyncIterable<Uint8Array>) => counter.through(source), units);
      const commands = counter.commands();
      const about = { version: 1, set, file, commands, createdTime: this.#clock() } as const;
      await writeDurably(join(draft, 'batch.json'), `${JSON.stringify(about)}\n`);
      await rename(draft, join(this.folder, id));
      return this.#stored(id, about);
    } catch (cause) {
      await rm(draft, { recursive: true, force: true });
      const isFull = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
      throw isFull ? new FareboxError('publish/no-space', undefined, { cause }) : cause;
    }
  }

  /** How far a batch has come, as its answers say. @throws FareboxError `keys/malformed` where they are none. */
  async answers({ id, answersFile }: StoredBatch): Promise<Answers> {
    const size = await stat(answersFile).then(
      (found) => found.size,
      () => 0,
    );
    const known = this.#counted.get(id);
    if (known?.size === size) return known;
    let answered = 0;
    let failed = 0;
    for await (const line of answersIn(answersFile)) {
      answered += 1;
      if (failureOf(line) !== null) failed += 1;
    }
    this.#counted.set(id, { answered, failed, size });
    return { answered, failed };
  }

  async #read(id: string): Promise<StoredBatch | null> {
    const text = await readFile(join(this.folder, id, 'batch.json'), 'utf8').catch(() => null);
    if (text === null) return null;
    const about = aboutSchema.safeParse(parseJson(text));
    return about.success ? this.#stored(id, about.data) : null;
  }

  #stored(id: string, { version: _version, ...about }: z.infer<typeof aboutSchema>): StoredBatch {
    const folder = join(this.folder, id);
    return { id, ...about, unitsFile: join(folder, 'units'), answersFile: join(folder, 'answers') };
  }
}

/** Node's own stream of a body. Chunk by chunk, so that a slow disk slows the sender. */
async function* readable(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
