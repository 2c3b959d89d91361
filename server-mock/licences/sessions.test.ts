import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { issueCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { makeChallenge, makeChallengeResponse, verifyChallenge } from '../../src/protocol/challenge.ts';
import { openGrant } from '../../src/protocol/grant.ts';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import { OUTPUT_MODES } from '../../src/protocol/programme.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import { signerFromSecret } from '../../src/protocol/suite/secret-signer.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { distrust } from '../agency/untrusted.ts';
import { findProgramme } from '../catalogue/programmes.ts';
import { openSeed } from '../catalogue/seed-wrap.ts';
import { accountOf, balanceOf } from '../ledger/ledger.ts';
import {
  answer,
  answerChallenge,
  beginTestSession,
  enrolTestModule,
  makeTestModule,
  placeOf,
  type TestModule,
} from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

describe('sessions', () => {
  let at: TestProvider;
  let programme: ProgrammeId;
  let module: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    programme = await publishTestProgramme(at.provider);
    module = await enrolTestModule(at);
  });
  afterAll(() => at.close());

  const codeOfSession = async (body: unknown): Promise<string> => codeOfResponse(await at.post('/sessions', body));

  /** An answer to a challenge that this provider signed but, unless told, never issued. */
  const answerTo = async (challenge: Uint8Array, by: TestModule): Promise<string> => {
    const now = at.clock.now;
    const bytes = await makeChallenge({ signer: at.provider.keys.provider, now, challenge, counter: 0 });
    const believed = await verifyChallenge({ bytes, provider: at.provider.certificate, now, suite });
    return (await answer(at, by, believed)).response;
  };

  describe('P1', () => {
    it('BT-2: refuses a certificate of another agency', async () => {
      const body = await answerChallenge(at, module, { programme });
      const certificate = await issueCertificate({
        signer: signerFromSecret(randomBytes(32)),
        role: 'module',
        subjectKey: module.signer.publicKey,
        sealingKey: module.sealing.publicKey,
        device: module.device,
        epoch: module.epoch,
        issuedAt: at.clock.now,
        expires: at.clock.now + 1_000_000,
      });
      expect(await codeOfSession({ ...body, certificate: toBase64Url(certificate) })).toBe('certificate/foreign');
    });

    it('BT-2: refuses a certificate that has expired', async () => {
      const body = await answerChallenge(at, module, { programme });
      const certificate = await issueCertificate({
        signer: at.provider.keys.agency,
        role: 'module',
        subjectKey: module.signer.publicKey,
        sealingKey: module.sealing.publicKey,
        device: module.device,
        epoch: module.epoch,
        issuedAt: at.clock.now - 2_000,
        expires: at.clock.now - 1_000,
      });
      expect(await codeOfSession({ ...body, certificate: toBase64Url(certificate) })).toBe('certificate/expired');
    });

    it('BT-2: refuses a provider’s certificate in place of a module’s', async () => {
      const body = await answerChallenge(at, module, { programme });
      const certificate = toBase64Url(at.provider.certificateBytes);
      expect(await codeOfSession({ ...body, certificate })).toBe('certificate/wrong-role');
    });

    it('BT-2: refuses a module on the untrusted list', async () => {
      const other = await enrolTestModule(at);
      const body = await answerChallenge(at, other, { programme });
      await distrust(at.provider.database.queries, other.id, at.clock.now);
      expect(await codeOfSession(body)).toBe('certificate/untrusted');
    });

    it('BT-2: refuses an answer signed by another key', async () => {
      const body = await answerChallenge(at, module, { programme });
      const other = await enrolTestModule(at);
      expect(await codeOfSession({ ...body, certificate: toBase64Url(other.certificate) })).toBe('challenge/malformed');
    });

    it('BT-2: refuses an answer meant for another provider', async () => {
      const otherKey = signerFromSecret(randomBytes(32));
      const now = at.clock.now;
      const provider = await verifyCertificate({
        bytes: await issueCertificate({
          signer: at.provider.keys.agency,
          role: 'provider',
          subjectKey: otherKey.publicKey,
          issuedAt: now,
          expires: now + 1_000_000,
        }),
        agencyKey: at.provider.keys.agency.publicKey,
        role: 'provider',
        now,
        suite,
      });
      const bytes = await makeChallenge({ signer: otherKey, now, challenge: randomBytes(32), counter: 0 });
      const challenge = await verifyChallenge({ bytes, provider, now, suite });
      const { signer, device, epoch } = module;
      const life = { device, epoch, ...placeOf(module), pastHead: new Uint8Array(32) };
      const response = await makeChallengeResponse({ signer, provider, challenge, now, ...life });
      const body = await answerChallenge(at, module, { programme });
      expect(await codeOfSession({ ...body, response: toBase64Url(response) })).toBe('challenge/malformed');
    });

    it('BT-2: refuses an answer to a challenge it never issued', async () => {
      const body = await answerChallenge(at, module, { programme });
      const response = await answerTo(randomBytes(32), module);
      expect(await codeOfSession({ ...body, response })).toBe('challenge/unknown');
    });

    it('BT-2: refuses an answer that comes after a minute', async () => {
      const body = await answerChallenge(at, module, { programme });
      at.clock.now += 60_000;
      expect(await codeOfSession(body)).toBe('challenge/expired');
    });

    it('BT-2: uses a challenge once', async () => {
      const body = await answerChallenge(at, module, { programme });
      expect((await at.post('/sessions', body)).status).toBe(200);
      expect(await codeOfSession(body)).toBe('challenge/replayed');
    });

    it('BT-2: uses a challenge once when two requests come together', async () => {
      const body = await answerChallenge(at, module, { programme });
      const answers = await Promise.all([at.post('/sessions', body), at.post('/sessions', body)]);
      expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409]);
    });

    it('leaves the challenge unused where the session is refused', async () => {
      const body = await answerChallenge(at, module, { programme });
      expect(await codeOfSession({ ...body, from: 10 })).toBe('request/malformed');
      expect((await at.post('/sessions', body)).status).toBe(200);
    });

    it('refuses a certified module that never enrolled here', async () => {
      const stranger = await makeTestModule(at.clock.now);
      stranger.certificate = await issueCertificate({
        signer: at.provider.keys.agency,
        role: 'module',
        subjectKey: stranger.signer.publicKey,
        sealingKey: stranger.sealing.publicKey,
        device: stranger.device,
        epoch: stranger.epoch,
        issuedAt: at.clock.now,
        expires: at.clock.now + 1_000_000,
      });
      expect(await codeOfSession(await answerChallenge(at, stranger, { programme }))).toBe('enrolment/needed');
    });
  });

  describe('P2', () => {
    it('BT-3: grants what was asked for, to this module, in a session of its own', async () => {
      const { grant } = await beginTestSession(at, module, { programme, from: 4 });
      const second = await beginTestSession(at, module, { programme, from: 4 });
      expect(grant.module).toBe(module.id);
      expect(grant.programme).toBe(programme);
      expect(grant.mode).toBe('display');
      expect(grant.ranges).toEqual([[4, 10]]);
      expect(grant.reservedMinor).toBe(120n);
      expect(grant.expires).toBe(at.clock.now + 43_200_000);
      expect(second.grant.session).not.toBe(grant.session);
    });

    it('BT-5: grants the way out that is asked for where the programme offers it', async () => {
      const open = await publishTestProgramme(at.provider, { modes: OUTPUT_MODES });
      for (const mode of OUTPUT_MODES) {
        const { grant } = await beginTestSession(at, module, { programme: open, mode });
        expect(grant.mode).toBe(mode);
      }
    });

    it.each([
      ['frames', 'grant/mode'],
      ['keys', 'grant/mode'],
      ['pixels', 'request/malformed'],
    ])(
      'BT-5: refuses the way out `%s` of a programme for the display alone, and leaves the challenge unused',
      async (mode, code) => {
        const body = await answerChallenge(at, module, { programme });
        expect(await codeOfSession({ ...body, mode })).toBe(code);
        expect((await at.post('/sessions', body)).status).toBe(200);
      },
    );

    it('BT-3: seals to the module the keys of the granted frames and of no other', async () => {
      const { grant } = await beginTestSession(at, module, { programme, from: 7 });
      const { sessionKey, nodes } = await openGrant(grant, module.sealing);
      const stored = await findProgramme(at.provider.database.queries, programme);
      const wrap = { suite, storageKey: at.provider.keys.storageKey };
      const seed = await openSeed(wrap, stored.id, stored.wrappedSeed);
      const tree = sequenceFunction('tree');
      const keys = tree.restore(nodes);
      for (const frame of [7, 8, 9]) expect(keys.at(frame)).toEqual(tree.keyAt(seed, frame));
      expect(keys.covers(6)).toBe(false);
      expect(keys.covers(10)).toBe(false);
      expect(sessionKey).toHaveLength(32);
    });

    it('BT-6: grants leaves where the programme’s function is hkdf', async () => {
      const withLeaves = await publishTestProgramme(at.provider, { sequence: 'hkdf' });
      const { grant } = await beginTestSession(at, module, { programme: withLeaves });
      const { nodes } = await openGrant(grant, module.sealing);
      expect(nodes.map(({ level }) => level)).toEqual(Array.from({ length: 10 }, () => 32));
    });

    it('refuses a programme it does not sell', async () => {
      const body = await answerChallenge(at, module, { programme });
      expect(await codeOfSession({ ...body, programme: '0'.repeat(32) })).toBe('programme/unknown');
    });

    it.each([
      ['from', -1],
      ['from', 0.5],
      ['from', '0'],
      ['mode', 'pixels'],
      ['programme', 'ABC'],
      ['response', '!'],
      ['certificate', ''],
      ['other', 1],
    ])('refuses a request whose %s is %j', async (member, value) => {
      const body = await answerChallenge(at, module, { programme });
      expect(await codeOfSession({ ...body, [member]: value })).toBe('request/malformed');
    });

    it('never grants more than the credit that is left, and nothing without credit', async () => {
      const dear = await publishTestProgramme(at.provider, { priceMinor: 60_000 });
      const spender = await enrolTestModule(at);
      const credit = (): Promise<bigint> =>
        balanceOf(at.provider.database.queries, accountOf.credit(spender.id, 'EUR'));

      const { grant } = await beginTestSession(at, spender, { programme: dear });
      expect(grant.ranges).toEqual([[0, 3]]);
      expect(grant.reservedMinor).toBe(180_000n);
      expect(grant.creditMinor).toBe(20_000n);
      expect(await credit()).toBe(20_000n);

      const body = await answerChallenge(at, spender, { programme: dear, from: 3 });
      const refused = await at.post('/sessions', body);
      expect(refused.status).toBe(402);
      expect(await codeOfResponse(refused)).toBe('credit/exhausted');
      expect(await credit()).toBe(20_000n);
    });

    it('reserves once when two sessions race for the last credit', async () => {
      const dear = await publishTestProgramme(at.provider, { priceMinor: 150_000 });
      const spender = await enrolTestModule(at);
      const bodies = [
        await answerChallenge(at, spender, { programme: dear }),
        await answerChallenge(at, spender, { programme: dear }),
      ];
      const answers = await Promise.all(bodies.map((body) => at.post('/sessions', body)));
      const codes = await Promise.all(answers.map(async (answer) => (answer.ok ? 'granted' : codeOfResponse(answer))));
      expect(codes.sort()).toEqual(['credit/exhausted', 'granted']);
    });
  });

  it('answers the catalogue and the programme without credit or module', async () => {
    const schema = z.object({ programmes: z.array(z.object({ id: z.string(), rungs: z.array(z.string()) })) });
    const { programmes } = schema.parse(await (await at.terminal.request('/api/v1/catalogue')).json());
    expect(programmes.find(({ id }) => id === programme)?.rungs).toEqual(['360p']);
    const found = z
      .object({ programme: z.string(), manifest: z.string() })
      .parse(await (await at.terminal.request(`/api/v1/programmes/${programme}`)).json());
    expect(fromBase64Url(found.programme).length).toBeGreaterThan(100);
  });
});
