// A terminal without a browser: the player's own fetching code (src/player) against a real provider or a cache before it, with a module that
// takes every frame and at once wants the next. For benches that need a hundred; what it fetches, nobody opens.
import { createProvider } from '../../src/host/provider.ts';
import { createDelivery } from '../../src/player/delivery.ts';
import type { ModulePort, PlayerPorts } from '../../src/player/ports.ts';
import { loadProgramme } from '../../src/player/programme-loading.ts';
import { mainSoundOf } from '../../src/protocol/manifest.ts';

/** What the module asks for ahead of the frame that plays (DISPLAY_LIMITS.framesAhead). */
const FRAMES_AHEAD = 2;
const SESSION = '0'.repeat(32);

/** How a light terminal watches. */
export type LightVisit = {
  /** Of the provider, or of the cache before it. */
  readonly origin: string;
  readonly programmeId: string;
  /** Label of the rung that this person chose. */
  readonly rung: string;
};

/** Fetches a whole programme, as fast as it comes. @returns how many frames the module was given. */
export async function watchLightly({ origin, programmeId, rung }: LightVisit): Promise<number> {
  const taken = new Set<number>();
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const provider = createProvider(origin);
  const ports: PlayerPorts = {
    module: takingModule((frame) => {
      taken.add(frame);
      // Not in the middle of the delivery that brought it.
      queueMicrotask(goOn);
    }),
    provider,
    relay: {
      prepare: async () => undefined,
      beginSession: () => Promise.reject(new Error('a light terminal begins no session')),
      settle: async () => undefined,
      release: async () => undefined,
    },
    nowMs: () => performance.now(),
    wallClockMs: () => Date.now(),
    pause: (ms) => new Promise((done) => setTimeout(done, ms)),
    chance: () => Math.random(),
  };
  const { manifest } = await loadProgramme(ports, programmeId, new AbortController().signal);
  const { frameCount, frameDurationMs } = manifest;
  // As each visit of a person has its own: the cache has to look past it.
  const deliveryId = crypto.randomUUID().replaceAll('-', '');
  let playing = 0;
  const goOn = (): void => {
    while (taken.has(playing)) playing += 1;
    if (playing >= frameCount) {
      resolve();
      return;
    }
    delivery.begin();
    delivery.moveTo(playing * frameDurationMs, false);
    const ahead = Array.from({ length: FRAMES_AHEAD + 1 }, (_, step) => playing + step);
    delivery.want(ahead.filter((frame) => frame < frameCount && !taken.has(frame)));
  };
  const delivery = createDelivery({
    ports,
    manifest,
    positionMs: 0,
    deliveryId,
    choice: rung,
    tracks: () => [mainSoundOf(manifest)?.label ?? null],
    listener: {
      onBuffered: () => undefined,
      onTrouble: (code) => code !== null && reject(new Error(`the line is bad: ${code}`)),
      onGrantOver: () => reject(new Error('the grant is over')),
      onLost: () => reject(new Error('a frame was lost')),
      onFailed: (code) => reject(new Error(`fetching failed: ${code}`)),
    },
  });
  try {
    delivery.activate(SESSION, [[0, frameCount]], deliveryId);
    goOn();
    await over;
    return taken.size;
  } finally {
    delivery.stop();
  }
}

/** Takes what is delivered, and is asked for nothing else. It never answers: who delivers only waits to hear of a refusal. */
function takingModule(onFrame: (frame: number) => void): ModulePort {
  return {
    call(name, argument) {
      if (name !== 'deliver' || !('frame' in argument) || typeof argument.frame !== 'number')
        return Promise.reject(new Error(`a light terminal calls no ${name}`));
      onFrame(argument.frame);
      return new Promise<never>(() => undefined);
    },
    onEvent: () => () => undefined,
    onState: () => () => undefined,
  };
}
