// A whiteboard in the module, BT-12: each stroke is opened from its provider's line, counted once in the record and on the receipt, and who
// comes late has neither a time nor a key of what was drawn before.

import { describe, expect, test } from 'vitest';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { hashObject } from '../../protocol/ids.ts';
import { type LiveUpdate, NO_UPDATE, signLiveUpdate } from '../../protocol/live-update.ts';
import { encodeManifest, type Manifest } from '../../protocol/manifest.ts';
import { commitFrameKey, sealPart } from '../../protocol/parts.ts';
import { signProgramme, verifyProgramme } from '../../protocol/programme.ts';
import { checkReceiptFile } from '../../protocol/receipt-checks.ts';
import { treeSequence } from '../../protocol/sequence/tree.ts';
import { decodeStroke, encodeStroke, STROKES_CODEC, STROKES_LABEL, type Stroke } from '../../protocol/strokes.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame, type TestTab } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { FRAME_COUNT, LIVE, makeProviderSide, type ProviderSide } from '../testing/provider-side.ts';
import { beginSession, settle } from '../testing/steps.ts';

const LONGEST_MS = 2_000;
const strokeAt = (frame: number): Stroke =>
  frame === 2 ? { kind: 'undo' } : { kind: 'draw', colour: frame % 8, width: 4, points: [{ x: frame, y: 0, atMs: 0 }] };

/** The provider of the tests, whose programme is a board: the same id and seed, strokes in place of pictures. */
async function makeBoardSide() {
  const side = await makeProviderSide({ live: LIVE });
  const { seed, providerSigner: signer, agencyKey, providerCertificate } = side;
  const { programme: id } = side.manifest;
  const manifest: Manifest = {
    ...{ programme: id, frameCount: FRAME_COUNT, frameDurationMs: LONGEST_MS, durationMs: FRAME_COUNT * LONGEST_MS },
    parts: [
      {
        ...{ kind: 'strokes', label: STROKES_LABEL, codec: STROKES_CODEC, bitrate: 1, init: new Uint8Array(0) },
        ...{ segments: [], width: 16, height: 9 },
      },
    ],
    ...{ commitments: new Uint8Array(0), poster: side.manifest.poster, playlists: new Map() },
    ...{ chapters: [], previews: null },
  };
  const manifestBytes = encodeManifest(manifest);
  const issuedAt = side.programme.issuedAt;
  const { provider: _provider, contract: _contract, offlineMs: _offline, ...terms } = side.programme;
  const programmeBytes = await signProgramme({
    signer,
    issuedAt,
    programme: {
      ...terms,
      modes: ['display'],
      frameDurationMs: LONGEST_MS,
      manifest: hashObject(manifestBytes),
      board: true,
    },
  });
  const certificate = await verifyCertificate({
    bytes: providerCertificate,
    agencyKey,
    role: 'provider',
    now: issuedAt,
    suite,
  });
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate, suite });
  const sealed: Uint8Array<ArrayBuffer>[] = [];
  const updates: Uint8Array[] = [];
  for (let frame = 0; frame < 5; frame += 1) {
    const frameKey = treeSequence.keyAt(seed, frame);
    const clear = encodeStroke(strokeAt(frame));
    const bytes = await sealPart({ frameKey, programme: id, label: STROKES_LABEL, frame, clear, suite });
    sealed.push(bytes);
    const last = updates.at(-1);
    const update: LiveUpdate = {
      ...{ programme: id, number: frame, from: frame, to: frame + 1, ended: false, began: [1_000 + frame * 700] },
      previous: last === undefined ? NO_UPDATE : hashObject(last),
      segments: new Map([[STROKES_LABEL, [{ hash: hashObject(bytes), sizeBytes: bytes.length }]]]),
      commitments: commitFrameKey(id, frame, frameKey),
    };
    updates.push(await signLiveUpdate({ signer, update, issuedAt }));
  }
  const partsOf: ProviderSide['partsOf'] = (frame) => [
    { label: STROKES_LABEL, sealed: (sealed[frame] ?? new Uint8Array(1)).slice().buffer },
  ];
  return { ...side, programme, programmeBytes, manifest, manifestBytes, updates, partsOf };
}

const board = await makeBoardSide();

async function began(ranges?: readonly (readonly [number, number])[]) {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, board.agencyKey);
  const { programme } = board;
  return { browser, tab, ...(await beginSession(board, tab, ranges, { programme })) };
}

const give = (tab: TestTab, session: string, frame: number) =>
  tab.call('deliver', { session, frame, parts: board.partsOf(frame) });

describe('BT-12: a board in the module', () => {
  test('has each stroke counted once, in the record and on the receipt', async () => {
    const { tab, session, browser } = await began();
    expect(codeOf(await give(tab, session, 0))).toBe('frame/unknown-part');
    expectValue(await tab.call('extendManifest', { session, updates: board.updates }));
    for (const frame of [0, 1, 2]) {
      expectValue(await give(tab, session, frame));
      const prepared = tab.sink().frames.get(frame);
      const clear = prepared?.parts.get(STROKES_LABEL) ?? new Uint8Array();
      expect(decodeStroke(clear, LONGEST_MS)).toEqual(strokeAt(frame));
      await showFrame(tab.sink(), frame);
    }
    expect(expectValue(await give(tab, session, 1))).toEqual({ replay: true });
    await showFrame(tab.sink(), 1);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([0, 1, 2]);
    await settle(board, tab, session);
    const { receiptFile } = expectValue(await tab.call('receiptFile', { session }));
    const report = await checkReceiptFile({ file: receiptFile, agencyKey: board.agencyKey, suite });
    expect(report.valid).toBe(true);
    expect(report.programme?.board).toBe(true);
    expect(report.receipt).toMatchObject({ count: 3, late: 0, frames: [[0, 3]] });
    expect(report.receipt?.rungs).toEqual(new Map([[STROKES_LABEL, 3]]));
  });

  test('that is joined late has nothing from before', async () => {
    const { tab, session } = await began([[3, 8]]);
    expectValue(await tab.call('extendManifest', { session, updates: board.updates.slice(3) }));
    expect(codeOf(await tab.call('extendManifest', { session, updates: board.updates.slice(0, 1) }))).toBe('live/gap');
    expect(codeOf(await give(tab, session, 2))).toBe('grant/not-covered');
    expectValue(await give(tab, session, 3));
  });

  test('gives no stroke to the host in any other way', async () => {
    const { tab, session } = await began();
    expectValue(await tab.call('extendManifest', { session, updates: board.updates }));
    const parts = board.partsOf(0);
    expect(codeOf(await tab.call('openFrame', { session, frame: 0, parts }))).toBe('session/mode');
    expect(codeOf(await tab.call('frameKeys', { session, frame: 0, labels: [STROKES_LABEL] }))).toBe('session/mode');
  });
});
