// The start of a session, docs/protocol.md §5 and §6: an open one is taken up again where it covers the place, else a challenge, its
// response, a grant. The programme may still be on its way while module and provider agree.

import { FareboxError } from '../../protocol/errors.ts';
import { decodeProgrammeId, type ProgrammeId } from '../../protocol/id-forms.ts';
import type { OutputMode } from '../../protocol/output-modes.ts';
import { coversFrame } from '../../protocol/ranges.ts';
import type { ChosenSequence } from '../../protocol/sequence/names.ts';
import type { SessionView } from '../../worker-module/commands.ts';
import type { InContact, RelayParts } from './parts.ts';

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
  /** What `sessions` said a moment ago; left out, the module is asked. */
  readonly sessions?: readonly SessionView[];
  /** The part of frame `from` that will be delivered first, said when the grant is here: it is reserved with the session. Null where none is on its way. */
  readonly firstRung?: () => string | null;
  /** The way out of the module. */
  readonly mode: OutputMode;
  /** Under which its content is asked for, 32 hex digits; left out where nobody asks for content by it. */
  readonly deliveryId?: string;
  /** What a person chose in place of the programme's own function; left out, an open session of any function is taken up. */
  readonly sequence?: ChosenSequence;
  /** Nobody has pressed play yet: the module asks nobody, and ends at once what would need it. */
  readonly ahead?: true;
  readonly signal: AbortSignal;
};

/** Begins or takes up a session. */
export async function beginSession(
  { module, provider, wallClockMs }: Pick<RelayParts, 'module' | 'provider' | 'wallClockMs'>,
  inContact: InContact,
  { programmeId, material, from, mode, deliveryId, sequence, sessions, firstRung, ahead, signal }: SessionStart,
): Promise<SessionView> {
  const programme = decodeProgrammeId(programmeId);
  const begin = async (): Promise<SessionView> => {
    const open = findOpen(
      sessions ?? (await module.call('sessions', {})),
      { programme, from, mode, sequence },
      wallClockMs(),
    );
    if (open !== undefined) {
      const { manifest } = await material;
      return module.call('resumeSession', { session: open.session, manifest });
    }
    const said = {
      ...(deliveryId === undefined ? {} : { deliveryId }),
      ...(sequence === undefined ? {} : { sequence }),
    };
    const wanted = { programme, from, mode, ...said };
    const agree = inContact(signal, (contact) => provider.beginSession({ ...contact, ...wanted })).catch(
      async (thrown: unknown) => {
        const isOver = isOfLine(thrown) && (await module.call('sessions', {})).some((view) => wasKept(view, programme));
        throw isOver ? new FareboxError('offline/over') : thrown;
      },
    );
    // Without its material a session that was granted could not be opened: both, or the first failure of either.
    const [answer, fitting] = await Promise.all([agree, material]);
    const rung = firstRung?.() ?? null;
    const first = rung === null ? {} : { first: { frame: from, rung } };
    return module.call('openSession', { ...fitting, ...answer, ...first, ...(ahead === undefined ? {} : { ahead }) });
  };
  // Material that fails ends it at once, whatever is being asked at that time.
  const [view] = await Promise.all([begin(), material]);
  return view;
}

/** Whether the provider could not be had, whatever it would have said. */
function isOfLine(thrown: unknown): boolean {
  return thrown instanceof FareboxError && (thrown.code === 'network/offline' || thrown.code === 'network/unreachable');
}

/** A session of this programme that was for watching with no line: none that still can be was found. */
function wasKept({ offline, programme }: SessionView, wanted: ProgrammeId): boolean {
  return offline && programme === wanted;
}

function findOpen(
  sessions: readonly SessionView[],
  wanted: {
    readonly programme: ProgrammeId;
    readonly from: number;
    readonly mode: OutputMode;
    readonly sequence: ChosenSequence | undefined;
  },
  nowMs: number,
): SessionView | undefined {
  const { programme, from, mode, sequence } = wanted;
  const isChosen = (view: SessionView): boolean => sequence === undefined || view.sequence === sequence;
  const fits = (view: SessionView): boolean => view.programme === programme && view.mode === mode && isChosen(view);
  return sessions.find(
    (view) => view.state === 'open' && fits(view) && view.expires > nowMs && coversFrame(view.granted, from),
  );
}
