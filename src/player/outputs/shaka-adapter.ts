// Makes Shaka Player play an output: a plugin for the scheme `farebox:`, which answers every request of it from the output and sends none
// anywhere. Shaka itself is not imported here; a page that plays with it brings it and registers the plugin.

import type shaka from 'shaka-player/dist/shaka-player.hls-es2021.js';
import { FareboxError, type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import { formatAddress, parseAddress } from './addresses.ts';
import type { Output } from './output.ts';

/** What Shaka is to load, and of which type it is: no server says so. */
export function shakaAddress({ manifest }: Output): { readonly uri: string; readonly mimeType: string } {
  const uri = formatAddress({ programme: manifest.programme, kind: 'master' });
  return { uri, mimeType: 'application/x-mpegurl' };
}

/**
 * The plugin, for `NetworkingEngine.registerScheme(SCHEME, …)`. `onRefused` hears of every refusal by its code: Shaka itself is told that the
 * request failed.
 */
export function makeShakaScheme(
  output: Output,
  { util }: Pick<typeof shaka, 'util'>,
  onRefused: (code: FareboxErrorCode) => void,
): shaka.extern.SchemePlugin {
  return (uri, request) => {
    const answered = answer(output, uri).then(
      (data): shaka.extern.Response => ({
        uri,
        originalUri: uri,
        data,
        headers: {},
        status: 200,
        originalRequest: request,
      }),
      (error: unknown) => {
        const { code } = toErrorData(error);
        onRefused(code);
        const { Severity, Category, Code } = util.Error;
        throw new util.Error(Severity.CRITICAL, Category.NETWORK, Code.HTTP_ERROR, uri, code);
      },
    );
    // What the module was asked for it counts; it is not called back.
    return new util.AbortableOperation(answered, async () => undefined);
  };
}

async function answer(output: Output, uri: string): Promise<ArrayBuffer> {
  const address = parseAddress(uri);
  if (address === null) throw new FareboxError('request/not-found');
  const data = await output.answer(address);
  return typeof data === 'string' ? new TextEncoder().encode(data).buffer : data;
}
