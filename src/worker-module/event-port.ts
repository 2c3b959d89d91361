// The event port: outward only. Builds each event anew, field by field, so that nothing but the listed plain values can leave.
// Called by the module and the display through `emit`; never reads from the port.

import type { ModuleEvent } from './events.ts';
import { assertPlain } from './gate/plain.ts';
import { MODULE_LIMITS } from './limits.ts';

/** Sends an event to the host. */
export type Emit = (event: ModuleEvent) => void;

/** The part of a MessagePort that events need. */
export type OutwardPort = { postMessage(event: ModuleEvent): void };

/** Where events go. Made before the display and the module, because both send through it. */
export type EventOutlet = {
  readonly emit: Emit;
  /** Sends to this port from now on, what was said before there was one included. */
  connect(port: OutwardPort): void;
};

/** An outlet without a host yet. Until one connects it keeps the first MODULE_LIMITS.earlyEvents events: what start has to say. */
export function makeEventOutlet(): EventOutlet {
  const early: ModuleEvent[] = [];
  let outward: OutwardPort | null = null;
  const emit: Emit = (event) => {
    if (outward !== null) postEvent(outward, event);
    else if (early.length < MODULE_LIMITS.earlyEvents) early.push(event);
  };
  return {
    emit,
    connect: (port) => {
      outward = port;
      for (const event of early.splice(0)) emit(event);
    },
  };
}

/** Rebuilt by its shape. @throws FareboxError `module/internal` where a value is not plain. */
function postEvent(port: OutwardPort, event: ModuleEvent): void {
  const shaped = shapeEvent(event);
  assertPlain(shaped);
  port.postMessage(shaped);
}

function shapeEvent(event: ModuleEvent): ModuleEvent {
  switch (event.type) {
    case 'wanted':
      return {
        ...{ type: 'wanted', session: event.session },
        ...{ frames: [...event.frames], tracks: [...event.tracks], sheets: [...event.sheets] },
      };
    case 'display': {
      const { picturesDrawn, picturesDropped, soundOffsetMs } = event.statistics;
      const statistics = { picturesDrawn, picturesDropped, soundOffsetMs };
      const { session, state, positionMs, rate } = event;
      return { type: 'display', session, state, positionMs, rate, statistics };
    }
    case 'picture':
      return { type: 'picture', session: event.session, frame: event.frame };
    case 'frame': {
      const { session, frame, outcome, late, rung, code, count, amountMinor, counter } = event;
      return { type: 'frame', session, frame, outcome, late, rung, code, count, amountMinor, counter };
    }
    case 'surface':
      return { type: 'surface', state: event.state };
    case 'changed':
      return { type: 'changed', what: event.what };
    case 'closed':
      return { type: 'closed', session: event.session };
    case 'failed':
      return { type: 'failed', session: event.session, code: event.code };
  }
}
