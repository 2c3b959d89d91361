import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

describe('content', () => {
  const bytes = Uint8Array.from(randomBytes(1_000));
  let at: TestProvider;
  let path: string;
  let etag: string;
  beforeAll(async () => {
    at = await openTestProvider();
    const { hash } = await at.provider.content.put(bytes);
    path = `/content/${hash}`;
    etag = `"${hash}"`;
  });
  afterAll(() => at.close());

  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
    at.terminal.request(path, { method, headers });
  const bodyOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());

  it('CARD-3: gives a file whole, immutable, with its hash as ETag', async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(await bodyOf(response)).toEqual(bytes);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('no-vary-search')).toBe('params=("CMCD")');
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('content-length')).toBe('1000');
    expect(response.headers.get('etag')).toBe(etag);
  });

  it.each([
    ['bytes=0-0', 0, 1],
    ['bytes=10-19', 10, 20],
    ['bytes=990-', 990, 1_000],
    ['bytes=990-5000', 990, 1_000],
    ['bytes=-10', 990, 1_000],
    ['bytes=-5000', 0, 1_000],
  ])('gives one part for %s', async (range, from, to) => {
    const response = await get({ Range: range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/1000`);
    expect(await bodyOf(response)).toEqual(bytes.subarray(from, to));
  });

  it.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=-0'])('refuses %s with 416 and the size', async (range) => {
    const response = await get({ Range: range });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */1000');
  });

  it.each(['bytes=0-1,5-6', 'bytes=-', 'bytes=9-3', 'items=0-1', 'nonsense'])(
    'ignores %s and gives the whole',
    async (range) => {
      const response = await get({ Range: range });
      expect(response.status).toBe(200);
      expect(await bodyOf(response)).toEqual(bytes);
    },
  );

  it('gives the whole where If-Range names another file', async () => {
    expect((await get({ Range: 'bytes=0-1', 'If-Range': '"other"' })).status).toBe(200);
    expect((await get({ Range: 'bytes=0-1', 'If-Range': etag })).status).toBe(206);
  });

  it('answers 304 to whoever has it', async () => {
    expect((await get({ 'If-None-Match': etag })).status).toBe(304);
    expect((await get({ 'If-None-Match': '"other"' })).status).toBe(200);
  });

  it('answers HEAD with headers alone', async () => {
    const response = await get({}, 'HEAD');
    expect(response.headers.get('content-length')).toBe('1000');
    expect(await bodyOf(response)).toHaveLength(0);
  });

  it.each([
    `/content/${'0'.repeat(64)}`,
    '/content/zz',
    `/content/${'A'.repeat(64)}`,
    '/content/..%2fkeys%2fagency.json',
  ])('has nothing at %s', async (other) => {
    const response = await at.terminal.request(other);
    expect(response.status).toBe(404);
    expect(await codeOfResponse(response)).toBe('request/not-found');
  });

  it('names the type of a poster and of nothing else', async () => {
    const jpeg = await at.provider.content.put(new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const response = await at.terminal.request(`/content/${jpeg.hash}`);
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect((await get()).headers.get('content-type')).toBe('application/octet-stream');
  });
});
