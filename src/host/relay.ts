// The signed errands between module and provider, docs/protocol.md §3, §5, §6, §9: enrolment, the start of a session, the
// receipt and its answer. It carries messages it cannot read or make; every errand may be cut anywhere and done again.

import { toHex } from '../protocol/bytes.ts';
import { FareboxError, type FareboxErrorCode } from '../protocol/errors.ts';
import { decodeProgrammeId, type ProgrammeId } from '../protocol/ids.ts';
import { coversFrame } from '../protocol/ranges.ts';
import type { SessionView } from '../worker-module/commands.ts';
import type { ModuleConnection } from './connect.ts';
import type { Provider } from './provider.ts';

/** What the module checks a grant against. */
export type SessionMaterial = {
  /** COSE bytes of the programme, as the provider gave them. */
  readonly programme: Uint8Array<ArrayBuffer>;
  readonly manifest: Uint8Array<ArrayBuffer>;
};

/** What a session is begun with. */
export type SessionStart = {
  readonly programmeId: string;
  /** May still be on its way: challenge and grant do not need it. */
  readonly material: Promise<SessionMaterial>;
  /** First frame to be played. */
  readonly from: number;
  readonly signal: AbortSignal;
};

/** The errands. All throw FareboxError; an abort throws its reason. */
export type Relay = {
  /** Gets the module its certificate where it has none, and a new one where half of its life is over. Returns the module's id. */
  ensureEnrolled(signal: AbortSignal): Promise<string>;
  /** Takes an open session of the programme up again where it covers the place, else does P1 and P2. */
  beginSession(start: SessionStart): Promise<SessionView>;
  /** P4: closes the session, sends its receipt, keeps the answer. Safe to repeat at any point. */
  settle(session: string, signal?: AbortSignal): Promise<void>;
  /** Settles every closed session whose receipt was not answered yet. Returns those that could not be, with why. */
  settleAll(signal: AbortSignal): Promise<readonly { readonly session: string; readonly error: FareboxError }[]>;
};

/** What the errands run between. */
export type RelayParts = {
  readonly module: Pick<ModuleConnection, 'call'>;
  readonly provider: Provider;
  /** Milliseconds since 1970. */
  readonly wallClockMs: () => number;
};

/** Refusals of P1 that a new certificate for the same keys puts right. */
const CERTIFIED_AGAIN: ReadonlySet<FareboxErrorCode> = new Set([
  'certificate/expired',
  'certificate/foreign',
  'enrolment/needed',
]);

/** Names a receipt for good, so that sending it again is the same request. */
async function receiptName(receiptFile: Uint8Array<ArrayBuffer>): Promise<string> {
  return `receipt-${toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', receiptFile)))}`;
}

/** Makes the relay. */
export function createRelay({ module, provider, wallClockMs }: RelayParts): Relay {
  /** The agency certifies the same keys again whenever it is asked. */
  const certify = async () => {
    const { request } = await module.call('enrolmentRequest', {});
    const { certificate } = await provider.enrol(Uint8Array.from(request), new AbortController().signal);
    const { moduleId } = await module.call('acceptCertificate', { certificate });
    return { moduleId, certificate };
  };
  const enrol = async (): Promise<string> => {
    const { moduleId, certificate } = await module.call('status', {});
    if (moduleId === null || certificate === null) return (await certify()).moduleId;
    // Fetched when it is needed: reading a certificate takes the CBOR decoder, which the first screen does without.
    const { isPastHalfLife } = await import('./certificate-life.ts');
    if (isPastHalfLife(certificate, wallClockMs())) {
      // The one it has may still hold: where it does not, P1 says so and `agree` asks again, with the error for the person.
      await certify().catch((thrown: unknown) => {
        if (!(thrown instanceof FareboxError)) throw thrown;
      });
    }
    return moduleId;
  };
  let enrolling: Promise<string> | null = null;

  // One errand for all who ask at once: the agency is asked for one certificate, and who gives up stops nobody else.
  const ensureEnrolled = async (signal: AbortSignal): Promise<string> => {
    enrolling ??= enrol().finally(() => {
      enrolling = null;
    });
    const moduleId = await enrolling;
    signal.throwIfAborted();
    return moduleId;
  };

  const findOpen = async (programme: ProgrammeId, from: number): Promise<SessionView | undefined> => {
    const sessions = await module.call('sessions', {});
    return sessions.find(
      (view) =>
        view.state === 'open' &&
        view.programme === programme &&
        view.expires > wallClockMs() &&
        coversFrame(view.granted, from),
    );
  };

  const agree = async (programmeId: ProgrammeId, { from, signal }: SessionStart) => {
    await ensureEnrolled(signal);
    const challenge = await provider.challenge(signal);
    const answer = await module.call('answerChallenge', challenge);
    const response = Uint8Array.from(answer.response);
    const ask = (certificate: Uint8Array<ArrayBuffer>) =>
      provider.beginSession({ response, certificate, programme: programmeId, from, signal });
    try {
      return await ask(Uint8Array.from(answer.certificate));
    } catch (thrown) {
      // Another agency's, ended, or a provider that has begun anew: the keys are the same, so the response still holds.
      if (!(thrown instanceof FareboxError) || !CERTIFIED_AGAIN.has(thrown.code)) throw thrown;
      return ask((await certify()).certificate);
    }
  };

  const settle = async (session: string, signal: AbortSignal = new AbortController().signal): Promise<void> => {
    const { receiptFile } = await module.call('closeSession', { session });
    const sent = Uint8Array.from(receiptFile);
    const { acknowledgement } = await provider.sendReceipt(sent, await receiptName(sent), signal);
    await module.call('acceptAcknowledgement', { session, acknowledgement });
  };

  return {
    ensureEnrolled,
    settle,
    async beginSession(start) {
      const programmeId = decodeProgrammeId(start.programmeId);
      const begin = async (): Promise<SessionView> => {
        const open = await findOpen(programmeId, start.from);
        if (open !== undefined) {
          const { manifest } = await start.material;
          return module.call('resumeSession', { session: open.session, manifest });
        }
        // Without its material a session that was granted could not be opened: both, or the first failure of either.
        const [answer, material] = await Promise.all([agree(programmeId, start), start.material]);
        return module.call('openSession', { ...material, ...answer });
      };
      // Material that fails ends it at once, whatever is being asked at that time.
      const [view] = await Promise.all([begin(), start.material]);
      return view;
    },
    async settleAll(signal) {
      const unsettled = (await module.call('receipts', {})).filter((receipt) => receipt.state === 'durable');
      const failures: { session: string; error: FareboxError }[] = [];
      // One after another: a person comes back with a handful at most, and the provider counts them per terminal.
      for (const { session } of unsettled) {
        try {
          await settle(session, signal);
        } catch (thrown) {
          if (!(thrown instanceof FareboxError)) throw thrown;
          failures.push({ session, error: thrown });
        }
      }
      return failures;
    },
  };
}
