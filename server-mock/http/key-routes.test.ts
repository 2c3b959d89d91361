import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url, toHex } from '../../src/protocol/bytes.ts';
import { importKey } from '../../src/protocol/key-unit/export-key.ts';
import { openTransportKey, type ReceivedTransportKey } from '../../src/protocol/key-unit/transport-key.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { directKeys } from '../key-unit/direct-registry.ts';
import { exportAnswerSchema, type KeyRegistry } from '../key-unit/registry.ts';
import { enrolTestModule, makeContact, type TestModule } from '../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

const RANDOM = new Uint8Array(16).fill(9);
const answersSchema = z.object({ answers: z.array(exportAnswerSchema) });

describe('keys over HTTP', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  let module: TestModule;
  let stranger: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
    module = await enrolTestModule(at);
    stranger = await enrolTestModule(at);
    await keys.addSet('north');
    await keys.addUnits('north', [module.id]);
    for (const reference of ['wallet', 'master']) await keys.addApp('north', { reference, kind: 'key', count: 0 });
  });
  afterAll(() => at.close());

  const askTransport = async (of: TestModule) => at.post('/keys/transport', await makeContact(at, of));
  const askKeys = async (of: TestModule, references: readonly string[], random = toHex(RANDOM)) =>
    at.post('/keys/export', {
      ...(await makeContact(at, of)),
      keys: references.map((reference) => ({ reference, random })),
    });

  async function receiveTransport(): Promise<ReceivedTransportKey> {
    const { transportKey } = z.object({ transportKey: z.string() }).parse(await (await askTransport(module)).json());
    const bytes = fromBase64Url(transportKey);
    const { certificate: provider } = at.provider;
    return openTransportKey({ bytes, provider, module: module.id, keyPair: module.sealing, suite });
  }

  it('SD-1, SD-2: give a module the transport key of its set, under which the keys that it asks for open', async () => {
    const transport = await receiveTransport();
    const { answers } = answersSchema.parse(await (await askKeys(module, ['wallet', 'none', 'master'])).json());
    expect(answers[1]).toEqual({ error: 'keys/no-such-key' });
    for (const [place, reference] of [
      [0, 'wallet'],
      [2, 'master'],
    ] as const) {
      const answer = answers[place];
      if (answer === undefined || 'error' in answer) throw new Error('no key');
      const exported = {
        slot: answer.slot,
        sealedKey: fromBase64Url(answer.sealedKey),
        signature: fromBase64Url(answer.signature),
        certificate: fromBase64Url(answer.certificate),
      };
      const exchange = { transport, unit: module.id, random: RANDOM };
      expect(importKey(exchange, { exported, reference, heldVersion: 0 }).slot).toEqual({ reference, version: 1 });
    }
  });

  it('SD-2: give nothing to a module of no set', async () => {
    expect(await codeOfResponse(await askTransport(stranger))).toBe('keys/unknown-unit');
    const { answers } = answersSchema.parse(await (await askKeys(stranger, ['wallet'])).json());
    expect(answers).toEqual([{ error: 'keys/unknown-unit' }]);
  });

  it('answer the same bytes to the same request, and spend a contact once', async () => {
    const body = { ...(await makeContact(at, module)), keys: [{ reference: 'wallet', random: toHex(RANDOM) }] };
    const first = await (await at.post('/keys/export', body, 'again')).text();
    expect(await (await at.post('/keys/export', body, 'again')).text()).toBe(first);
    expect(await codeOfResponse(await at.post('/keys/export', body))).toBe('challenge/replayed');
  });

  it.each([
    ['an R that is too short', { reference: 'wallet', random: 'ab' }],
    ['a unit beside it', { reference: 'wallet', random: toHex(RANDOM), unit: '1'.repeat(32) }],
    ['no reference', { random: toHex(RANDOM) }],
  ])('refuse a request with %s', async (_, asked) => {
    const body = { ...(await makeContact(at, module)), keys: [asked] };
    expect(await codeOfResponse(await at.post('/keys/export', body))).toBe('request/malformed');
  });

  it('refuse none and too many at once', async () => {
    for (const count of [0, 17]) {
      const references = Array.from({ length: count }, () => 'wallet');
      expect(await codeOfResponse(await askKeys(module, references))).toBe('request/malformed');
    }
  });

  it('SD-4: show neither T nor a clear key in any answer', async () => {
    const transport = await receiveTransport();
    const told = (await (await askKeys(module, ['wallet'])).text()) + (await (await askTransport(module)).text());
    const shown = [toHex(transport.transportKey), toBase64Url(transport.transportKey)];
    for (const text of shown) expect(told).not.toContain(text.slice(0, 16));
  });

  it('MC-6: give no transport key of a set that is retired', async () => {
    await keys.retire('north', null, null);
    expect(await codeOfResponse(await askTransport(module))).toBe('keys/retired');
    const { answers } = answersSchema.parse(await (await askKeys(module, ['wallet'])).json());
    expect(answers).toEqual([{ error: 'keys/no-such-key' }]);
  });
});
