// The sealed module, put together: its life in this worker, commands behind the gate, events outward. Made once by worker.ts with everything
// that is not pure as an argument. It has no network, and no way to the page but the two ports.

import { admitCommand, makeHandlers } from './commands/handlers.ts';
import type { Surroundings } from './core.ts';
import type { EventOutlet, OutwardPort } from './event-port.ts';
import type { MakeFrameSink, TabDisplay } from './frame-gateway.ts';
import { makeCommandTable } from './gate/command-table.ts';
import { type CommandPort, openGate } from './gate/gate.ts';
import { keepModule } from './keeper.ts';
import type { Storage } from './start.ts';
import type { Hints } from './store/hints.ts';

/** Everything the module is made of that is not its own logic. */
export type ModuleParts = Omit<Surroundings, 'emit'> & {
  readonly storage: Storage;
  readonly hints: Hints;
  /** The way out for events; the display and the asking were made with the same one. */
  readonly events: EventOutlet;
  /** Takes back the question that stands on the surface. */
  readonly withdraw: () => void;
  readonly makeSink: MakeFrameSink;
  readonly display: TabDisplay;
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
  const { storage, hints, events, withdraw, makeSink, display, ...rest } = parts;
  const around: Surroundings = { ...rest, emit: events.emit };
  const { life, health } = await keepModule({ around, storage, hints, makeSink, withdraw });
  const commandParts = { life, health, around, droppedCalls: () => droppedCalls, display };
  const admit = (name: Parameters<typeof admitCommand>[1]) => admitCommand(commandParts, name);
  const table = makeCommandTable(makeHandlers(commandParts), parts.clock, admit);

  return {
    connect: (commandPort, outward) => {
      stopServing?.();
      events.connect(outward);
      stopServing = openGate(commandPort, table, () => {
        droppedCalls += 1;
      });
    },
  };
}
