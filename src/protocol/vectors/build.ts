// Our own vectors, one file an object of docs/protocol.md, worked out from the cast. make.ts writes them, vectors.test.ts
// holds the code against what was written. Everything follows from fixed labels, save the grant (see make.ts).

import { sealBackup } from '../backup.ts';
import { BACKUP_PRF_SALT, deriveBackupPasskey, sealBackupSlot } from '../backup-passkey.ts';
import { toHex } from '../bytes.ts';
import { encodeCaptions } from '../captions.ts';
import { type CborValue, encodeCbor } from '../cbor.ts';
import { makeChallenge, makeChallengeResponse, verifyChallenge } from '../challenge.ts';
import { claimsOf } from '../claims.ts';
import { COSE_TYPES, signCose } from '../cose.ts';
import { makeEnrolmentRequest } from '../enrolment.ts';
import { decodeContentHash, decodeProviderId, hashObject } from '../ids.ts';
import { commitFrameKey, derivePartKey, sealPart } from '../parts.ts';
import { derivePreviewKey, sealPreview } from '../previews.ts';
import type { FrameRange } from '../ranges.ts';
import { encodeEntry, firstHead, nextHead, type RecordEntry } from '../record-entry.ts';
import { deriveBackupLocator, recoveryWordsOf } from '../recovery-words.ts';
import { type SequenceName, sequenceFunction } from '../sequence/sequence.ts';
import { encodeSnapshot } from '../snapshot.ts';
import { makeStanding } from '../standing.ts';
import type { CryptoSuite } from '../suite/suite.ts';
import { issueUntrustedList } from '../untrusted-list.ts';
import { makeBoardVectors } from './board.ts';
import { bytesOf, type Cast, NOW, PROGRAMME, SESSION } from './cast.ts';
import type { ContractStory } from './contract-story.ts';
import { contractVectors } from './contracts.ts';
import { BACKUP_NONCE, ENTROPY, PASSKEY, SLOT_NONCE, snapshotOf, standingOf } from './keeping.ts';
import { derivedKeyVectors, keyUnitVectors, logisticVectors } from './keys.ts';
import { makeLiveCast } from './live.ts';
import { signInVectors } from './sign-in.ts';
import { GRANTED, SESSION_KEY, type Story } from './story.ts';
import { CAPTIONS_SLOT, CUES, sheetOf } from './tracks.ts';

/** What stands in a vector file. */
export type VectorJson =
  | string
  | number
  | boolean
  | null
  | readonly VectorJson[]
  | { readonly [name: string]: VectorJson };

/** File name → contents. */
export type Vectors = Readonly<Record<string, VectorJson>>;

const CBOR_VALUES: readonly (readonly [string, CborValue])[] = [
  ['zero', 0],
  ['the largest number in one byte', 23],
  ['the smallest number in two bytes', 24],
  ['the largest safe integer', Number.MAX_SAFE_INTEGER],
  ['the largest 64-bit integer', 2n ** 64n - 1n],
  ['a claim number', -70_041],
  ['bytes', bytesOf('cbor', 3)],
  ['text', 'fünf €'],
  ['false, true, null', [false, true, null]],
  [
    'keys in bytewise order of their encoding: 10, 100, -1, "b", "aa"',
    new Map<number | string, CborValue>([
      ['aa', 1],
      [-1, 2],
      ['b', 3],
      [100, 4],
      [10, 5],
    ]),
  ],
];

const CBOR_REFUSED: readonly (readonly [string, string, string])[] = [
  ['an integer longer than needed', '1817', 'cbor/not-deterministic'],
  ['an indefinite array', '9fff', 'cbor/not-deterministic'],
  ['a float', 'fb3ff8000000000000', 'cbor/not-deterministic'],
  ['undefined', 'f7', 'cbor/not-deterministic'],
  ['a tag', 'c100', 'cbor/not-deterministic'],
  ['a repeated key', 'a201000100', 'cbor/not-deterministic'],
  ['keys out of order', 'a202000100', 'cbor/not-deterministic'],
  ['text that is not UTF-8', '61ff', 'cbor/not-deterministic'],
  ['a byte string as key', 'a1410000', 'cbor/not-deterministic'],
  ['bytes behind the object', '0000', 'cbor/malformed'],
  ['a cut text', '636161', 'cbor/malformed'],
  ['17 levels', `${'81'.repeat(17)}00`, 'cbor/too-deep'],
];

