// The code against our own vectors, over both suites, from two sides: what it makes is what was written, and what was
// written is read and believed.

import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openBackup, readBackupSlots } from '../backup.ts';
import { BACKUP_PRF_SALT, deriveBackupPasskey, openBackupSlots } from '../backup-passkey.ts';
import { fromHex, toHex } from '../bytes.ts';
import { decodeCaptions, encodeCaptions } from '../captions.ts';
import { decodeCbor, encodeCbor } from '../cbor.ts';
import { verifyCertificate } from '../certificate.ts';
import { verifyChallenge, verifyChallengeResponse } from '../challenge.ts';
import { checkClaimIn } from '../claim-checks.ts';
import { COSE_TYPES, verifyCose } from '../cose.ts';
import { verifyEnrolmentRequest } from '../enrolment.ts';
import { openGrant, verifyGrant } from '../grant.ts';
import { decodeContentHash, decodeModuleId, decodeProgrammeId, decodeProviderId } from '../ids.ts';
import { makeLiveLine } from '../live-line.ts';
import { verifyLiveUpdate } from '../live-update.ts';
import { mainSoundOf } from '../manifest.ts';
import { openPart } from '../parts.ts';
import { derivePreviewKey, openPreview } from '../previews.ts';
import { verifyManifest, verifyProgramme } from '../programme.ts';
import { checkReceiptFile } from '../receipt-checks.ts';
import { decodeEntry, firstHead, nextHead } from '../record-entry.ts';
import { decodeRecoveryWords, deriveBackupLocator } from '../recovery-words.ts';
import { sequenceFunction } from '../sequence/sequence.ts';
import { encodeSnapshot } from '../snapshot.ts';
import { verifyStanding } from '../standing.ts';
import { nobleSuite } from '../suite/noble.ts';
import { webCryptoSuite } from '../suite/webcrypto.ts';
import { verifyUntrustedList } from '../untrusted-list.ts';
import { buildVectors } from './build.ts';
import { type Cast, makeCast, sealingKeyPairOf } from './cast.ts';
import { tellContractStory } from './contract-story.ts';
import { tellStory } from './story.ts';

const HERE = new URL('./', import.meta.url);
const FILES = readdirSync(HERE).filter((name) => name.endsWith('.json'));
/** Of versions that are not made any more: kept as they were written. */
const KEPT = FILES.filter((name) => /-v\d\.json$/.test(name));

const hex = z.string().transform(fromHex);
const node = z.object({ level: z.number(), index: z.number(), secret: hex });

function read<Shape extends z.ZodType>(file: string, shape: Shape): z.output<Shape> {
  return shape.parse(JSON.parse(readFileSync(new URL(file, HERE), 'utf8')));
}

const certificates = (file = 'certificate.json') =>
  read(
    file,
    z.object({
      now: z.number(),
      agencyKey: hex,
      enrolmentRequest: hex,
      module: z.object({ certificate: hex, subject: z.string(), publicKey: hex, sealingKey: hex }).loose(),
      provider: z.object({ certificate: hex, subject: z.string(), publicKey: hex }),
      untrustedList: hex,
    }),
  );

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

test('there are twenty-two files, and seven of versions that are not made any more', () => {
  expect([FILES.length - KEPT.length, KEPT.length]).toEqual([22, 7]);
});

