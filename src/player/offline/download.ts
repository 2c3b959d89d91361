// Brings the files of one kept programme that are not there yet, a few at a time, each compared with its hash before it is put on the shelf. Run by
// downloads.ts; aborted by its signal between any two steps, and run again where it was cut: what is there is not fetched again.

import { toHex } from '../../protocol/bytes.ts';
import { ERRORS, FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { keptCmcd } from '../cmcd-content.ts';
import { retryPauseMs } from '../part-fetcher.ts';
import type { PlayerPorts } from '../ports.ts';
import type { KeptFile } from './keep-plan.ts';
import { OFFLINE_LIMITS } from './limits.ts';
import type { Shelf } from './shelf.ts';

/** What a download needs of the world. */
export type DownloadPorts = Pick<PlayerPorts, 'pause' | 'chance'> & {
  readonly shelf: Pick<Shelf, 'putFile'>;
  readonly provider: Pick<PlayerPorts['provider'], 'content'>;
};

/** What it tells. */
export type DownloadListener = {
  /** A file is on the shelf. */
  onFile(file: KeptFile): void;
  /** The line is bad, with why, or good again: it goes on trying. */
  onTrouble(code: FareboxErrorCode | null): void;
};

/**
 * Brings these files; all are on the shelf on return.
 * @throws FareboxError `offline/full`, `programme/unknown` where it is not kept any more, `network/wrong-content` for a file that stays another than its hash says, what the provider answers to a
 * request that asking again would not change; and the signal's reason. What came before stays.
 */
export async function download(
  ports: DownloadPorts,
  order: { readonly programmeId: string; readonly files: readonly KeptFile[]; readonly signal: AbortSignal },
  listener: DownloadListener,
): Promise<void> {
  const together = new AbortController();
  const signal = AbortSignal.any([order.signal, together.signal]);
  const waiting = [...order.files];
  const work = async (): Promise<void> => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const bytes = await bring(ports, { file, cmcd: keptCmcd(order.programmeId) }, signal, listener);
      signal.throwIfAborted();
      if (!(await ports.shelf.putFile(order.programmeId, file.hash, bytes))) {
        throw new FareboxError('programme/unknown', { programmeId: order.programmeId });
      }
      listener.onFile(file);
    }
  };
  const workers = Array.from({ length: OFFLINE_LIMITS.parallelFiles }, work);
  await Promise.all(workers).catch(async (error: unknown) => {
    together.abort(error);
    // None of them puts a file once this has returned.
    await Promise.allSettled(workers);
    throw error;
  });
}

async function bring(
  { provider, pause, chance }: DownloadPorts,
  { file, cmcd }: { readonly file: KeptFile; readonly cmcd: string },
  signal: AbortSignal,
  listener: DownloadListener,
): Promise<Uint8Array<ArrayBuffer>> {
  let spoiled = 0;
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    try {
      const bytes = new Uint8Array(await provider.content(file.hash, { signal, fresh: spoiled > 0, cmcd }));
      if ((await hashOf(bytes)) === file.hash) {
        if (failures > 0) listener.onTrouble(null);
        return bytes;
      }
      spoiled += 1;
      if (spoiled > OFFLINE_LIMITS.refetches) throw new FareboxError('network/wrong-content', { hash: file.hash });
      continue;
    } catch (error) {
      signal.throwIfAborted();
      const mayRepeat = error instanceof FareboxError && ERRORS[error.code].retry === 'same-request';
      if (!mayRepeat || spoiled > OFFLINE_LIMITS.refetches) throw error;
      listener.onTrouble(error.code);
    }
    await pause(retryPauseMs(failures, chance()), signal);
  }
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