function cborVectors(): VectorJson {
  return {
    encoded: CBOR_VALUES.map(([name, value]) => ({ name, encoded: toHex(encodeCbor(value)) })),
    refused: CBOR_REFUSED.map(([name, encoded, code]) => ({ name, encoded, code })),
  };
}

async function coseVectors(cast: Cast): Promise<VectorJson> {
  const signer = cast.module.signer;
  const claims = claimsOf({ iss: signer.kid, type: 'farebox/example', version: 1, counter: 7 });
  const bytes = await signCose({ signer, typ: COSE_TYPES.challenge, claims });
  return {
    secret: toHex(bytesOf('module Ed25519')),
    publicKey: toHex(signer.publicKey),
    kid: signer.kid,
    typ: COSE_TYPES.challenge,
    payload: toHex(encodeCbor(claims)),
    signed: toHex(bytes),
  };
}

async function certificateVectors(cast: Cast): Promise<VectorJson> {
  const { agency, module, provider } = cast;
  const enrolment = {
    signer: module.signer,
    sealingKey: module.sealing.publicKey,
    nonce: bytesOf('enrolment nonce', 16),
    issuedAt: NOW,
    device: module.certificate.device,
    epoch: module.certificate.epoch,
  };
  return {
    now: NOW,
    agencyKey: toHex(agency.publicKey),
    enrolmentRequest: toHex(await makeEnrolmentRequest(enrolment)),
    module: {
      certificate: toHex(module.certificateBytes),
      subject: module.certificate.subject,
      publicKey: toHex(module.signer.publicKey),
      sealingKey: toHex(module.sealing.publicKey),
      device: toHex(module.certificate.device),
      epoch: module.certificate.epoch,
    },
    provider: {
      certificate: toHex(provider.certificateBytes),
      subject: provider.certificate.subject,
      publicKey: toHex(provider.signer.publicKey),
    },
    untrustedList: toHex(
      await issueUntrustedList({ signer: agency, ids: ['1'.repeat(32), '0'.repeat(32)], issuedAt: NOW }),
    ),
  };
}

async function challengeVectors(cast: Cast, suite: CryptoSuite): Promise<VectorJson> {
  const { signer } = cast.provider;
  const bytes = await makeChallenge({ signer, now: NOW, challenge: bytesOf('challenge'), counter: 5 });
  const provider = cast.provider.certificate;
  const challenge = await verifyChallenge({ bytes, provider, now: NOW, suite });
  const { device, epoch } = cast.module.certificate;
  const place = { device, epoch, counter: 9, head: bytesOf('head'), pastHead: bytesOf('past head') };
  const response = await makeChallengeResponse({
    signer: cast.module.signer,
    provider,
    challenge,
    now: NOW,
    ...place,
  });
  return {
    challenge: toHex(bytes),
    random: toHex(challenge.challenge),
    pastCounter: 5,
    response: toHex(response),
    device: toHex(device),
    epoch,
    counter: 9,
    head: toHex(place.head),
    pastHead: toHex(place.pastHead),
  };
}

function programmeVectors(cast: Cast): VectorJson {
  return {
    programme: toHex(cast.programmeBytes),
    programmeHash: cast.programme.programmeHash,
    manifest: toHex(cast.manifestBytes),
    manifestHash: cast.programme.manifest,
  };
}

async function partVectors(suite: CryptoSuite): Promise<VectorJson> {
  const frameKey = bytesOf('frame key');
  const cases = [
    { label: 'video/720p', frame: 0, clear: bytesOf('part 0', 5) },
    { label: 'video/720p', frame: 300, clear: bytesOf('part 1', 100) },
    { label: 'audio/main', frame: 2 ** 32 - 1, clear: new Uint8Array(0) },
  ];
  const sealed: VectorJson[] = [];
  for (const { label, frame, clear } of cases) {
    sealed.push({
      label,
      frame,
      partKey: toHex(await derivePartKey(frameKey, PROGRAMME, label, suite)),
      clear: toHex(clear),
      sealed: toHex(await sealPart({ frameKey, programme: PROGRAMME, label, frame, clear, suite })),
      commitment: toHex(commitFrameKey(PROGRAMME, frame, frameKey)),
    });
  }
  return { programme: PROGRAMME, frameKey: toHex(frameKey), cases: sealed };
}

