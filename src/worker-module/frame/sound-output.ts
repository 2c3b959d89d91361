// The sound device: an AudioContext with the worklet in it, made when the worker first has something to be heard.
// Belongs to the frame because contexts exist only in windows. Samples pass from worker to worklet on their own port.

import type { FrameToWorker } from '../frame-messages.ts';
import { CHANNELS } from '../sound/sound-bounds.ts';
import workletUrl from '../sound/worklet.ts?worker&url';
import { FRAME_LIMITS } from './frame-limits.ts';

/** One worker's way to the sound device. */
export type SoundOutput = {
  /** Opens the device at this rate, or wakes the one there is. */
  open(sampleRateHz: number): void;
  /** Lets the device sleep. */
  rest(): void;
  setVolume(volume: number, muted: boolean): void;
  /** Closes the device for good. */
  close(): void;
};

/** Where the browser knows of it (Web Audio 1.1), samples are made in pieces as large as the device takes, and not 128 at a time. */
type DeviceOptions = AudioContextOptions & { readonly renderSizeHint: 'hardware' | number };

type Opened = { readonly context: AudioContext; readonly gain: GainNode };

async function openDevice(sampleRateHz: number, port: MessagePort): Promise<Opened> {
  // Picture and sound are kept together by what is heard, so there is nothing to gain by a device that wakes up a hundred times a second.
  const options: DeviceOptions = {
    ...{ sampleRate: sampleRateHz, latencyHint: 'playback' },
    renderSizeHint: FRAME_LIMITS.soundBlockSamples,
  };
  const context = new AudioContext(options);
  try {
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, 'farebox-sound', {
      numberOfInputs: 0,
      outputChannelCount: [CHANNELS],
    });
    const gain = new GainNode(context, { gain: 0 });
    node.connect(gain).connect(context.destination);
    node.port.postMessage(port, [port]);
    return { context, gain };
  } catch (cause) {
    await context.close();
    throw cause;
  }
}

/** `post` reaches the worker that this output serves. */
export function makeSoundOutput(post: (message: FrameToWorker, transfer: Transferable[]) => void): SoundOutput {
  let opening: Promise<Opened> | null = null;
  let openedRateHz = 0;
  let opened: Opened | null = null;
  let level = 1;

  const applyLevel = () => {
    if (opened === null) return;
    opened.gain.gain.setTargetAtTime(level, opened.context.currentTime, FRAME_LIMITS.volumeRampS);
  };

  const reportClock = () => {
    if (opened === null) return;
    const { context } = opened;
    const stamp = context.getOutputTimestamp();
    const measured = stamp.contextTime !== undefined && stamp.performanceTime !== undefined && stamp.contextTime > 0;
    // Where the browser gives no pair of its own, what is computed now is heard after the device's latency.
    const contextTimeS = measured ? (stamp.contextTime ?? 0) : context.currentTime - context.outputLatency;
    const heardAtMs = performance.timeOrigin + (measured ? (stamp.performanceTime ?? 0) : performance.now());
    post({ type: 'sound-clock', running: context.state === 'running', contextTimeS, heardAtMs }, []);
  };
  const ticking = setInterval(reportClock, FRAME_LIMITS.soundClockIntervalMs);

  const closeDevice = () => {
    const closing = opening;
    opening = null;
    opened = null;
    closing?.then(({ context }) => context.close()).catch(() => post({ type: 'sound-absent' }, []));
  };

  const begin = (sampleRateHz: number) => {
    const channel = new MessageChannel();
    openedRateHz = sampleRateHz;
    const attempt = openDevice(sampleRateHz, channel.port1);
    opening = attempt;
    attempt.then(
      (device) => {
        if (opening !== attempt) return;
        opened = device;
        device.context.onstatechange = reportClock;
        applyLevel();
        post({ type: 'sound-opened', port: channel.port2 }, [channel.port2]);
        reportClock();
      },
      () => {
        if (opening === attempt) opening = null;
        post({ type: 'sound-absent' }, []);
      },
    );
  };

  const wake = () => {
    // Without a touch on the page the promise stays pending; the context starts by itself at the next call after one.
    opened?.context.resume().then(reportClock, () => post({ type: 'sound-absent' }, []));
  };

  return {
    open(sampleRateHz) {
      if (opening !== null && openedRateHz !== sampleRateHz) closeDevice();
      if (opening === null) begin(sampleRateHz);
      else wake();
    },
    rest() {
      opened?.context.suspend().then(reportClock, () => post({ type: 'sound-absent' }, []));
    },
    setVolume(volume, muted) {
      level = muted ? 0 : volume;
      applyLevel();
    },
    close() {
      clearInterval(ticking);
      closeDevice();
    },
  };
}
