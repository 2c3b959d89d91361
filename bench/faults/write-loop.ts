// What the fault page does while a whole browser is killed under it, and what it does when it is back: one session after another is opened,
// each frame shown and told; then storage is looked at, taken up again where it was lost, and the record read from end to end.
import type { ModuleStatus, Result } from '../../src/worker-module/commands.ts';
import type { SurfaceAnswer } from '../../src/worker-module/frame-messages.ts';
import { makeSyntheticProvider, PART_LABEL, type SyntheticProvider } from '../page/synthetic-provider.ts';
import type { Scan } from './scan-worker.ts';
import { openWorkerTab, type WorkerTab } from './worker-tab.ts';

/** What was found after a kill. */
export type Inspection = {
  /** What `status` said of storage at first, and after the way back. */
  readonly storage: ModuleStatus['storage'];
  readonly storageAfter: ModuleStatus['storage'];
  readonly counter: number;
  /** Session → frames that its module says were shown. */
  readonly shown: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly scan: Scan;
  /** Code of a command that was refused on the way, or null. */
  readonly refusal: string | null;
};

/** Told to Node after each frame that is durable. */
export type Told = { readonly session: string; readonly frame: number };

const FRAMES = 200;
const PART_BYTES = 256;
const FRAMES_IN_FLIGHT = 3;
/** The same provider after every kill; it guards nothing. */
const SECRETS = { agency: new Uint8Array(32).fill(7), provider: new Uint8Array(32).fill(9) };

const approve = (): SurfaceAnswer => ({ kind: 'approved' });

async function open(provider: SyntheticProvider): Promise<WorkerTab> {
  const { agencyKey } = provider;
  return openWorkerTab({ agencyKey, clockOffsetMs: 0, cutAt: null, hold: null, answer: approve });
}

/** Writes for ever: the browser is killed in the middle of it. */
export async function writeForEver(tell: (told: Told) => void): Promise<never> {
  const provider = await makeSyntheticProvider(SECRETS);
  const tab = await open(provider);
  const certificate = await enrol(provider, tab);
  for (;;) {
    const { sealedParts, session, ...papers } = await provider.makeSession(certificate, FRAMES, PART_BYTES);
    take(await tab.call('openSession', papers));
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let frame = next++; frame < FRAMES; frame = next++) {
        const sealed = sealedParts[frame];
        if (sealed === undefined) throw new Error(`frame ${frame} was not made`);
        take(await tab.call('deliver', { session, frame, parts: [{ label: PART_LABEL, sealed }] }));
        if ((await tab.show(frame)).shown) tell({ session, frame });
      }
    };
    await Promise.all(Array.from({ length: FRAMES_IN_FLIGHT }, lane));
    await settle(provider, tab, session);
  }
}

/** Starts the module on what is stored, takes it up where it was lost, settles every session and reads the record. */
export async function inspect(): Promise<Inspection> {
  const provider = await makeSyntheticProvider(SECRETS);
  const tab = await open(provider);
  const before = take(await tab.call('status', {}));
  let refusal: string | null = null;
  if (before.storage === 'wiped' || before.storage === 'altered') {
    const report = await tab.call('recover', {});
    if (!report.ok) refusal = report.error.code;
  }
  const after = take(await tab.call('status', {}));
  const shown: Record<string, readonly (readonly [number, number])[]> = {};
  if (refusal === null && after.storage === 'ready') {
    await enrol(provider, tab);
    for (const view of take(await tab.call('sessions', {}))) {
      shown[view.session] = view.decrypted;
      if (view.state !== 'accepted') await settle(provider, tab, view.session);
    }
  }
  tab.end();
  return {
    storage: before.storage,
    storageAfter: after.storage,
    counter: after.counter,
    shown,
    scan: await scan(),
    refusal,
  };
}

async function enrol(provider: SyntheticProvider, tab: WorkerTab): Promise<Uint8Array> {
  const status = take(await tab.call('status', {}));
  if (status.certificate !== null && !status.epochPending) return status.certificate;
  const certificate = await provider.enrol(take(await tab.call('enrolmentRequest', {})).request);
  take(await tab.call('acceptCertificate', { certificate }));
  return certificate;
}

async function settle(provider: SyntheticProvider, tab: WorkerTab, session: string): Promise<void> {
  const { receiptFile } = take(await tab.call('closeSession', { session }));
  const acknowledgement = await provider.acknowledge(receiptFile);
  take(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
}

function scan(): Promise<Scan> {
  const worker = new Worker(new URL('./scan-worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Scan>((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Scan>) => resolve(event.data);
    worker.onerror = (event) => reject(new Error(event.message));
  }).finally(() => worker.terminate());
}

function take<T>(result: Result<T>): T {
  if (!result.ok)
    throw new Error(`the module refused: ${result.error.code} ${JSON.stringify(result.error.detail ?? {})}`);
  return result.value;
}