function captionsVectors(): VectorJson {
  const cues = CUES.map(({ startMs, endMs, lines, settings }) => ({ startMs, endMs, lines, settings }));
  return { slot: { ...CAPTIONS_SLOT }, cues, captions: toHex(encodeCaptions(CUES)) };
}

async function previewsVectors(cast: Cast, suite: CryptoSuite): Promise<VectorJson> {
  const previewKey = derivePreviewKey(cast.seed, PROGRAMME);
  const { previews } = cast.manifest;
  if (previews === null) throw new Error('the cast has no previews');
  const { sheets, ...form } = previews;
  const sealed: VectorJson[] = [];
  for (const sheet of sheets.keys()) {
    const clear = sheetOf(form.width * form.columns, form.height * form.rows, `${sheet}`);
    const bytes = await sealPreview({ previewKey, programme: PROGRAMME, sheet, clear, suite });
    sealed.push({ sheet, clear: toHex(clear), sealed: toHex(bytes) });
  }
  return { programme: PROGRAMME, programmeSeed: toHex(cast.seed), previewKey: toHex(previewKey), form, sheets: sealed };
}

function sequenceVectors(name: SequenceName): VectorJson {
  const sequence = sequenceFunction(name);
  const seed = bytesOf(`${name} seed`);
  const ranges: readonly FrameRange[] = [
    [0, 3],
    [6, 9],
    [2 ** 32 - 1, 2 ** 32],
  ];
  const nodesOf = (nodes: ReturnType<typeof sequence.grant>) =>
    nodes.map(({ level, index, secret }) => ({ level, index, secret: toHex(secret) }));
  const nodes = sequence.grant(seed, ranges);
  const state = sequence.restore(nodes);
  state.at(7);
  return {
    seed: toHex(seed),
    keys: [0, 1, 7, 2 ** 31, 2 ** 32 - 1].map((frame) => ({ frame, frameKey: toHex(sequence.keyAt(seed, frame)) })),
    ranges,
    granted: nodesOf(nodes),
    afterFrame7: nodesOf(state.snapshot()),
  };
}

function grantVectors(cast: Cast, story: Story): VectorJson {
  return {
    now: NOW,
    grant: toHex(story.grantBytes),
    grantHash: story.grant.grantHash,
    sealingSecret: toHex(bytesOf('module X25519')),
    programmeSeed: toHex(cast.seed),
    session: SESSION,
    sessionKey: toHex(SESSION_KEY),
    previewKey: toHex(derivePreviewKey(cast.seed, PROGRAMME)),
    ranges: GRANTED,
  };
}

function receiptVectors(cast: Cast, story: Story): VectorJson {
  return {
    agencyKey: toHex(cast.agency.publicKey),
    receipt: toHex(story.receiptBytes),
    receiptHash: story.receipt.receiptHash,
    acknowledgement: toHex(story.acknowledgementBytes),
    file: toHex(story.fileBytes),
  };
}

function recordVectors(): VectorJson {
  const hash = decodeContentHash(bytesOf('hash'));
  const session = SESSION;
  const entries: readonly RecordEntry[] = [
    { counter: 1, time: NOW, kind: 'opened', session, programme: PROGRAMME, grantHash: hash },
    { counter: 2, time: NOW + 1, kind: 'reserved', session, frame: 0, rung: 'video/720p' },
    { counter: 3, time: NOW + 2, kind: 'decrypted', session, frame: 0, rung: 'video/720p', late: false },
    { counter: 4, time: NOW + 3, kind: 'reserved', session, frame: 2 ** 32 - 1, rung: 'video/360p' },
    { counter: 5, time: NOW + 4, kind: 'failed', session, frame: 2 ** 32 - 1, code: 'frame/withheld' },
    { counter: 6, time: NOW + 5, kind: 'closed', session },
    { counter: 7, time: NOW + 6, kind: 'receipt', session, receiptHash: hash },
    { counter: 8, time: NOW + 7, kind: 'acknowledged', session, sequenceNumber: 41 },
    { counter: 9, time: NOW + 8, kind: 'alarm', code: 'store/wiped' },
    { counter: 10, time: NOW + 9, kind: 'epoch', device: bytesOf('module device', 16), epoch: 2 },
    { counter: 11, time: NOW + 10, kind: 'disclosed', what: 'contact', to: decodeProviderId(bytesOf('to', 16)) },
    { counter: 12, time: NOW + 11, kind: 'disclosed', what: 'backup', to: null },
    { counter: 13, time: NOW + 12, kind: 'stalled', session, frame: 300, ms: 1_250 },
  ];
  let head = firstHead();
  return entries.map((entry) => {
    const bytes = encodeEntry(entry);
    head = nextHead(head, bytes);
    return { kind: entry.kind, entry: toHex(bytes), head: toHex(head) };
  });
}

