// The document's own sequence function (docs/protocol.md §25): the logistic map in 128-bit fixed point, of which 32 bits a step come out. It is
// weak (a chaotic map is no cipher), so it never makes a frame's key: it makes the masks under which a session's leaves are granted, each
// session by a function of its own. Forward only.

import { expand, hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, fromHex, toHex, u64be, utf8 } from '../bytes.ts';
import { FareboxError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import type { FrameRange } from '../ranges.ts';
import { absent, coveredBy, SECRET_LENGTH_BYTES } from './nodes.ts';
import type { SequenceNode, SequenceState, SessionSequence } from './sequence.ts';

const ONE = 1n << 128n;
/** Where 4x(1−x) gives x again; 0 is the other such place, and both would stand still for good. */
const FIXED_POINT = 3n << 126n;
/** 2^128 divided by the golden ratio: where a state goes on that has come to stand still, or to 1, which is followed by 0. */
const ELSEWHERE = 0x9e3779b97f4a7c15f39cc0605cedc834n;

/** Iterations in a step, at least: after 34 of them two states that share the 32 bits that came out lie anywhere in the range (docs/protocol.md §25). */
const ITERATIONS = 34;
/** A session's own function has up to this many more. */
const MORE_ITERATIONS = 32;
/** Steps that go into one mask: 8 of 32 bits each. */
const STEPS = 8;
const EXPOSED_BITS = 32n;

const SALT_LENGTH_BYTES = 11;
const FUNCTION_LABEL = utf8('farebox/1 sequence logistic function');
const MASK_LABEL = utf8('farebox/1 sequence logistic mask');

/** One session's function as it goes: the state, how many iterations make a step, the conditioning's salt, and the frame whose mask is next. */
type Running = { x: bigint; readonly iterations: number; readonly salt: Uint8Array; position: number };

/** One iteration of x → 4x(1−x), x in units of 2^−128, rounded down. */
function iterate(x: bigint): bigint {
  const next = (x * (ONE - x)) >> 126n;
  return next === 0n || next === FIXED_POINT || next === ONE ? ELSEWHERE : next;
}

/** One step: as many iterations as the function has, then the top 32 bits. For vectors and tests beside this file. `x`: 1 to 2^128 − 1. */
export function stepLogistic(x: bigint, iterations: number): { readonly x: bigint; readonly exposed: number } {
  let state = x;
  for (let done = 0; done < iterations; done += 1) state = iterate(state);
  return { x: state, exposed: Number(state >> (128n - EXPOSED_BITS)) };
}

/** The mask of the frame that is next, 32 bytes; the state goes on behind it. */
function nextMask(running: Running): Bytes {
  const exposed = new Uint8Array(4 * STEPS);
  const view = new DataView(exposed.buffer);
  for (let step = 0; step < STEPS; step += 1) {
    const made = stepLogistic(running.x, running.iterations);
    running.x = made.x;
    view.setUint32(4 * step, made.exposed);
  }
  const info = concatBytes(MASK_LABEL, u64be(running.position));
  const mask = hkdf(sha256, exposed, running.salt, info, SECRET_LENGTH_BYTES);
  exposed.fill(0);
  running.position += 1;
  return mask;
}

/** Goes on to a frame without making the masks before it. */
function advanceTo(running: Running, frame: number): void {
  for (; running.position < frame; running.position += 1) {
    for (let step = 0; step < STEPS; step += 1) running.x = stepLogistic(running.x, running.iterations).x;
  }
}

/** A session's function out of 32 random bytes: x₀, iterations in a step, salt. */
function beginRunning(functionSecret: Uint8Array, position: number): Running {
  const made = expand(sha256, functionSecret, FUNCTION_LABEL, 16 + 1 + SALT_LENGTH_BYTES);
  const drawn = BigInt(`0x${toHex(made.subarray(0, 16))}`);
  const x = drawn === 0n || drawn === FIXED_POINT ? ELSEWHERE : drawn;
  const iterations = ITERATIONS + ((made[16] ?? 0) % MORE_ITERATIONS);
  const salt = made.slice(17);
  made.fill(0);
  return { x, iterations, salt, position };
}

/** The state as a node at level 0: x (16 bytes) ‖ position (4) ‖ iterations (1) ‖ salt (11). */
function stateNode({ x, position, iterations, salt }: Running): SequenceNode {
  const state = fromHex(x.toString(16).padStart(32, '0'));
  const secret = concatBytes(state, u64be(position).subarray(4), Uint8Array.of(iterations), salt);
  return { level: 0, index: 0, secret };
}

function readStateNode({ level, index, secret }: SequenceNode): Running {
  const malformed = new FareboxError('sequence/malformed', { level, index });
  if (level !== 0 || index !== 0 || secret.length !== SECRET_LENGTH_BYTES) throw malformed;
  const x = BigInt(`0x${toHex(secret.subarray(0, 16))}`);
  const position = new DataView(secret.buffer, secret.byteOffset).getUint32(16);
  const iterations = secret[20] ?? 0;
  const known = iterations >= ITERATIONS && iterations < ITERATIONS + MORE_ITERATIONS;
  if (!known || x === 0n || x === FIXED_POINT) throw malformed;
  return { x, position, iterations, salt: secret.slice(21) };
}

function masked(frameKey: Uint8Array, mask: Uint8Array): Bytes {
  const joined = frameKey.map((byte, at) => byte ^ (mask[at] ?? 0));
  mask.fill(0);
  return Uint8Array.from(joined);
}

/**
 * For the provider: the session's function and its masked leaves over these ranges. `functionSecret`: 32 random bytes, of this session alone;
 * `keyAt`: K(n) of the programme's own function. Errors: `sequence/malformed` for no frames, a longer way than `LIMITS.logisticFrames`, or another length.
 */
export function grantLogistic(given: {
  keyAt: (frame: number) => Uint8Array;
  ranges: readonly FrameRange[];
  functionSecret: Uint8Array;
}): readonly SequenceNode[] {
  const { keyAt, ranges, functionSecret } = given;
  const first = ranges[0]?.[0];
  const wayFrames = (ranges.at(-1)?.[1] ?? 0) - (first ?? 0);
  if (first === undefined || wayFrames > LIMITS.logisticFrames || functionSecret.length !== SECRET_LENGTH_BYTES)
    throw new FareboxError('sequence/malformed', { wayFrames });
  const running = beginRunning(functionSecret, first);
  const nodes = [stateNode(running)];
  for (const [from, to] of ranges) {
    advanceTo(running, from);
    for (let frame = from; frame < to; frame += 1) {
      const frameKey = keyAt(frame);
      nodes.push({ level: LIMITS.sequenceLevels, index: frame, secret: masked(frameKey, nextMask(running)) });
      frameKey.fill(0);
    }
  }
  return nodes;
}

/** The state first, not behind its first leaf, then leaves that ascend; nothing at all where everything was taken. */
function covered(nodes: readonly SequenceNode[]): readonly FrameRange[] {
  const [state, ...leaves] = nodes;
  if (state === undefined) return [];
  const { position } = readStateNode(state);
  const ranges: [number, number][] = [];
  for (const { level, index, secret } of leaves) {
    coveredBy([{ level, index, secret }]);
    const last = ranges.at(-1);
    const ascends = index >= (last?.[1] ?? position) && index - position < LIMITS.logisticFrames;
    if (level !== LIMITS.sequenceLevels || !ascends) throw new FareboxError('sequence/malformed', { level, index });
    if (last !== undefined && last[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  if (ranges.length === 0) throw new FareboxError('sequence/malformed', { expected: 'a leaf' });
  return ranges;
}

function restore(nodes: readonly SequenceNode[], granted?: readonly FrameRange[]): SequenceState {
  const present = covered(nodes);
  const known = granted ?? present;
  const [state, ...rest] = nodes;
  const running = state === undefined ? null : readStateNode(state);
  const leaves = new Map(rest.map(({ index, secret }) => [index, Uint8Array.from(secret)]));
  let position = present[0]?.[0] ?? 0;
  const at = (frame: number): Uint8Array => {
    const leaf = leaves.get(frame);
    if (leaf === undefined || running === null) throw absent(frame, known);
    advanceTo(running, frame);
    const frameKey = masked(leaf, nextMask(running));
    // The map does not run backwards: what lies behind this frame cannot be unmasked any more.
    for (const [index, passed] of leaves) {
      if (index > frame) break;
      passed.fill(0);
      leaves.delete(index);
    }
    position = frame + 1;
    return frameKey;
  };
  return Object.freeze({
    at,
    next: () => at(position),
    covers: (frame: number) => leaves.has(frame),
    snapshot: () =>
      running === null || leaves.size === 0
        ? []
        : [
            stateNode(running),
            ...[...leaves].map(([index, secret]) => ({
              level: LIMITS.sequenceLevels,
              index,
              secret: Uint8Array.from(secret),
            })),
          ],
  });
}

/** x → 4x(1−x), masking the leaves of one session. Weak; forward only. */
export const logisticSequence: SessionSequence = Object.freeze({ name: 'logistic', covered, restore });
