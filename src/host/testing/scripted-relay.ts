// A relay between a module and a provider that do as a test tells them. Every command and every request is in `trace`, in order. Used by
// the tests of the errands; nothing in the product knows of it.

import { issueCertificate } from '../../protocol/certificate.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import type {
  CommandName,
  ModuleStatus,
  ReceiptView,
  RestoreReport,
  SessionView,
} from '../../worker-module/commands.ts';
import type { ModuleConnection } from '../connect.ts';
import type { RelayParts } from '../errands/parts.ts';
import type { SessionStart } from '../errands/session.ts';
import { createProvider } from '../provider.ts';
import { createRelay } from '../relay.ts';

export const PROGRAMME = '11'.repeat(16);
export const SESSION = '22'.repeat(16);
export const BYTES = Uint8Array.of(7);
export const NOW_MS = 1_000_000;

export const OPEN_SESSION: SessionView = {
  session: SESSION,
  programme: PROGRAMME,
  title: 'Harbour',
  mode: 'display',
  state: 'open',
  currency: 'EUR',
  priceMinor: 20,
  creditMinor: 1_000,
  expires: NOW_MS + 1,
  frameCount: 30,
  frameDurationMs: 2_000,
  granted: [[5, 10]],
  decrypted: [],
  lateFrames: [],
  failedFrames: [],
  count: 0,
  amountMinor: 0,
  counter: 1,
  openedTime: 0,
  positionMs: 0,
  contract: null,
  live: null,
  offline: false,
  sequence: 'tree',
  unused: false,
};
export const START: SessionStart = {
  programmeId: PROGRAMME,
  material: Promise.resolve({ programme: BYTES, manifest: BYTES }),
  from: 5,
  mode: 'display',
  signal: new AbortController().signal,
};
export const YEAR_MS = 365 * 86_400_000;
const agency = signerFromSecret(new Uint8Array(32).fill(1));
const CERTIFICATE = await issueCertificate({
  signer: agency,
  role: 'module',
  subjectKey: signerFromSecret(new Uint8Array(32).fill(2)).publicKey,
  sealingKey: new Uint8Array(32).fill(3),
  device: new Uint8Array(16).fill(4),
  epoch: 1,
  issuedAt: 0,
  expires: YEAR_MS,
});
export const STATUS: ModuleStatus = {
  moduleId: 'aa'.repeat(16),
  certificate: CERTIFICATE,
  epoch: 1,
  epochPending: false,
  counter: 0,
  head: new Uint8Array(32),
  storage: 'ready',
  lock: 'none',
  factors: [],
  idleLockMinutes: null,
  keysMovable: true,
  standing: 'good',
  safety: {
    persistent: true,
    backup: 'none',
    backupTime: null,
    backupPasskey: false,
    usageBytes: null,
    quotaBytes: null,
    unsafeLimitMinor: 20_000,
  },
  allowance: { dayMinor: 50_000, leftMinor: 50_000 },
  droppedCalls: 0,
};
/** A restore that the provider was not asked about yet. */
export const REPORT: RestoreReport = {
  source: 'backup',
  time: 0,
  reconciled: false,
  counts: { found: 0, notFound: 0, used: 0, unreachable: 0 },
  things: [],
};
export const RECEIPT: ReceiptView = {
  session: SESSION,
  title: 'Harbour',
  state: 'durable',
  closedTime: 0,
  count: 1,
  currency: 'EUR',
  amountMinor: 20,
  claim: null,
  unused: false,
};

/** What the provider answers where nothing else is said, by path. */
const BODIES: Readonly<Record<string, object>> = {
  '/api/v1/enrolments': { certificate: 'Bw' },
  '/api/v1/challenges': { challenge: 'Bw', providerCertificate: 'Bw' },
  '/api/v1/sessions': { grant: 'Bw', providerCertificate: 'Bw' },
  '/api/v1/receipts': { acknowledgement: 'Bw' },
  '/api/v1/claims': { verdict: 'Bw' },
  '/api/v1/standings': { standing: 'Bw', providerCertificate: 'Bw' },
  '/api/v1/papers': { receiptFiles: ['Bw'] },
  '/api/v1/backups': {},
  '/api/v1/keys/transport': { transportKey: 'Bw', providerCertificate: 'Bw' },
  '/api/v1/keys/acceptance': { number: 1 },
  '/api/v1/keys/token': { ticket: 'Bw', token: 'A'.repeat(43), counter: 3, agreement: 1 },
  '/api/v1/keys/pin': { application: 'wallet' },
  '/api/v1/confidential': { card: { last4: '4242', expiry: '2027-08' } },
  '/api/v1/confidential/removal': {},
};

/** An answer to a command that is worked out from its argument, or from how often it was called. */
type Answer = (argument: unknown, time: number) => unknown;

/** What a request was. */
export type Asked = { readonly path: string; readonly idempotencyKey: string; readonly body: unknown };

/**
 * Makes the relay. `answers`: the module's, by command; a command without one is refused. `refusals`: codes of the provider by path, one
 * time after the other where it is a list, each time where it is a code. `bodies`: its answers by path, over the usual ones. The page has
 * noted that the provider has no keys for this module, unless a test writes another note.
 */
export function scripted(
  answers: Partial<Record<CommandName, unknown>>,
  refusals: Readonly<Record<string, string | readonly (string | undefined)[]>> = {},
  nowMs: number | (() => number) = NOW_MS,
  bodies: Readonly<Record<string, object | ((body: unknown) => object)>> = {},
) {
  const times = new Map<string, number>();
  const trace: string[] = [];
  const asked: Asked[] = [];
  const notes = new Map<string, string>([['keys', String(NOW_MS)]]);
  const count = (name: string): number => {
    const time = times.get(name) ?? 0;
    times.set(name, time + 1);
    return time;
  };
  const call = async (name: CommandName, argument: unknown) => {
    trace.push(name);
    // Every module can be signed for; what it answers differs only where a test says so.
    const answer = name in answers ? answers[name] : DEFAULT_ANSWERS[name];
    if (answer === undefined) throw new FareboxError('module/refused', { name });
    const value = typeof answer === 'function' ? (answer as Answer)(argument, count(name)) : answer;
    if (value instanceof FareboxError) throw value;
    return structuredClone(value);
  };
  const module: RelayParts['module'] = { call: call as ModuleConnection['call'] };
  const provider = createProvider('http://provider.example', {
    fetch: async (input, init) => {
      const { pathname } = new URL(String(input));
      trace.push(pathname);
      asked.push({
        path: pathname,
        idempotencyKey: new Headers(init?.headers).get('Idempotency-Key') ?? '',
        body: typeof init?.body === 'string' ? JSON.parse(init.body) : null,
      });
      const refusal = refusals[pathname];
      const time = count(pathname);
      const code = typeof refusal === 'object' ? refusal[time] : refusal;
      if (code !== undefined) return Response.json({ error: { code } }, { status: 400 });
      const body = bodies[pathname] ?? BODIES[pathname];
      return Response.json(typeof body === 'function' ? body(asked.at(-1)?.body) : body);
    },
    pause: async () => undefined,
    chance: () => 0,
  });
  const relay = createRelay({
    module,
    provider,
    notes: { read: (name) => notes.get(name) ?? null, write: (name, text) => void notes.set(name, text) },
    wallClockMs: () => (typeof nowMs === 'function' ? nowMs() : nowMs),
  });
  return { relay, trace, asked, notes };
}

const DEFAULT_ANSWERS: Partial<Record<CommandName, unknown>> = {
  status: STATUS,
  answerChallenge: { response: BYTES, certificate: BYTES },
};
