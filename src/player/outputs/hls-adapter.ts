// Makes hls.js play an output: a loader class for its `loader` setting, which answers every request of it from the output and sends none anywhere.
// hls.js itself is not imported here; a page that plays with it brings it.

import type { HlsConfig, Loader, LoaderCallbacks, LoaderContext, LoaderStats } from 'hls.js';
import { ERRORS, FareboxError, type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import { formatAddress, parseAddress } from './addresses.ts';
import type { Output } from './output.ts';

/** What hls.js is to load first. */
export function hlsAddress({ manifest }: Output): string {
  return formatAddress({ programme: manifest.programme, kind: 'master' });
}

/** The `loader` setting. `onRefused` hears of every refusal by its code: hls.js itself is told an HTTP status only. */
export function makeHlsLoader(output: Output, onRefused: (code: FareboxErrorCode) => void): HlsConfig['loader'] {
  return class OutputLoader implements Loader<LoaderContext> {
    context: LoaderContext | null = null;
    stats: LoaderStats = emptyStats();
    #callbacks: LoaderCallbacks<LoaderContext> | null = null;

    load(context: LoaderContext, _config: unknown, callbacks: LoaderCallbacks<LoaderContext>): void {
      this.context = context;
      this.#callbacks = callbacks;
      this.stats.loading.start = performance.now();
      void this.#answer(context, callbacks);
    }

    abort(): void {
      // What the module was asked for it counts; asked for again, it is a replay.
      this.stats.aborted = true;
      const callbacks = this.#callbacks;
      this.#callbacks = null;
      if (this.context !== null) callbacks?.onAbort?.(this.stats, this.context, null);
    }

    destroy(): void {
      this.#callbacks = null;
      this.context = null;
    }

    async #answer(context: LoaderContext, callbacks: LoaderCallbacks<LoaderContext>): Promise<void> {
      const { stats } = this;
      try {
        const address = parseAddress(context.url);
        if (address === null) throw new FareboxError('request/not-found');
        const answered = await output.answer(address);
        if (this.#callbacks !== callbacks) return;
        // Captions are text that hls.js asks for as bytes, and takes in no other form.
        const isWanted = typeof answered !== 'string' || context.responseType !== 'arraybuffer';
        const data = isWanted ? answered : new TextEncoder().encode(answered).buffer;
        const sizeBytes = typeof data === 'string' ? data.length : data.byteLength;
        stats.loading.first = stats.loading.end = performance.now();
        stats.loaded = stats.total = sizeBytes;
        callbacks.onSuccess({ url: context.url, data, code: 200 }, stats, context, null);
      } catch (error) {
        const { code } = toErrorData(error);
        if (this.#callbacks !== callbacks) return;
        onRefused(code);
        callbacks.onError({ code: ERRORS[code].httpStatus, text: code }, context, null, stats);
      }
    }
  };
}

function emptyStats(): LoaderStats {
  const timing = () => ({ start: 0, first: 0, end: 0 });
  return {
    ...{ aborted: false, loaded: 0, retry: 0, total: 0, chunkCount: 0, bwEstimate: 0 },
    ...{ loading: timing(), parsing: { start: 0, end: 0 }, buffering: timing() },
  };
}
