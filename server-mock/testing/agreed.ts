// A module in software on its way to an agreement on derived keys (docs/protocol.md §24): it joins a set, downloads keys, agrees and accepts, with
// the protocol's own functions. And the set that such tests begin with.

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { fromBase64Url, toBase64Url, toHex } from '../../src/protocol/bytes.ts';
import {
  acceptKeyAgreement,
  type SignedKeyAgreement,
  verifyKeyAgreement,
} from '../../src/protocol/derived-keys/agreement.ts';
import type { ApplicationKey } from '../../src/protocol/key-unit/application-key.ts';
import { importKey } from '../../src/protocol/key-unit/export-key.ts';
import { openTransportKey, type ReceivedTransportKey } from '../../src/protocol/key-unit/transport-key.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { exportAnswerSchema, type KeyPolicy, type KeyRegistry } from '../key-unit/registry.ts';
import { makeContact, type TestModule } from './module.ts';
import type { TestProvider } from './test-provider.ts';

/** Policy of the sets that tests make: `watch` without a PIN, `wallet` with one. */
export const TEST_POLICY: KeyPolicy = Object.freeze({
  rule: 'client',
  master: 'master',
  series: [
    { reference: 'watch', pin: false },
    { reference: 'wallet', pin: true },
  ],
});

/** Series numbers of each series of a test's set. */
export const TEST_SERIES = 8;

/** Makes a set with the keys of `TEST_POLICY`, that policy or another, and these units. */
export async function makeTestSet(
  keys: KeyRegistry,
  name: string,
  options: {
    readonly units?: readonly string[];
    readonly openSize?: number;
    readonly policy?: KeyPolicy;
    readonly count?: number;
  } = {},
): Promise<void> {
  const { units = [], openSize = null, policy = TEST_POLICY, count = TEST_SERIES } = options;
  await keys.addSet(name, openSize);
  await keys.addUnits(name, units);
  await keys.addApp(name, { reference: 'master', kind: 'master', count: 0 });
  for (const reference of ['watch', 'wallet']) await keys.addApp(name, { reference, kind: 'series', count });
  await keys.setPolicy(name, policy);
}

/** Asks for the transport key of the module's set. */
export async function askTransport(at: TestProvider, module: TestModule): Promise<Response> {
  return at.post('/keys/transport', await makeContact(at, module));
}

/** The transport key, opened as a module opens it. */
export async function receiveTransport(at: TestProvider, module: TestModule): Promise<ReceivedTransportKey> {
  const answer: unknown = await (await askTransport(at, module)).json();
  const bytes = fromBase64Url(z.object({ transportKey: z.string() }).parse(answer).transportKey);
  const provider = at.provider.certificate;
  return openTransportKey({ bytes, provider, module: module.id, keyPair: module.sealing, suite });
}

/** Downloads these keys as a module does: what it then has in its slots, by reference. */
export async function receiveKeys(
  at: TestProvider,
  module: TestModule,
  references: readonly string[],
): Promise<ReadonlyMap<string, ApplicationKey>> {
  const transport = await receiveTransport(at, module);
  const random = new Uint8Array(randomBytes(16));
  const asked = references.map((reference) => ({ reference, random: toHex(random) }));
  const response = await at.post('/keys/export', { ...(await makeContact(at, module)), keys: asked });
  const { answers } = z.object({ answers: z.array(exportAnswerSchema) }).parse(await response.json());
  const received = references.map((reference, place) => {
    const answer = answers[place];
    if (answer === undefined || 'error' in answer) throw new Error(`no key ${reference}: ${answer?.error}`);
    const { slot, sealedKey, signature, certificate } = answer;
    const [data, sas, cas] = [fromBase64Url(sealedKey), fromBase64Url(signature), fromBase64Url(certificate)];
    const exported = { slot, sealedKey: data, signature: sas, certificate: cas };
    const exchange = { transport, unit: module.id, random };
    return [reference, importKey(exchange, { exported, reference, heldVersion: 0 })] as const;
  });
  return new Map(received);
}

/** An agreement as it came, and believed as a module believes it. */
export type ReceivedAgreement = {
  readonly bytes: Uint8Array;
  readonly agreement: SignedKeyAgreement;
  readonly keys: readonly { readonly reference: string; readonly version: number; readonly pin: boolean }[];
};

const agreementSchema = z.object({
  agreement: z.string(),
  keys: z.array(z.object({ reference: z.string(), version: z.number(), pin: z.boolean() })),
});

/** Asks for the agreement that is wanted. */
export async function askAgreement(at: TestProvider, module: TestModule): Promise<Response> {
  return at.post('/keys/agreement', await makeContact(at, module));
}

/** Asks for it and believes it; `newest`: the number of the newest one that the module has met. */
export async function receiveAgreement(at: TestProvider, module: TestModule, newest = 0): Promise<ReceivedAgreement> {
  const { agreement: given, keys } = agreementSchema.parse(await (await askAgreement(at, module)).json());
  const bytes = fromBase64Url(given);
  const provider = at.provider.certificate;
  return { bytes, keys, agreement: await verifyKeyAgreement({ bytes, provider, module: module.id, newest, suite }) };
}

/** The module's acceptance of an agreement, base64url. */
export async function acceptanceOf(
  at: TestProvider,
  module: TestModule,
  agreement: SignedKeyAgreement,
): Promise<string> {
  const { certificate: provider } = at.provider;
  return toBase64Url(await acceptKeyAgreement({ signer: module.signer, provider, agreement, now: at.clock.now }));
}

/** Sends an acceptance, base64url. */
export async function sendAcceptance(at: TestProvider, module: TestModule, acceptance: string): Promise<Response> {
  return at.post('/keys/acceptance', { ...(await makeContact(at, module)), acceptance });
}

/** The whole exchange. @returns what was agreed and accepted. */
export async function agreeAsModule(at: TestProvider, module: TestModule): Promise<ReceivedAgreement> {
  const received = await receiveAgreement(at, module);
  const answer = await sendAcceptance(at, module, await acceptanceOf(at, module, received.agreement));
  if (answer.status !== 200) throw new Error(`not accepted: ${await answer.text()}`);
  return received;
}