describe.each([webCryptoSuite, nobleSuite])('our own vectors over the $name suite', (suite) => {
  const believed = async (file?: string) => {
    const { now, agencyKey, module, provider } = certificates(file);
    return {
      module: await verifyCertificate({ bytes: module.certificate, agencyKey, role: 'module', now, suite }),
      provider: await verifyCertificate({ bytes: provider.certificate, agencyKey, role: 'provider', now, suite }),
    };
  };
  const programmeOf = async (file = 'programme.json') => {
    const { programme } = read(file, z.object({ programme: hex }));
    return verifyProgramme({ bytes: programme, certificate: (await believed()).provider, suite });
  };

  test('are what the code makes', async () => {
    const { grant } = read('grant.json', z.object({ grant: hex }));
    const contracted = read('contract.json', z.object({ grant: hex }));
    const story = await tellStory(cast, grant);
    const contractStory = await tellContractStory(cast, story, contracted.grant);
    const vectors = await buildVectors(cast, story, contractStory, suite);
    expect([...Object.keys(vectors), ...KEPT].sort()).toEqual([...FILES].sort());
    for (const [file, contents] of Object.entries(vectors)) expect(contents, file).toEqual(read(file, z.json()));
  });

  test('cbor.json: what is encoded reads back, what is refused is refused by its code', () => {
    const { encoded, refused } = read(
      'cbor.json',
      z.object({
        encoded: z.array(z.object({ encoded: hex })),
        refused: z.array(z.object({ encoded: hex, code: z.string() })),
      }),
    );
    expect([encoded.length, refused.length]).toEqual([10, 12]);
    for (const vector of encoded) expect(encodeCbor(decodeCbor(vector.encoded))).toEqual(vector.encoded);
    for (const vector of refused) expect(() => decodeCbor(vector.encoded)).toThrow(vector.code);
  });

  test('cose.json: the signature holds', async () => {
    const vector = read('cose.json', z.object({ publicKey: hex, payload: hex, signed: hex }));
    const { publicKey, signed: bytes } = vector;
    expect(await verifyCose({ bytes, typ: COSE_TYPES.challenge, publicKey, suite })).toEqual(
      decodeCbor(vector.payload),
    );
  });

  test('certificate.json: request, certificates and list are believed', async () => {
    const { agencyKey, module, provider, enrolmentRequest, untrustedList } = certificates();
    expect(await believed()).toMatchObject({
      module: { subject: module.subject, publicKey: module.publicKey, sealingKey: module.sealingKey },
      provider: { subject: provider.subject, publicKey: provider.publicKey },
    });
    const { device, epoch } = read(
      'certificate.json',
      z.object({ module: z.object({ device: hex, epoch: z.number() }) }),
    ).module;
    expect((await believed()).module).toMatchObject({ device, epoch });
    const requested = await verifyEnrolmentRequest({ bytes: enrolmentRequest, suite });
    expect(requested).toMatchObject({ module: module.subject, device, epoch });
    expect((await verifyUntrustedList({ bytes: untrustedList, agencyKey, suite })).ids.size).toBe(2);
  });

  test('certificate-v1.json: BT-2: request and certificates are still believed, as epoch 0', async () => {
    const { enrolmentRequest, module, agencyKey, untrustedList } = certificates('certificate-v1.json');
    const old = { device: new Uint8Array(16), epoch: 0 };
    expect((await believed('certificate-v1.json')).module).toMatchObject({ subject: module.subject, ...old });
    const requested = await verifyEnrolmentRequest({ bytes: enrolmentRequest, suite });
    expect(requested).toMatchObject({ module: module.subject, ...old });
    expect((await verifyUntrustedList({ bytes: untrustedList, agencyKey, suite })).ids.size).toBe(2);
  });

  test('challenge-v1.json: BT-2: challenge and answer, which say nothing of copies, are refused', async () => {
    const { now } = certificates();
    const { module, provider } = await believed('certificate-v1.json');
    const vector = read('challenge-v1.json', z.object({ challenge: hex, response: hex }));
    await expect(verifyChallenge({ bytes: vector.challenge, provider, now, suite })).rejects.toThrow(
      'challenge/malformed',
    );
    const answered = { bytes: vector.response, module, provider: decodeProviderId(provider.subject), suite };
    await expect(verifyChallengeResponse(answered)).rejects.toThrow('challenge/malformed');
  });

  test('challenge.json: challenge and answer are believed', async () => {
    const { now } = certificates();
    const { module, provider } = await believed();
    const vector = read(
      'challenge.json',
      z.object({
        challenge: hex,
        random: hex,
        pastCounter: z.number(),
        response: hex,
        device: hex,
        epoch: z.number(),
        counter: z.number(),
        head: hex,
        pastHead: hex,
      }),
    );
    const challenge = await verifyChallenge({ bytes: vector.challenge, provider, now, suite });
    expect([challenge.challenge, challenge.counter]).toEqual([vector.random, vector.pastCounter]);
    const answer = await verifyChallengeResponse({
      bytes: vector.response,
      module,
      provider: decodeProviderId(provider.subject),
      suite,
    });
    const { device, epoch, counter, head, pastHead } = vector;
    expect(answer).toMatchObject({ challenge: vector.random, device, epoch, counter, head, pastHead });
  });

  test('programme.json: the programme is believed and names the manifest', async () => {
    const vector = read(
      'programme.json',
      z.object({ programmeHash: z.string(), manifest: hex, manifestHash: z.string() }),
    );
    const programme = await programmeOf();
    expect([programme.programmeHash, programme.manifest]).toEqual([vector.programmeHash, vector.manifestHash]);
    expect(verifyManifest({ bytes: vector.manifest, programme }).frameCount).toBe(8);
  });

  test('programme-v1.json: the manifest of version 1 is still read: one main sound, no captions, chapters or previews', async () => {
    const vector = read('programme-v1.json', z.object({ manifest: hex }));
    const manifest = verifyManifest({ bytes: vector.manifest, programme: await programmeOf('programme-v1.json') });
    expect([manifest.chapters, manifest.previews]).toEqual([[], null]);
    expect(mainSoundOf(manifest)).toMatchObject({ label: 'audio/main', language: '', name: '', role: 'main' });
  });

  test('captions.json: the cues are read, and written as they were', () => {
    const span = z.object({ startMs: z.number(), endMs: z.number() });
    const vector = read('captions.json', z.object({ slot: span, cues: z.array(span.loose()), captions: hex }));
    const cues = decodeCaptions(vector.captions, vector.slot);
    expect(cues).toEqual(vector.cues);
    expect(encodeCaptions(cues)).toEqual(vector.captions);
  });

  test('previews.json: every sheet opens under the key of the seed', async () => {
    const sheet = z.object({ sheet: z.number(), clear: hex, sealed: hex });
    const numbers = z.record(z.enum(['width', 'height', 'columns', 'rows', 'intervalMs']), z.number());
    const vector = read(
      'previews.json',
      z.object({ programme: z.string(), programmeSeed: hex, previewKey: hex, form: numbers, sheets: z.array(sheet) }),
    );
    const programme = decodeProgrammeId(vector.programme);
    const { previewKey, form, sheets } = vector;
    expect(derivePreviewKey(vector.programmeSeed, programme)).toEqual(previewKey);
    const hash = decodeContentHash('0'.repeat(64));
    const previews = { ...form, sheets: sheets.map(({ sealed }) => ({ hash, sizeBytes: sealed.length })) };
    expect(sheets).toHaveLength(2);
    for (const { sheet: number, clear, sealed } of sheets) {
      expect(await openPreview({ previewKey, programme, sheet: number, previews, sealed, suite })).toEqual(clear);
    }
  });

  test('part.json: every sealed part opens', async () => {
    const part = z.object({ label: z.string(), frame: z.number(), clear: hex, sealed: hex });
    const vector = read(
      'part.json',
      z.object({ programme: z.string(), frameKey: hex, cases: z.array(part).length(3) }),
    );
    const programme = decodeProgrammeId(vector.programme);
    for (const { label, frame, clear, sealed } of vector.cases) {
      expect(await openPart({ frameKey: vector.frameKey, programme, label, frame, sealed, suite })).toEqual(clear);
    }
  });

  test.each(['tree', 'hkdf'] as const)('%s.json: the granted nodes give the keys of the seed', (name) => {
    const vector = read(
      `${name}.json`,
      z.object({
        keys: z.array(z.object({ frame: z.number(), frameKey: hex })),
        granted: z.array(node),
        afterFrame7: z.array(node),
      }),
    );
    const state = sequenceFunction(name).restore(vector.granted);
    const granted = vector.keys.filter(({ frame }) => state.covers(frame));
    expect(granted.map(({ frame }) => frame)).toEqual([0, 1, 7, 2 ** 32 - 1]);
    for (const { frame, frameKey } of granted) expect(toHex(state.at(frame))).toBe(toHex(frameKey));
    expect(sequenceFunction(name).restore(vector.afterFrame7).covers(7)).toBe(false);
  });

  test.each([
    ['grant.json', 'programme.json', 2],
    ['grant-v1.json', 'programme-v1.json', 1],
  ] as const)('%s: the grant is believed under %s and opens with the secret', async (file, programmeFile, version) => {
    const vector = read(
      file,
      z.object({
        now: z.number(),
        grant: hex,
        sealingSecret: hex,
        programmeSeed: hex,
        sessionKey: hex,
        previewKey: hex.optional(),
      }),
    );
    const { module, provider } = await believed();
    const programme = await programmeOf(programmeFile);
    const grant = await verifyGrant({
      bytes: vector.grant,
      provider,
      module: module.subject,
      programme,
      now: vector.now,
      suite,
    });
    expect(grant.version).toBe(version);
    const { sessionKey, nodes, previewKey } = await openGrant(grant, await sealingKeyPairOf(vector.sealingSecret));
    expect([sessionKey, previewKey]).toEqual([vector.sessionKey, vector.previewKey ?? null]);
    expect(previewKey === null).toBe(version === 1);
    const tree = sequenceFunction('tree');
    expect(tree.restore(nodes).at(7)).toEqual(tree.keyAt(vector.programmeSeed, 7));
  });

  test.each([
    ['receipt.json', 1],
    ['receipt-v2.json', 1],
    ['receipt-v1.json', 0],
  ] as const)('%s: BT-8: every check of the file holds, in epoch %i', async (name, epoch) => {
    const { agencyKey, file } = read(name, z.object({ agencyKey: hex, file: hex }));
    const report = await checkReceiptFile({ file, agencyKey, suite });
    expect(report.checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(report.valid).toBe(true);
    expect([report.receipt?.epoch, report.module?.epoch]).toEqual([epoch, epoch]);
  });

  test('contract.json: BT-9: receipt, contract, claim and answer are believed, and agree', async () => {
    const vector = read(
      'contract.json',
      z.object({ agencyKey: hex, file: hex, contractHash: z.string(), claimHash: z.string(), paidMinor: z.number() }),
    );
    const { agencyKey, file } = vector;
    const report = await checkReceiptFile({ file, agencyKey, suite });
    expect(report.checks.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(report.contract?.contractHash).toBe(vector.contractHash);
    const claimed = await checkClaimIn({ file, report, suite });
    expect([claimed?.claim?.claimHash, claimed?.failure]).toEqual([vector.claimHash, null]);
    expect([Number(claimed?.answer?.amountMinor), claimed?.contradictions]).toEqual([vector.paidMinor, []]);
  });

  test('live.json: BT-10: every update is believed, and the line grows to its end', async () => {
    const update = z.object({ update: hex, updateHash: z.string() });
    const vector = read('live.json', z.object({ programme: hex, manifest: hex, updates: z.array(update) }));
    const { provider } = await believed();
    const programme = await verifyProgramme({ bytes: vector.programme, certificate: provider, suite });
    if (programme.live === null) throw new Error('it is not live');
    const line = makeLiveLine(verifyManifest({ bytes: vector.manifest, programme }), programme.live);
    for (const { update: bytes, updateHash } of vector.updates) {
      const told = await verifyLiveUpdate({ bytes, certificate: provider, suite });
      expect(told.updateHash).toBe(updateHash);
      expect(line.extend(told, told.issuedAt)).toBe(true);
    }
    expect(line.reach()).toEqual({ first: 0, edge: 4, number: 2, ended: true });
  });

  test('standing.json: the standing is believed', async () => {
    const { module, provider } = await believed();
    const vector = read(
      'standing.json',
      z.object({
        standing: hex,
        verdict: z.string(),
        since: z.number(),
        counter: z.number(),
        head: hex,
        sessions: z.array(z.object({ session: z.string() }).loose()).length(2),
      }),
    );
    const standing = await verifyStanding({
      bytes: vector.standing,
      provider,
      module: decodeModuleId(module.subject),
      suite,
    });
    const { verdict, since, counter, head } = vector;
    expect(standing).toMatchObject({ module: module.subject, verdict, since, counter, head });
    expect(standing.sessions.map((line) => ({ ...line, amountMinor: Number(line.amountMinor) }))).toEqual(
      vector.sessions,
    );
  });

  const backupShape = z.object({
    words: z.array(z.string()).length(12),
    entropy: hex,
    locator: hex,
    madeTime: z.number(),
    snapshot: hex,
    backup: hex,
  });

  test.each(['backup.json', 'backup-v1.json'])('%s: the words give entropy and locator, and open it', async (file) => {
    const vector = read(file, backupShape);
    const entropy = decodeRecoveryWords(vector.words);
    expect([entropy, await deriveBackupLocator(entropy)]).toEqual([vector.entropy, vector.locator]);
    const { snapshot, madeTime } = await openBackup({ bytes: vector.backup, entropy });
    expect([encodeSnapshot(snapshot), madeTime]).toEqual([vector.snapshot, vector.madeTime]);
  });

  test('backup.json: the passkey gives its locator and the entropy, and the file without it has no slot', async () => {
    const shape = z.object({ prfSalt: hex, credentialId: hex, prfOutput: hex, locator: hex, wrapped: hex });
    const vector = read('backup.json', backupShape.extend({ passkey: shape, wordsAlone: hex }));
    const { prfSalt, credentialId, prfOutput, locator, wrapped } = vector.passkey;
    expect(prfSalt).toEqual(BACKUP_PRF_SALT);
    const passkey = await deriveBackupPasskey({ credentialId, prfOutput });
    expect(passkey.locator).toEqual(locator);
    const slots = readBackupSlots(vector.backup);
    expect(slots.map((slot) => slot.wrapped)).toEqual([wrapped]);
    expect(await openBackupSlots(slots, passkey)).toEqual(vector.entropy);
    const alone = await openBackup({ bytes: vector.wordsAlone, entropy: vector.entropy });
    expect([encodeSnapshot(alone.snapshot), alone.passkeys]).toEqual([vector.snapshot, []]);
  });

  test('record-entry.json: entries read back and the heads follow', () => {
    const entries = read(
      'record-entry.json',
      z.array(z.object({ kind: z.string(), entry: hex, head: hex })).length(13),
    );
    let head = firstHead();
    for (const vector of entries) {
      head = nextHead(head, vector.entry);
      expect([decodeEntry(vector.entry).kind, toHex(head)]).toEqual([vector.kind, toHex(vector.head)]);
    }
  });
});
