import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeProgrammeId } from '../../src/protocol/ids.ts';
import { directRegistry } from '../catalogue/direct-registry.ts';
import { publishedToJson } from '../catalogue/schemas.ts';
import { directClaims } from '../claims/direct-registry.ts';
import { directKeys } from '../key-unit/direct-registry.ts';
import { directLive } from '../live/direct-live.ts';
import { directModules } from '../modules/direct-registry.ts';
import { makeTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { adminApp } from './admin-app.ts';
import { readAdminFile, removeAdminFile, writeAdminFile } from './admin-file.ts';

const TOKEN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ';

describe('admin interface', () => {
  let at: TestProvider;
  let app: ReturnType<typeof adminApp>;
  beforeAll(async () => {
    at = await openTestProvider();
    app = adminApp(
      directRegistry(at.provider),
      directModules(at.provider),
      directLive(at.provider),
      directClaims(at.provider),
      directKeys(at.provider),
      TOKEN,
    );
  });
  afterAll(() => at.close());

  const ask = async (init: RequestInit = {}, path = '/programmes'): Promise<Response> =>
    app.request(`/admin/v1${path}`, { headers: { Authorization: `Bearer ${TOKEN}` }, ...init });
  const publish = async (body: unknown): Promise<Response> => ask({ method: 'POST', body: JSON.stringify(body) });

  it.each([
    ['no token', {}],
    ['another token', { Authorization: `Bearer ${TOKEN.toLowerCase()}` }],
    ['the token without its scheme', { Authorization: TOKEN }],
    ['an origin, so a page', { Authorization: `Bearer ${TOKEN}`, Origin: 'http://localhost:4173' }],
  ])('refuses a request with %s', async (_what, headers) => {
    for (const method of ['GET', 'POST']) {
      const response = await ask({ method, headers });
      expect(response.status).toBe(401);
      expect(await codeOfResponse(response)).toBe('request/unauthorised');
    }
  });

  it('publishes, lists and removes, and deletes the files with the last programme that needs them', async () => {
    const programme = await makeTestProgramme(at.provider, { title: 'One' });
    expect((await publish(publishedToJson(programme))).status).toBe(201);
    expect((await publish(publishedToJson(programme))).status).toBe(201);
    expect((await directRegistry(at.provider).list()).map(({ title }) => title)).toEqual(['One']);

    expect((await ask({ method: 'DELETE' }, `/programmes/${programme.id}`)).status).toBe(200);
    expect(await directRegistry(at.provider).list()).toEqual([]);
    expect(await at.provider.content.has(programme.manifestHash)).toBe(false);
    expect(await codeOfResponse(await ask({ method: 'DELETE' }, `/programmes/${programme.id}`))).toBe(
      'programme/unknown',
    );
  });

  it('keeps a file that another programme needs', async () => {
    const first = await makeTestProgramme(at.provider);
    const second = await makeTestProgramme(at.provider);
    const registry = directRegistry(at.provider);
    await registry.add(first);
    await registry.add({ ...second, files: [...second.files, ...first.files] });
    await registry.remove(first.id);
    expect(await at.provider.content.has(first.manifestHash)).toBe(true);
    await registry.remove(second.id);
    expect(await at.provider.content.has(first.manifestHash)).toBe(false);
  });

  it.each([
    ['title', 'Another', 'publish/failed'],
    ['priceMinor', 21, 'publish/failed'],
    ['frameCount', 11, 'publish/failed'],
    ['currency', 'USD', 'publish/failed'],
    ['sequence', 'hkdf', 'publish/failed'],
    ['modes', ['display', 'frames'], 'publish/failed'],
    ['id', '0'.repeat(32), 'publish/failed'],
    ['manifestHash', '0'.repeat(64), 'publish/failed'],
    ['files', [], 'publish/failed'],
    ['durationMs', 19_999, 'publish/failed'],
    ['posterHash', '0'.repeat(64), 'publish/failed'],
    ['rungs', ['720p'], 'publish/failed'],
    ['seed', 'A'.repeat(43), 'frame/wrong-key'],
    ['programmeBytes', 'AAAA', 'programme/malformed'],
    ['title', '', 'request/malformed'],
    ['extra', 1, 'request/malformed'],
  ])('refuses a programme whose %s is %j and lists nothing', async (member, value, code) => {
    const programme = publishedToJson(await makeTestProgramme(at.provider));
    expect(await codeOfResponse(await publish({ ...programme, [member]: value }))).toBe(code);
    const listed = await directRegistry(at.provider).list();
    expect(listed.map(({ id }) => id)).not.toContain(programme.id);
  });

  it.each(['', '{', 'null', '[]'])('refuses the body %j', async (body) => {
    for (const path of ['/programmes', '/unlisted-files/removal']) {
      const response = await ask({ method: 'POST', body }, path);
      expect([response.status, await codeOfResponse(response)]).toEqual([400, 'request/malformed']);
    }
  });

  it('refuses a programme that does not list each file its manifest names, in its size', async () => {
    const programme = publishedToJson(await makeTestProgramme(at.provider));
    for (const { hash } of programme.files) {
      const files = programme.files.filter((file) => file.hash !== hash);
      expect(await codeOfResponse(await publish({ ...programme, files }))).toBe('publish/failed');
    }
    const files = programme.files.map((file) => ({ ...file, sizeBytes: file.sizeBytes + 1 }));
    expect(await codeOfResponse(await publish({ ...programme, files }))).toBe('publish/failed');
    expect((await publish(programme)).status).toBe(201);
  });

  it('takes files back that no programme lists, and leaves the others', async () => {
    const listed = await makeTestProgramme(at.provider);
    await directRegistry(at.provider).add(listed);
    const { hash: stray } = await at.provider.content.put(new Uint8Array([7]));
    const hashes = [listed.posterHash, stray];
    const remove = (body: unknown): Promise<Response> =>
      ask({ method: 'POST', body: JSON.stringify(body) }, '/unlisted-files/removal');
    expect(await codeOfResponse(await remove({ hashes: ['../../keys'] }))).toBe('request/malformed');
    expect((await remove({ hashes })).status).toBe(200);
    expect(await at.provider.content.has(stray)).toBe(false);
    expect(await at.provider.content.has(listed.posterHash)).toBe(true);
  });

  it('refuses a programme of which a file is missing', async () => {
    const programme = await makeTestProgramme(at.provider);
    await at.provider.content.remove(programme.posterHash);
    expect(await codeOfResponse(await publish(publishedToJson(programme)))).toBe('publish/failed');
  });

  it('keeps the seed wrapped at rest', async () => {
    const programme = await makeTestProgramme(at.provider);
    await directRegistry(at.provider).add(programme);
    const rows = JSON.stringify(
      await at.provider.database.queries.execute(`select encode(wrapped_seed, 'hex') as wrapped from programmes`),
    );
    expect(rows).not.toContain(Buffer.from(programme.seed).toString('hex'));
    expect(decodeProgrammeId(programme.id)).toBe(programme.id);
  });

  it('writes its address for the owner of the folder alone and removes only its own', async () => {
    const folder = at.provider.config.dataDir;
    const address = { url: 'http://127.0.0.1:4000', token: TOKEN };
    await writeAdminFile(folder, address);
    expect((await stat(join(folder, 'admin.json'))).mode & 0o777).toBe(0o600);
    await removeAdminFile(folder, { ...address, token: 'A'.repeat(43) });
    expect(await readAdminFile(folder)).toEqual(address);
    await removeAdminFile(folder, address);
    expect(await readAdminFile(folder)).toBeNull();
  });
});
