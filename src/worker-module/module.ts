// The sealed module, put together: storage judged, what was cut off finished, commands behind the gate, events outward. Made once by
// worker.ts with everything that is not pure as an argument. It has no network, and no way to the page but the two ports.

import { FareboxError, toErrorData } from '../protocol/errors.ts';
import { makeHandlers } from './commands/handlers.ts';
import type { Core, Surroundings } from './core.ts';
import type { Emit, EventOutlet, OutwardPort } from './event-port.ts';
import type { MakeFrameSink } from './frame-gateway.ts';
import { makeCommandTable } from './gate/command-table.ts';
import { type CommandPort, openGate } from './gate/gate.ts';
import { recoverSessions } from './recover.ts';
import { makeSessionRooms, type SessionRooms } from './session/session-rooms.ts';
import { type Storage, startCore } from './start.ts';
import { makeStorageHealth, type StorageHealth } from './store/health.ts';
import type { Hints } from './store/hints.ts';

/** Everything the module is made of that is not its own logic. */
export type ModuleParts = Omit<Surroundings, 'emit'> & {
  readonly storage: Storage;
  readonly hints: Hints;
  /** The way out for events; the display was made with the same one. */
  readonly events: EventOutlet;
  readonly makeSink: MakeFrameSink;
  readonly setVolume: (volume: number, muted: boolean) => void;
};

/** The module as its worker has it. */
export type Module = {
  /** Serves a host on its two ports. A host that connected earlier is not served any more. */
  connect(commandPort: CommandPort, eventPort: OutwardPort): void;
};

/**
 * Opens storage, finishes what an earlier worker was cut off in, and is then ready to be connected. Trouble with storage does not
 * throw: `status` tells of it, and commands answer with `store/*`.
 */
export async function createModule(parts: ModuleParts): Promise<Module> {
  let stopServing: (() => void) | null = null;
  let droppedCalls = 0;
  const { emit } = parts.events;
  const health = makeStorageHealth();
  const opened = await openRooms({ ...parts, emit }, parts, health);
  const handlers = makeHandlers({ opened, health, droppedCalls: () => droppedCalls, setVolume: parts.setVolume });
  const table = makeCommandTable(handlers, parts.clock);

  return {
    connect: (commandPort, outward) => {
      stopServing?.();
      parts.events.connect(outward);
      stopServing = openGate(commandPort, table, () => {
        droppedCalls += 1;
      });
    },
  };
}

async function openRooms(
  around: Surroundings,
  parts: ModuleParts,
  health: StorageHealth,
): Promise<{ readonly core: Core; readonly rooms: SessionRooms } | null> {
  const core = await startCore(around, parts.storage, health);
  if (core === null) return null;
  const { hints, storage } = parts;
  const rooms = makeSessionRooms(core, { makeSink: parts.makeSink, locks: storage.locks, hints });
  const refusal = health.refusal();
  if (refusal !== null) around.emit({ type: 'failed', session: null, code: refusal });
  else await recoverSessions(core, rooms).catch((error: unknown) => reportFailure(around.emit, error));
  return { core, rooms };
}

/** What could not be finished at start is said, and is tried again by the command that needs it, and at the next start. */
function reportFailure(emit: Emit, error: unknown): void {
  if (!(error instanceof FareboxError)) throw error;
  emit({ type: 'failed', session: null, code: toErrorData(error).code });
}
