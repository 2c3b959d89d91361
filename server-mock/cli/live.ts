// `farebox live FILE|-`: sends a file, once or looped, or what comes through a pipe, as a live programme. What it means to send is in
// publisher/live/; here are only the arguments, and what the person is told.

import { decodeProgrammeId } from '../../src/protocol/ids.ts';
import { isTitle } from '../../src/protocol/language.ts';
import { type OpenedRegistry, openRegistryInTurn } from '../admin/open-registry.ts';
import { configFromEnvironment, type ProviderConfig } from '../config.ts';
import { openContentStore } from '../content/store.ts';
import { openKeys } from '../keys.ts';
import { PUBLISH_LIMITS } from '../publisher/limits.ts';
import { LIVE_LIMITS } from '../publisher/live/limits.ts';
import { openLiveFile, openLivePipe } from '../publisher/live/live-source.ts';
import { type LiveOptions, type LiveReport, publishLive } from '../publisher/live/publish-live.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, type CliIo, UsageError } from './command.ts';
import { CONTRACT_USAGE, readContract } from './contract-argument.ts';
import { MODES_USAGE, readModes } from './modes-argument.ts';
import { readPrice } from './publish.ts';

/** The command. */
export const liveCommand: CliCommand = {
  name: 'live',
  summary: 'Sends a video as a live programme',
  usage: [
    'farebox live FILE|- --title TITLE [--loop] [--window SECONDS] [--duration SECONDS] [--price-per-minute 0.06]',
    '    [--contract …] [--modes display,frames,keys] [--json]',
    'farebox live FILE|- --resume ID [--loop] [--duration SECONDS] [--json]',
    '  FILE  an MP4, MOV, MKV or WebM file; - for what comes through a pipe: MPEG-TS, MKV, WebM, fragmented MP4',
    '  --loop      begins again when the file is over, until it is stopped',
    `  --window    how far back people may go; ${LIVE_LIMITS.windowS} seconds unless told`,
    '  --duration  ends it after this long',
    ...CONTRACT_USAGE,
    MODES_USAGE,
    '  --resume    goes on with a programme that was cut, with the same kind of video',
    '  Ctrl-C ends it in order. The provider has to run for people to watch.',
  ].join('\n'),
  run: async (args, io) => {
    const options = {
      title: { type: 'string' },
      loop: { type: 'boolean', default: false },
      window: { type: 'string' },
      duration: { type: 'string' },
      resume: { type: 'string' },
      contract: { type: 'string' },
      modes: { type: 'string' },
      'price-per-minute': { type: 'string' },
    } as const;
    const { values, positionals } = readArguments({ args, positionals: ['FILE'], options });
    const [file = ''] = positionals;
    const isPipe = file === '-';
    if (isPipe && values.loop) throw new UsageError('--loop needs a file: a pipe cannot begin again');
    const durationMs = values.duration === undefined ? null : 1000 * readSeconds('--duration', values.duration);
    const config = configFromEnvironment(process.env);
    const what = readWhat(values, config.currency);
    const keys = await openKeys(config.dataDir);
    const content = await openContentStore(config.dataDir);
    const tools = { ...briefPorts(config), content, keys };
    // Asked now, so that what is wrong is said before anything is encoded.
    await tools.registry.list();
    const source = isPipe ? await openLivePipe(process.stdin) : await openLiveFile(file, values.loop);
    try {
      const onAir = (id: string, title: string): void => io.err(`"${title}" is on the air as ${id}.`);
      const sending = { ...tools, source, what, durationMs, clock: Date.now, onAir, stop: io.signal };
      const report = await publishLive(sending);
      tell(report, io);
      return 0;
    } finally {
      source.close();
    }
  },
};

/** Opens the catalogue for each call alone: sending takes long, and the provider may be started or stopped meanwhile. */
function briefPorts(config: ProviderConfig): Pick<LiveOptions, 'registry' | 'live'> {
  const within = async <T>(work: (opened: OpenedRegistry) => Promise<T>): Promise<T> => {
    const opened = await openRegistryInTurn(config);
    try {
      return await work(opened);
    } finally {
      await opened.close();
    }
  };
  return {
    registry: {
      add: (programme) => within(({ registry }) => registry.add(programme)),
      list: () => within(({ registry }) => registry.list()),
      remove: (id) => within(({ registry }) => registry.remove(id)),
      removeUnlisted: (hashes) => within(({ registry }) => registry.removeUnlisted(hashes)),
    },
    live: {
      find: (id) => within(({ live }) => live.find(id)),
      reserve: (id, from, to) => within(({ live }) => live.reserve(id, from, to)),
      publish: (id, news) => within(({ live }) => live.publish(id, news)),
    },
  };
}

type Values = {
  readonly title?: string | undefined;
  readonly window?: string | undefined;
  readonly resume?: string | undefined;
  readonly contract?: string | undefined;
  readonly modes?: string | undefined;
  readonly 'price-per-minute'?: string | undefined;
};

function readWhat(values: Values, currency: string): LiveOptions['what'] {
  const { title, resume } = values;
  if (resume !== undefined) {
    if (!/^[0-9a-f]{32}$/.test(resume)) throw new UsageError(`"${resume}" is not a programme id`);
    const others = [title, values.window, values.contract, values.modes, values['price-per-minute']];
    if (others.some((value) => value !== undefined)) {
      throw new UsageError(
        '--resume goes on with the title, the window, the price and all else that the programme has',
      );
    }
    return { resume: decodeProgrammeId(resume) };
  }
  if (title === undefined || title.trim() === '') throw new UsageError('--title is missing');
  if (!isTitle(title.trim(), 0, PUBLISH_LIMITS.titleLength))
    throw new UsageError('--title is too long, or no line of text');
  const windowS = values.window === undefined ? LIVE_LIMITS.windowS : readSeconds('--window', values.window);
  const windowFrames = Math.ceil((windowS * 1000) / PUBLISH_LIMITS.slotMs);
  const contract = values.contract === undefined ? {} : { contract: readContract(values.contract) };
  const priceMinor = readPrice(values['price-per-minute']);
  const modes = readModes(values.modes ?? 'display');
  return { title: title.trim(), currency, priceMinor, windowFrames, modes, ...contract };
}

function readSeconds(name: string, text: string): number {
  const longestS = (LIVE_LIMITS.frames * PUBLISH_LIMITS.slotMs) / 1000;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > longestS) throw new UsageError(`${name} is a number of seconds, 1 to ${longestS}`);
  return seconds;
}

function tell(report: LiveReport, io: CliIo): void {
  if (io.json) io.out(JSON.stringify({ live: report }));
  else
    io.out(
      `"${report.title}" (${report.id}) has ended after ${report.frames} frames, ${report.sent} of them sent now.`,
    );
}
