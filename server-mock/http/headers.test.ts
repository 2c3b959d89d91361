import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeTestFolder,
  openTestProvider,
  TEST_ORIGINS,
  type TestOrigin,
  type TestProvider,
} from '../testing/test-provider.ts';
import { moduleApp, terminalApp } from './apps.ts';
import { makeLogger } from './log.ts';
import { loadStaticSite } from './static-site.ts';

const SECURE_ORIGINS = { terminal: 'https://watch.example', module: 'https://module.watch.example' };
/** Headers that say something about one answer, not about what a page may do. */
const OF_THE_ANSWER = new Set([
  'accept-ranges',
  'cache-control',
  'content-length',
  'content-type',
  'etag',
  'ratelimit',
  'ratelimit-policy',
  'vary',
  // Of content that is there, with its caching: content-routes.test.ts.
  'no-vary-search',
]);

/** Tables of docs/headers.md: section title → header (lower case) → value. */
async function documentedHeaders(): Promise<Map<string, Map<string, string>>> {
  const text = await readFile(join(import.meta.dirname, '../../docs/headers.md'), 'utf8');
  const sections = new Map<string, Map<string, string>>();
  for (const section of text.split(/^## /m).slice(1)) {
    const rows = section.matchAll(/^\| ([A-Z][\w-]+)\s*\| `([^`]+)`\s*\|$/gm);
    sections.set(
      section.slice(0, section.indexOf('\n')),
      new Map(Array.from(rows, ([, name = '', value = '']) => [name.toLowerCase(), value])),
    );
  }
  return sections;
}

describe('headers', () => {
  let at: TestProvider;
  let documented: Map<string, Map<string, string>>;
  let plain: { terminal: TestOrigin; module: TestOrigin };
  let secure: { terminal: TestOrigin; module: TestOrigin };
  let contentPath: string;
  let folder: string;
  beforeAll(async () => {
    folder = await makeTestFolder();
    await mkdir(join(folder, 'assets'));
    await mkdir(join(folder, 'embed/assets'), { recursive: true });
    await writeFile(join(folder, 'embed/player.html'), '<!doctype html><title>%FAREBOX_EMBEDDERS%</title>');
    await writeFile(join(folder, 'farebox-video.js'), 'self.name;');
    await writeFile(join(folder, 'embed/hls.html'), '<!doctype html><title>A player</title>');
    await writeFile(join(folder, 'embed/assets/hls-AbCd_123.js'), 'self.name;');
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>%FAREBOX_MODULE_ORIGIN%</title>');
    await writeFile(join(folder, 'assets/worker-AbCd_123.js'), 'self.name;');
    await writeFile(join(folder, 'sw.js'), 'self.name;');
    at = await openTestProvider();
    documented = await documentedHeaders();
    const { hash } = await at.provider.content.put(new Uint8Array([1, 2, 3]));
    contentPath = `/content/${hash}`;
    const site = await loadStaticSite(folder, { '%FAREBOX_MODULE_ORIGIN%': TEST_ORIGINS.module });
    const originsOf = (origins: typeof SECURE_ORIGINS) => {
      const parts = { provider: at.provider, origins, log: makeLogger('silent'), site };
      const terminal = terminalApp(parts);
      const module = moduleApp(parts);
      return {
        terminal: { request: async (path: string, init?: RequestInit) => terminal.request(path, init, {}) },
        module: { request: async (path: string, init?: RequestInit) => module.request(path, init, {}) },
      };
    };
    plain = originsOf(TEST_ORIGINS);
    secure = originsOf(SECURE_ORIGINS);
  });
  afterAll(() => at.close());

  const documentedFor = (section: string, origins: typeof SECURE_ORIGINS): Record<string, string> => {
    const table = documented.get(section) ?? new Map<string, string>();
    const isSecure = origins === SECURE_ORIGINS;
    return Object.fromEntries(
      Array.from(table, ([name, value]) => [
        name,
        value
          .replaceAll('ancestors {embedders}', "ancestors 'none'")
          .replaceAll(' {embedders}', '')
          .replaceAll('{terminal}', origins.terminal)
          .replaceAll('{module}', origins.module),
      ]).filter(([name]) => isSecure || name !== 'strict-transport-security'),
    );
  };
  const sent = (response: Response): Record<string, string> =>
    Object.fromEntries([...response.headers].filter(([name]) => !OF_THE_ANSWER.has(name)));

  const TERMINAL = 'Terminal origin: pages and assets';
  const EMBED = 'Terminal origin: pages of other players (`/embed/*`)';
  const PLAYER = 'Terminal origin: the player that other sites may frame (`/embed/player.html`)';
  const ELEMENT = 'Terminal origin: the element for other sites (`/farebox-video.js`)';
  const API = 'Terminal origin: interface (`/api/v1/*`)';
  const CONTENT = 'Terminal origin: content (`/content/*`)';
  const MODULE = 'Module origin: document, scripts, workers, worklets';
  const MODULE_SERVICE_WORKER = 'Module origin: service worker (`/sw.js`)';

  it.each([
    ['terminal', '/', TERMINAL, 200],
    ['terminal', '/receipts/1', TERMINAL, 200],
    ['terminal', '/assets/worker-AbCd_123.js', TERMINAL, 200],
    ['terminal', '/missing.js', TERMINAL, 404],
    ['terminal', '/embed/hls.html', EMBED, 200],
    ['terminal', '/embed/assets/hls-AbCd_123.js', EMBED, 200],
    ['terminal', '/embed/missing.js', EMBED, 404],
    ['terminal', '/embed/player.html', PLAYER, 200],
    ['terminal', '/farebox-video.js', ELEMENT, 200],
    ['terminal', '/api/v1/catalogue', API, 200],
    ['terminal', '/api/v1/openapi.json', API, 200],
    ['terminal', '/api/v1/nothing', API, 404],
    ['terminal', '/content/00', CONTENT, 404],
    ['module', '/', MODULE, 200],
    ['module', '/assets/worker-AbCd_123.js', MODULE, 200],
    ['module', '/sw.js', MODULE_SERVICE_WORKER, 200],
    ['module', '/receipts/1', MODULE, 404],
    ['module', '/api/v1/catalogue', MODULE, 404],
  ] as const)('CARD-3: the %s origin sends for %s exactly what the docs say', async (origin, path, section, status) => {
    const overPlain = await plain[origin].request(path);
    expect(overPlain.status).toBe(status);
    expect(sent(overPlain)).toEqual(documentedFor(section, TEST_ORIGINS));
    expect(sent(await secure[origin].request(path))).toEqual(documentedFor(section, SECURE_ORIGINS));
  });

  it('BT-5: lets listed sites frame the player, and the module inside it, and nothing else', async () => {
    const embedders = ['https://news.example', 'http://localhost:3000'];
    const site = await loadStaticSite(folder, { '%FAREBOX_EMBEDDERS%': embedders.join(' ') });
    const parts = { provider: at.provider, origins: { ...SECURE_ORIGINS, embedders }, log: makeLogger('silent'), site };
    const ancestorsOf = (response: Response) =>
      /frame-ancestors ([^;]+)/.exec(response.headers.get('content-security-policy') ?? '')?.[1];
    const [terminal, module] = [terminalApp(parts), moduleApp(parts)];
    const player = await terminal.request('/embed/player.html', {}, {});
    expect(ancestorsOf(player)).toBe('https://news.example http://localhost:3000');
    expect(await player.text()).toContain('<title>https://news.example http://localhost:3000</title>');
    expect(ancestorsOf(await module.request('/', {}, {}))).toBe(
      'https://watch.example https://news.example http://localhost:3000',
    );
    for (const path of ['/', '/embed/hls.html', '/farebox-video.js', '/api/v1/catalogue', contentPath])
      expect(ancestorsOf(await terminal.request(path, {}, {}))).toBe("'none'");
    expect(ancestorsOf(await module.request('/sw.js', {}, {}))).toBe("'none'");
  });

  it('sends for content, also by HEAD, exactly what the docs say', async () => {
    for (const method of ['GET', 'HEAD']) {
      const response = await plain.terminal.request(contentPath, { method });
      expect(response.status).toBe(200);
      expect(sent(response)).toEqual(documentedFor(CONTENT, TEST_ORIGINS));
    }
  });

  it('sends for refused requests what it sends for others', async () => {
    const response = await plain.terminal.request('/api/v1/receipts', { method: 'POST', body: '{' });
    expect(response.status).toBe(400);
    expect(sent(response)).toEqual(documentedFor(API, TEST_ORIGINS));
  });

  it.each([
    ['/', 'no-cache'],
    ['/sw.js', 'no-cache'],
    ['/assets/worker-AbCd_123.js', 'public, max-age=31536000, immutable'],
    ['/embed/hls.html', 'no-cache'],
    ['/embed/assets/hls-AbCd_123.js', 'public, max-age=31536000, immutable'],
    ['/api/v1/catalogue', 'no-store'],
  ])('caches %s as %s', async (path, value) => {
    expect((await plain.terminal.request(path)).headers.get('cache-control')).toBe(value);
  });

  it('puts the deployment’s values into documents', async () => {
    expect(await (await plain.terminal.request('/')).text()).toContain(`<title>${TEST_ORIGINS.module}</title>`);
  });

  it('compresses text for who takes it, and answers an unchanged document with 304', async () => {
    const response = await plain.terminal.request('/', { headers: { 'Accept-Encoding': 'gzip, br' } });
    expect(response.headers.get('content-encoding')).toBe('br');
    const refusedCoding = await plain.terminal.request('/', { headers: { 'Accept-Encoding': 'br;q=0, gzip' } });
    expect(refusedCoding.headers.get('content-encoding')).toBe('gzip');
    const etag = response.headers.get('etag') ?? '';
    expect((await plain.terminal.request('/', { headers: { 'If-None-Match': etag } })).status).toBe(304);
  });

  it.each(['/../package.json', '/%2e%2e/package.json', '/assets/../../keys/agency.json', '//index.html'])(
    'gives nothing outside of the build for %s',
    async (path) => {
      const response = await plain.module.request(`http://localhost${path}`);
      expect(response.status).toBe(404);
    },
  );
});
