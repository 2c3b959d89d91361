// The way out `keys`: this page opens the frames itself (SFrame, docs/protocol.md §4) with the base keys that the module gives out, as a smartcard
// gives keys to a receiver. Loaded by frame-source.ts in that mode alone. A key meets its own part here and is wiped.

import { toHex } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { type Manifest, segmentAt } from '../../protocol/manifest.ts';
import { openPartUnder } from '../../protocol/parts.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import type { FetchedPart } from '../part-fetcher.ts';
import type { PlayerPorts } from '../ports.ts';
import type { OpenSealed } from './frame-source.ts';

/** Opens with keys of the module. @throws FareboxError `frame/cut`, `frame/tampered`, and what the module refuses with. */
export function makeKeyOpener(ports: Pick<PlayerPorts, 'module'>, manifest: Manifest): OpenSealed {
  const { programme } = manifest;
  return async (session, frame, sealed) => {
    // A key is counted when it is given out: what came has to be the file that was published before one is asked for.
    await Promise.all(sealed.map((part) => expectPublished(manifest, frame, part)));
    const { keys } = await ports.module.call('frameKeys', { session, frame, labels: sealed.map(({ label }) => label) });
    const opened = sealed.map(async ({ label, sealed: bytes }): Promise<readonly [string, ArrayBuffer]> => {
      const baseKey = keys.find((each) => each.label === label)?.key;
      if (baseKey === undefined) throw new FareboxError('frame/unknown-part', { label, frame });
      const place = { programme, label, frame, sealed: new Uint8Array(bytes), suite: webCryptoSuite };
      const clear = await openPartUnder({ ...place, baseKey });
      return [label, Uint8Array.from(clear).buffer];
    });
    try {
      return new Map(await Promise.all(opened));
    } finally {
      for (const { key } of keys) key.fill(0);
    }
  };
}

async function expectPublished(manifest: Manifest, frame: number, { label, sealed }: FetchedPart): Promise<void> {
  const published = segmentAt(manifest, label, frame);
  if (published === null) throw new FareboxError('frame/unknown-part', { label, frame });
  if (sealed.byteLength < published.sizeBytes) throw new FareboxError('frame/cut', { sizeBytes: sealed.byteLength });
  const hash = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', sealed)));
  if (hash !== published.hash) throw new FareboxError('frame/tampered', { frame });
}