async function standingVectors(cast: Cast, story: Story): Promise<VectorJson> {
  const standing = standingOf(cast, story);
  return {
    standing: toHex(await makeStanding({ signer: cast.provider.signer, standing })),
    verdict: standing.verdict,
    since: standing.since,
    counter: standing.counter,
    head: toHex(standing.head),
    sessions: standing.sessions.map(({ session, receiptHash, sequenceNumber, amountMinor }) => ({
      session,
      receiptHash,
      sequenceNumber,
      amountMinor: Number(amountMinor),
    })),
  };
}

async function backupVectors(cast: Cast, story: Story): Promise<VectorJson> {
  const snapshot = await snapshotOf(cast, story);
  const madeTime = NOW + 20_000;
  const { credentialId } = PASSKEY;
  const passkey = await deriveBackupPasskey({ credentialId, prfOutput: PASSKEY.prfOutput.slice() });
  const way = { slot: await sealBackupSlot(passkey, ENTROPY, () => SLOT_NONCE), locator: passkey.locator };
  const made = { entropy: ENTROPY, snapshot, madeTime, random: () => BACKUP_NONCE };
  return {
    words: recoveryWordsOf(ENTROPY),
    entropy: toHex(ENTROPY),
    locator: toHex(await deriveBackupLocator(ENTROPY)),
    madeTime,
    snapshot: toHex(encodeSnapshot(snapshot)),
    passkey: {
      prfSalt: toHex(BACKUP_PRF_SALT),
      credentialId: toHex(credentialId),
      prfOutput: toHex(PASSKEY.prfOutput),
      locator: toHex(passkey.locator),
      wrapped: toHex(way.slot.wrapped),
    },
    backup: toHex(await sealBackup({ ...made, passkeys: [way] })),
    wordsAlone: toHex(await sealBackup({ ...made, passkeys: [] })),
  };
}

async function liveVectors(cast: Cast): Promise<VectorJson> {
  const { manifestBytes, programmeBytes, updates } = await makeLiveCast(cast);
  const hashed = updates.map((update) => ({ update: toHex(update), updateHash: hashObject(update) }));
  return { programme: toHex(programmeBytes), manifest: toHex(manifestBytes), updates: hashed };
}

/** All vectors that are still made, worked out over this suite. */
export async function buildVectors(
  cast: Cast,
  story: Story,
  contractStory: ContractStory,
  suite: CryptoSuite,
): Promise<Vectors> {
  return {
    'cbor.json': cborVectors(),
    'cose.json': await coseVectors(cast),
    'certificate.json': await certificateVectors(cast),
    'challenge.json': await challengeVectors(cast, suite),
    'programme.json': programmeVectors(cast),
    'part.json': await partVectors(suite),
    'captions.json': captionsVectors(),
    'previews.json': await previewsVectors(cast, suite),
    'tree.json': sequenceVectors('tree'),
    'hkdf.json': sequenceVectors('hkdf'),
    'grant.json': grantVectors(cast, story),
    'receipt.json': receiptVectors(cast, story),
    'record-entry.json': recordVectors(),
    'standing.json': await standingVectors(cast, story),
    'backup.json': await backupVectors(cast, story),
    'contract.json': contractVectors(cast, contractStory),
    'live.json': await liveVectors(cast),
    'whiteboard.json': await makeBoardVectors(cast, suite),
    'key-unit.json': keyUnitVectors(),
    'derived-keys.json': await derivedKeyVectors(cast),
    'sign-in.json': signInVectors(),
    'logistic.json': logisticVectors(),
  };
}
