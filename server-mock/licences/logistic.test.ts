// A session under the documents' own function, asked for over HTTP: BT-6.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toHex } from '../../src/protocol/bytes.ts';
import { openGrant } from '../../src/protocol/grant.ts';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import { sequenceFunction, sessionSequence } from '../../src/protocol/sequence/sequence.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { directRegistry } from '../catalogue/direct-registry.ts';
import { findProgramme } from '../catalogue/programmes.ts';
import { openSeed } from '../catalogue/seed-wrap.ts';
import { sessions } from '../db/schema.ts';
import { createBoard } from '../publisher/board/create-board.ts';
import { answerChallenge, enrolTestModule, readGrant, type TestModule } from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

describe('BT-6: a session', () => {
  let at: TestProvider;
  let programme: ProgrammeId;
  let module: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    programme = await publishTestProgramme(at.provider);
    module = await enrolTestModule(at);
  });
  afterAll(() => at.close());

  const ask = async (more: object) =>
    at.post('/sessions', { ...(await answerChallenge(at, module, { programme })), ...more });
  const begin = async (more: object) => {
    const { grant: given } = z.object({ grant: z.string() }).parse(await (await ask(more)).json());
    const { grant } = await readGrant(at, module, programme, fromBase64Url(given));
    return { grant, nodes: (await openGrant(grant, module.sealing)).nodes };
  };

  it('has the function of its programme unless it asks for another', async () => {
    expect((await begin({})).grant.sequence).toBe('tree');
  });

  it('that asks for logistic gets the programme’s keys under a function of its own, another one each time', async () => {
    const sequence = 'logistic';
    const [one, two] = [await begin({ sequence }), await begin({ sequence })];
    const stored = await findProgramme(at.provider.database.queries, programme);
    const { storageKey } = at.provider.keys;
    const seed = await openSeed({ suite, storageKey }, stored.id, stored.wrappedSeed);
    for (const { grant, nodes } of [one, two]) {
      expect(grant.sequence).toBe('logistic');
      const state = sessionSequence(grant.sequence).restore(nodes);
      for (const frame of [0, 1, 5]) expect(state.at(frame)).toEqual(sequenceFunction('tree').keyAt(seed, frame));
      expect(() => state.at(4)).toThrow('sequence/spent');
    }
    const secrets = [...one.nodes, ...two.nodes].map(({ secret }) => toHex(secret));
    expect(new Set(secrets).size).toBe(secrets.length);
  });

  it('that asks for logistic for a board is refused, and nothing is reserved for it', async () => {
    const { provider } = at;
    const tools = { registry: directRegistry(provider), content: provider.content, signer: provider.keys.provider };
    const made = { title: 'Lesson', currency: 'EUR', priceMinor: 20, startTime: at.clock.now };
    const board = await createBoard(tools, made);
    const before = await provider.database.queries.select().from(sessions);
    const contact = await answerChallenge(at, module, { programme: board });
    expect(await codeOfResponse(await at.post('/sessions', { ...contact, sequence: 'logistic' }))).toBe(
      'grant/sequence',
    );
    expect(await provider.database.queries.select().from(sessions)).toEqual(before);
    // What was refused has used up nothing: the same contact begins it under its own function.
    expect((await at.post('/sessions', contact)).status).toBe(200);
  });

  it.each(['tree', 'hkdf', 'lorenz', '', null])('cannot ask for %j', async (sequence) => {
    expect(await codeOfResponse(await ask({ sequence }))).toBe('request/malformed');
  });
});
