// The start of a session for watching with no line, docs/protocol.md §21: one that the module has already is taken, else a challenge, its response,
// and a grant to the end of the offered time. Loaded when it is needed. Nothing plays of it yet.

import { decodeProgrammeId } from '../../protocol/id-forms.ts';
import type { SessionView } from '../../worker-module/commands.ts';
import type { InContact, RelayParts } from './parts.ts';
import type { SessionMaterial } from './session.ts';
import { settle } from './settle.ts';

/** What is to be kept. */
export type KeepStart = SessionMaterial & {
  readonly programmeId: string;
  /** The session that plays in this tab, or null: it goes on. */
  readonly playing: string | null;
  readonly signal: AbortSignal;
};

/** Has the module keep a session for the whole programme. Another one of the programme that is open and does not play is settled first: what it set aside is free then. */
export async function keepSession(
  parts: Pick<RelayParts, 'module' | 'provider' | 'wallClockMs'>,
  inContact: InContact,
  { programmeId, programme, manifest, playing, signal }: KeepStart,
): Promise<SessionView> {
  const { module, provider, wallClockMs } = parts;
  const id = decodeProgrammeId(programmeId);
  const open = (await module.call('sessions', {})).filter((view) => view.programme === id && view.state === 'open');
  const kept = open.find(({ offline, expires }) => offline && expires > wallClockMs());
  if (kept !== undefined) return kept;
  for (const { session } of open) if (session !== playing) await settle(parts, inContact, session, signal);
  const wanted = { programme: id, from: 0, mode: 'display', offline: true } as const;
  const answer = await inContact(signal, (contact) => provider.beginSession({ ...contact, ...wanted }));
  return module.call('openSession', { programme, manifest, ...answer });
}
