// The fault page: hands Node the runs that need a page. Called from bench/rig/fault-page.ts.
import type { CommandName } from '../../src/worker-module/commands.ts';
import type { StoryReport } from '../../src/worker-module/testing/walk/together.ts';
import { commandNames, cutCommand, type PointReport, tellStory } from './walks.ts';
import { type Inspection, inspect, type Told, writeForEver } from './write-loop.ts';

declare global {
  interface Window {
    faults: {
      writeForEver(): Promise<never>;
      inspect(): Promise<Inspection>;
      commandNames(): readonly CommandName[];
      cutCommand(name: CommandName, cutAt: number): Promise<PointReport>;
      tellStory(seed: number, tabCount: number): Promise<StoryReport>;
    };
    /** Node's ear, there while writing. */
    tellNode?(told: Told): Promise<void>;
  }
}

window.faults = {
  writeForEver: () => writeForEver((told) => void window.tellNode?.(told)),
  inspect,
  commandNames,
  cutCommand,
  tellStory,
};
