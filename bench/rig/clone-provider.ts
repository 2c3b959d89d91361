// The provider of the clone measure: the real one on its own folder, asked without a socket, which can be stopped and started again. Its clock
// is the wall that every profile of the measure goes by, so that years of stories take no time.
import { rm } from 'node:fs/promises';
import { terminalApp } from '../../server-mock/http/apps.ts';
import { makeLogger } from '../../server-mock/http/log.ts';
import { openProvider, type Provider } from '../../server-mock/provider.ts';
import { makeTestFolderWithDatabase, TEST_ORIGINS, testConfig } from '../../server-mock/testing/test-provider.ts';
import type { HttpSurroundings } from '../../src/host/http.ts';
import { createProvider, type Provider as ProviderClient } from '../../src/host/provider.ts';
import { START_TIME } from '../../src/worker-module/testing/test-clock.ts';
import { type CloneProgramme, publishCloneProgramme } from './clone-programme.ts';

/** Programmes on sale: a profile that has opened one can still begin another. */
const PROGRAMMES = 6;
/** Enough for more sessions than any story has. */
const CREDIT_MINOR = 100_000_000n;

/** Time in the measure, milliseconds since 1970. */
export type Wall = { nowMs: number };

/** The provider, and the way to it. */
export type CloneProvider = {
  readonly wall: Wall;
  readonly agencyKey: Uint8Array;
  readonly programmes: readonly CloneProgramme[];
  /** The provider's own side, for looking into its books. */
  readonly inside: () => Provider;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Stops it and starts it again on the same folder. Nothing may be under way. */
  readonly restart: () => Promise<void>;
  /** Stops it and removes its folder. */
  readonly close: () => Promise<void>;
};

/** Opens one in a new folder. */
export async function openCloneProvider(): Promise<CloneProvider> {
  const wall: Wall = { nowMs: START_TIME };
  const dataDir = await makeTestFolderWithDatabase();
  const config = testConfig(dataDir, { startingCreditMinor: CREDIT_MINOR, rateFactor: 1_000_000 });
  const open = async () => {
    const provider = await openProvider(config, { clock: () => wall.nowMs });
    const app = terminalApp({ provider, origins: TEST_ORIGINS, log: makeLogger('silent'), site: new Map() });
    return { provider, app };
  };
  let running = await open();
  const programmes: CloneProgramme[] = [];
  for (let at = 0; at < PROGRAMMES; at += 1) {
    programmes.push(await publishCloneProgramme(running.provider, `Programme ${at}`));
  }
  return {
    ...{ wall, programmes, agencyKey: running.provider.keys.agency.publicKey },
    inside: () => running.provider,
    fetch: async (url, init) => running.app.request(url, init, {}),
    restart: async () => {
      await running.provider.database.close();
      running = await open();
    },
    close: async () => {
      await running.provider.database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What lies between a tab and the provider. */
export type Line = {
  /** False: nothing gets through. */
  isUp: boolean;
  /** Answers that still get through before one is lost, after which the line is down; null: none is. */
  answersLeft: number | null;
};

/** The host's own client of the provider, over this line. */
export function makeClient(provider: CloneProvider, line: Line): ProviderClient {
  const surroundings: HttpSurroundings = {
    fetch: async (input, init = {}) => {
      if (!line.isUp) throw new TypeError('there is no line');
      const answer = await provider.fetch(String(input), init);
      if (line.answersLeft === 0) {
        Object.assign(line, { isUp: false, answersLeft: null });
        throw new TypeError('the answer was lost');
      }
      if (line.answersLeft !== null) line.answersLeft -= 1;
      return answer;
    },
    // Trying again takes no time here.
    pause: async (_delayMs, signal) => signal.throwIfAborted(),
    chance: () => 0,
  };
  return createProvider(TEST_ORIGINS.terminal, surroundings);
}
