// What a provider's own record of delivery says of one frame (docs/protocol.md §17): was it asked for, was it answered, how
// long did the provider itself take. Pure. Time in which it waited for the other side to take bytes is no time of its own, so
// that nobody makes it late by reading slowly.

/** One request for a content file, as it went. Times in ms. */
export type Attempt = {
  /** 200, 206 or 304; 404 where the file was not there. */
  readonly status: number;
  /** Bytes that the answer was to have, and that were given out. */
  readonly askedBytes: number;
  readonly sentBytes: number;
  /** Since 1970. */
  readonly startedTime: number;
  /** Of the provider's own, from the request to the last byte that was given out. */
  readonly ownMs: number;
  /** From the request to its end. */
  readonly elapsedMs: number;
  /** The other side broke it off. */
  readonly brokenOff: boolean;
};

/** One file of a frame: what the manifest says of it, and the requests for it. */
export type AskedFile = {
  readonly kind: string;
  readonly sizeBytes: number;
  readonly attempts: readonly Attempt[];
};

/** How it came out: `late`: whole, and the provider took longer than it may; `missing`: never whole, by its own fault. */
export type Delivered = 'in-time' | 'slow-line' | 'late' | 'missing' | 'given-up';

/** What is known of a frame. `outcome` null where nothing of it was asked for. */
export type WeighedFrame = {
  readonly asked: number;
  readonly failed: number;
  readonly servedMs: number;
  readonly outcome: Delivered | null;
};

type WeighedFile = { readonly kind: string; readonly outcome: Delivered; readonly servedMs: number };

/** From what is best for who pays: of several pictures of one frame the best one counts. */
const BEST_FIRST: readonly Delivered[] = ['in-time', 'slow-line', 'late', 'missing', 'given-up'];
/** A frame is as good as the worst of its kinds; a fault of the provider's counts before all. */
const WORST_FIRST: readonly Delivered[] = ['missing', 'late', 'given-up', 'slow-line', 'in-time'];

/** Weighs a frame. `inMs` is the time that a slot may take. */
export function weighFrame(files: readonly AskedFile[], inMs: number): WeighedFrame {
  const asked = files.filter(({ attempts }) => attempts.length > 0);
  const weighed = asked.map((file) => weighFile(file, inMs));
  const best = new Map<string, WeighedFile>();
  for (const file of weighed) {
    const known = best.get(file.kind);
    if (known === undefined || rank(BEST_FIRST, file) < rank(BEST_FIRST, known)) best.set(file.kind, file);
  }
  const [worst] = [...best.values()].sort((a, b) => rank(WORST_FIRST, a) - rank(WORST_FIRST, b));
  const all = asked.flatMap(({ attempts, sizeBytes }) => attempts.map((attempt) => ({ attempt, sizeBytes })));
  return {
    asked: all.length,
    failed: all.filter(({ attempt, sizeBytes }) => !isWhole(attempt, sizeBytes)).length,
    servedMs: Math.max(0, ...[...best.values()].map(({ servedMs }) => servedMs)),
    outcome: worst?.outcome ?? null,
  };
}

function rank(order: readonly Delivered[], { outcome }: WeighedFile): number {
  return order.indexOf(outcome);
}

function weighFile({ kind, sizeBytes, attempts }: AskedFile, inMs: number): WeighedFile {
  const inOrder = [...attempts].sort((a, b) => a.startedTime - b.startedTime);
  const firstFault = inOrder.find((attempt) => isFault(attempt, sizeBytes, inMs));
  const whole = inOrder.find((attempt) => isWhole(attempt, sizeBytes));
  if (whole === undefined) return { kind, outcome: firstFault === undefined ? 'given-up' : 'missing', servedMs: 0 };
  const fault = firstFault !== undefined && firstFault.startedTime <= whole.startedTime ? firstFault : null;
  const waitedMs = fault === null || fault === whole ? 0 : whole.startedTime - fault.startedTime;
  const servedMs = waitedMs + whole.ownMs;
  if (servedMs > inMs) return { kind, outcome: 'late', servedMs };
  return { kind, outcome: whole.elapsedMs > inMs ? 'slow-line' : 'in-time', servedMs };
}

/** Answered as it was asked. A part of a file is whole where only that part was wanted. */
function isWhole({ status, askedBytes, sentBytes, brokenOff }: Attempt, sizeBytes: number): boolean {
  if (status === 304) return true;
  if (brokenOff || sentBytes !== askedBytes) return false;
  return status === 206 || (status === 200 && sentBytes === sizeBytes);
}

/** The provider's own fault: not answered whole though the other side did not break it off, or not in its time. */
function isFault(attempt: Attempt, sizeBytes: number, inMs: number): boolean {
  if (attempt.ownMs > inMs) return true;
  return !attempt.brokenOff && !isWhole(attempt, sizeBytes);
}
