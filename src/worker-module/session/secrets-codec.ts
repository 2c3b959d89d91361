// Tree nodes, pending leaves and the preview key of a session as bytes and back. Called by session-codec.ts inside the seal. Packed rather than CBOR items:
// an `hkdf` session has thousands of leaves, and its state is written with every commit.

import { concatBytes } from '../../protocol/bytes.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { type SequenceNode, sessionSequence } from '../../protocol/sequence/sequence.ts';
import { altered } from './members.ts';
import type { SessionSecrets, SessionTerms } from './session-state.ts';

const SECRET_BYTES = 32;
// Level (1 byte), index (4 bytes, big-endian), secret.
const NODE_BYTES = 5 + SECRET_BYTES;

/** Number of nodes (4 bytes), the nodes, then the pending leaves as nodes of the lowest level, then the preview key (32 bytes) where there is one. */
export function encodeSecrets(secrets: SessionSecrets): Uint8Array {
  const nodes = secrets.sequence.snapshot();
  const leaves = [...secrets.pending].map(([index, secret]) => ({ level: LIMITS.sequenceLevels, index, secret }));
  const { previewKey } = secrets;
  const packed = new Uint8Array(
    4 + (nodes.length + leaves.length) * NODE_BYTES + (previewKey === null ? 0 : SECRET_BYTES),
  );
  const view = new DataView(packed.buffer);
  view.setUint32(0, nodes.length);
  for (const [at, node] of [...nodes, ...leaves].entries()) {
    const offset = 4 + at * NODE_BYTES;
    packed[offset] = node.level;
    view.setUint32(offset + 1, node.index);
    packed.set(node.secret, offset + 5);
  }
  if (previewKey !== null) packed.set(previewKey, packed.length - SECRET_BYTES);
  return packed;
}

/** Reads them back. @throws FareboxError `store/altered`. */
export function decodeSecrets(packed: Uint8Array, terms: SessionTerms): SessionSecrets {
  // A node is longer than a secret, so what is left over says whether there is a preview key; older rows have none.
  const restBytes = (packed.length - 4) % NODE_BYTES;
  if (packed.length < 4 || (restBytes !== 0 && restBytes !== SECRET_BYTES)) throw altered('secrets');
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const all: SequenceNode[] = [];
  for (let offset = 4; offset + NODE_BYTES <= packed.length; offset += NODE_BYTES) {
    const secret = concatBytes(packed.subarray(offset + 5, offset + NODE_BYTES));
    all.push({ level: view.getUint8(offset), index: view.getUint32(offset + 1), secret });
  }
  const nodeCount = view.getUint32(0);
  return {
    sequence: sessionSequence(terms.sequence).restore(all.slice(0, nodeCount), terms.granted),
    pending: new Map(all.slice(nodeCount).map((leaf) => [leaf.index, leaf.secret])),
    previewKey: restBytes === 0 ? null : concatBytes(packed.subarray(packed.length - SECRET_BYTES)),
  };
}
