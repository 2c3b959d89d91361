// The adapters as the other players call them: every request is answered by the output or refused with a code, and none goes anywhere else.

import type { LoaderContext } from 'hls.js';
import { describe, expect, test, vi } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import { hlsAddress, makeHlsLoader } from './hls-adapter.ts';
import { type Output, openOutput } from './output.ts';
import { masterPlaylist } from './playlists.ts';
import { makeShakaScheme, shakaAddress } from './shaka-adapter.ts';
import { CAPTIONS, cueOf, LOW, MANIFEST, outputWorld, PROGRAMME } from './testing/output-world.ts';
import { formatWebVtt } from './web-vtt.ts';

// Both ask at once for names that only browsers have.
vi.stubGlobal('self', globalThis);
const { default: Hls } = await import('hls.js');
const { default: shaka } = await import('shaka-player/dist/shaka-player.hls-es2021.js');

async function makeOutput(): Promise<Output> {
  const { ports } = outputWorld();
  return openOutput({ programmeId: PROGRAMME, mode: 'frames', ports, signal: new AbortController().signal });
}
const SEGMENT = `farebox://${PROGRAMME}/${LOW}/1.m4s`;
const FOREIGN = 'https://evil.example/1.m4s';
const sizeOf = (data: unknown): number => (data instanceof ArrayBuffer ? data.byteLength : -1);

describe('BT-5: the loader for hls.js', () => {
  async function load(
    output: Output,
    url: string,
    act: (loader: { abort(): void }) => void = () => undefined,
    responseType = 'arraybuffer',
  ) {
    const onRefused = vi.fn();
    const loader = new (makeHlsLoader(output, onRefused))(Hls.DefaultConfig);
    const heard = { onSuccess: vi.fn(), onError: vi.fn(), onTimeout: vi.fn(), onAbort: vi.fn() };
    // As text, because the package names its kinds of context in its types alone.
    const context: LoaderContext = JSON.parse(JSON.stringify({ url, responseType, type: 'main' }));
    const policy = Hls.DefaultConfig.fragLoadPolicy.default;
    loader.load(
      context,
      { ...{ loadPolicy: policy, timeout: 0, maxRetry: 0, retryDelay: 0 }, maxRetryDelay: 0 },
      heard,
    );
    act(loader);
    const calls = () => Object.values(heard).reduce((sum, { mock }) => sum + mock.calls.length, 0);
    await vi.waitFor(() => expect(calls()).toBe(1));
    return { ...heard, onRefused, stats: loader.stats };
  }

  test('answers playlists as text and pieces as bytes, with what the choice of a rung is made from', async () => {
    const output = await makeOutput();
    const { onSuccess } = await load(output, hlsAddress(output), undefined, 'text');
    expect(onSuccess.mock.calls[0]?.[0]).toMatchObject({ url: hlsAddress(output), data: masterPlaylist(MANIFEST) });
    const piece = await load(output, SEGMENT);
    expect(sizeOf(piece.onSuccess.mock.calls[0]?.[0].data)).toBe(piece.stats.loaded);
    expect(piece.stats.loaded).toBeGreaterThan(0);
    expect(piece.stats.loading.end).toBeGreaterThanOrEqual(piece.stats.loading.start);
  });

  test('answers captions as bytes, which hls.js takes in no other form', async () => {
    const captions = await load(await makeOutput(), `farebox://${PROGRAMME}/${CAPTIONS}/2.vtt`);
    const data = captions.onSuccess.mock.calls[0]?.[0].data;
    expect(new TextDecoder().decode(data)).toBe(formatWebVtt([cueOf(2)]));
    expect(captions.stats.loaded).toBe(sizeOf(data));
  });

  test('refuses an address that is not the output’s, and what the output refuses, each with its code', async () => {
    const output = await makeOutput();
    const foreign = await load(output, FOREIGN);
    expect(foreign.onError.mock.calls[0]?.[0]).toEqual({ code: 404, text: 'request/not-found' });
    expect(foreign.onRefused).toHaveBeenCalledWith('request/not-found');
    const spent = { ...output, answer: () => Promise.reject(new FareboxError('sequence/spent')) };
    const { onError, onRefused } = await load(spent, SEGMENT);
    expect(onError.mock.calls[0]?.[0].text).toBe('sequence/spent');
    expect(onRefused).toHaveBeenCalledWith('sequence/spent');
  });

  test('says nothing more once it was aborted', async () => {
    const output = await makeOutput();
    const { onSuccess, onAbort } = await load(output, SEGMENT, (loader) => loader.abort());
    await output.segment(LOW, 1);
    expect(onAbort).toHaveBeenCalledTimes(1);
    expect(onSuccess).not.toHaveBeenCalled();
  });
});

describe('BT-5: the scheme for Shaka Player', () => {
  async function ask(output: Output, uri: string) {
    const onRefused = vi.fn();
    const { NetworkingEngine } = shaka.net;
    const request = NetworkingEngine.makeRequest([uri], NetworkingEngine.defaultRetryParameters());
    const kind = NetworkingEngine.RequestType.SEGMENT;
    const { promise } = makeShakaScheme(output, shaka, onRefused)(uri, request, kind, vi.fn(), vi.fn(), {});
    return { promise, onRefused };
  }

  test('answers everything as bytes, under the address that was asked for', async () => {
    const output = await makeOutput();
    const { uri, mimeType } = shakaAddress(output);
    expect(mimeType).toBe('application/x-mpegurl');
    const response = await (await ask(output, uri)).promise;
    expect(response).toMatchObject({ uri, originalUri: uri, status: 200 });
    expect(new TextDecoder().decode(response.data)).toBe(masterPlaylist(MANIFEST));
    const piece = await (await ask(output, SEGMENT)).promise;
    expect(sizeOf(piece.data)).toBeGreaterThan(0);
  });

  test('refuses an address that is not the output’s, with its code', async () => {
    const { promise, onRefused } = await ask(await makeOutput(), FOREIGN);
    await expect(promise).rejects.toMatchObject({
      code: shaka.util.Error.Code.HTTP_ERROR,
      data: [FOREIGN, 'request/not-found'],
    });
    expect(onRefused).toHaveBeenCalledWith('request/not-found');
  });
});
