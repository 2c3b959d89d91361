// A bad line on one machine: a proxy that lets what comes from the server through at the rate of a recorded network, all connections of the
// client together, after the round trip of that network. It knows bytes only; HTTP passes through it as it is.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A recorded network. */
export type NetworkTrace = {
  /** Held back before each byte from the server. */
  readonly roundTripMs: number;
  /** Milliseconds, and kilobits a second in that time; again from the start where it ends. */
  readonly steps: readonly (readonly [durationMs: number, kilobits: number])[];
};

/** A proxy that runs. */
export type ShapingProxy = {
  /** Where the client is to connect, without a slash at its end. */
  readonly origin: string;
  /** Lets connections through to this port of the machine. */
  aimAt(port: number): void;
  /** From now on like the trace, from its start; null for a line without bounds. */
  shape(trace: NetworkTrace | null): void;
  /** Bytes that went to the client since `shape`. */
  deliveredBytes(): number;
  close(): Promise<void>;
};

/** What one connection has waiting. */
type Lane = { readonly client: Socket; readonly server: Socket; readonly waiting: Piece[]; ended: boolean };
type Piece = { readonly bytes: Buffer; readonly dueMs: number };

const TICK_MS = 5;
/** One packet of a mobile network: lanes take turns by it. */
const PACKET_BYTES = 1_400;
/** What the network itself holds for a connection; beyond it the server has to wait. */
const LANE_BYTES = 64 * 1024;
/** Unused rate is lost after this long, as on the air. */
const LARGEST_CREDIT_MS = 20;

/** Starts a proxy on a port of its own. */
export async function startShapingProxy(): Promise<ShapingProxy> {
  let port: number | null = null;
  let trace: NetworkTrace | null = null;
  let startedMs = 0;
  let lastMs = 0;
  let credit = 0;
  let delivered = 0;
  const lanes = new Set<Lane>();

  const server = createServer((client) => {
    if (port === null) return void client.destroy();
    const lane: Lane = { client, server: connect(port, '127.0.0.1'), waiting: [], ended: false };
    lanes.add(lane);
    const drop = (): void => {
      lanes.delete(lane);
      client.destroy();
      lane.server.destroy();
    };
    client.setNoDelay(true);
    lane.server.setNoDelay(true);
    client.pipe(lane.server);
    client.on('error', drop).on('close', drop);
    lane.server.on('error', drop);
    lane.server.on('data', (bytes: Buffer) => {
      lane.waiting.push({ bytes, dueMs: performance.now() + (trace?.roundTripMs ?? 0) });
      if (trace === null) flush(lane);
      else if (waitingBytes(lane) > LANE_BYTES) lane.server.pause();
    });
    lane.server.on('end', () => {
      lane.ended = true;
      if (lane.waiting.length === 0) client.end();
    });
  });

  function flush(lane: Lane): void {
    for (const { bytes } of lane.waiting.splice(0)) send(lane, bytes);
    if (lane.ended) lane.client.end();
    lane.server.resume();
  }

  function send(lane: Lane, bytes: Buffer): void {
    delivered += bytes.length;
    lane.client.write(bytes);
  }

  function tick(): void {
    const nowMs = performance.now();
    if (trace === null) return;
    const bytesPerMs = (rateAt(trace, nowMs - startedMs) * 1000) / 8 / 1000;
    credit = Math.min(credit + bytesPerMs * (nowMs - lastMs), Math.max(PACKET_BYTES, bytesPerMs * LARGEST_CREDIT_MS));
    lastMs = nowMs;
    for (let moved = true; moved && credit > 0; ) {
      moved = false;
      for (const lane of lanes) {
        const packet = credit > 0 ? takePacket(lane, nowMs) : null;
        if (packet === null) continue;
        credit -= packet.length;
        send(lane, packet);
        moved = true;
        if (waitingBytes(lane) <= LANE_BYTES) lane.server.resume();
        if (lane.ended && lane.waiting.length === 0) lane.client.end();
      }
    }
    // The next turn begins with another lane.
    const [first] = lanes;
    if (first !== undefined && lanes.delete(first)) lanes.add(first);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy listens on no port');
  const ticking = setInterval(tick, TICK_MS);
  return {
    origin: `http://localhost:${address.port}`,
    aimAt(next) {
      port = next;
    },
    shape(next) {
      trace = next;
      startedMs = performance.now();
      lastMs = startedMs;
      credit = 0;
      delivered = 0;
      if (next === null) for (const lane of lanes) flush(lane);
    },
    deliveredBytes: () => delivered,
    async close() {
      clearInterval(ticking);
      for (const lane of lanes) {
        lane.client.destroy();
        lane.server.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

function takePacket(lane: Lane, nowMs: number): Buffer | null {
  const first = lane.waiting[0];
  if (first === undefined || first.dueMs > nowMs) return null;
  if (first.bytes.length <= PACKET_BYTES) return lane.waiting.shift()?.bytes ?? null;
  lane.waiting[0] = { bytes: first.bytes.subarray(PACKET_BYTES), dueMs: first.dueMs };
  return first.bytes.subarray(0, PACKET_BYTES);
}

function waitingBytes({ waiting }: Lane): number {
  return waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Kilobits a second at a time since the trace began. */
export function rateAt({ steps }: NetworkTrace, atMs: number): number {
  const wholeMs = steps.reduce((sum, [durationMs]) => sum + durationMs, 0);
  let left = atMs % wholeMs;
  for (const [durationMs, kilobits] of steps) {
    if (left < durationMs) return kilobits;
    left -= durationMs;
  }
  throw new Error('a trace without steps');
}
