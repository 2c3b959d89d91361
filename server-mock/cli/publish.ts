// `farebox publish FILE --title T`: takes a person's own video into the catalogue. What it means to publish is in publisher/publish.ts;
// here are only the arguments, the progress and the result.

import { amount, formatAmount, multiply } from '../../src/protocol/amount.ts';
import { isOfflineTerm } from '../../src/protocol/offline-term.ts';
import type { SequenceName } from '../../src/protocol/sequence/sequence.ts';
import { openRegistryInTurn } from '../admin/open-registry.ts';
import type { ProgrammeRegistry } from '../catalogue/registry.ts';
import { configFromEnvironment, type ProviderConfig } from '../config.ts';
import { openContentStore } from '../content/store.ts';
import { openKeys } from '../keys.ts';
import { PUBLISH_LIMITS } from '../publisher/limits.ts';
import { makeProgressLine } from '../publisher/progress-line.ts';
import { DEFAULT_PRICE_MINOR, type PublishSummary, publishFile } from '../publisher/publish.ts';
import type { NamedTrack } from '../publisher/tracks/summary.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, type CliIo, UsageError } from './command.ts';
import { CONTRACT_USAGE, readContract } from './contract-argument.ts';
import { MODES_USAGE, readModes } from './modes-argument.ts';
import { readCaptionsArguments, readLanguage, readSoundArguments, TRACK_USAGE } from './track-arguments.ts';

const FRAMES_PER_MINUTE = 60_000 / PUBLISH_LIMITS.slotMs;
const MINOR_PER_UNIT = 10_000;
const DAY_MS = 86_400_000;

/** The command. */
export const publishCommand: CliCommand = {
  name: 'publish',
  summary: 'Publishes a video',
  usage: [
    'farebox publish FILE --title TITLE [--price-per-minute 0.06] [--sequence tree|hkdf] [--modes display,frames,keys]',
    '    [--captions …] [--sound …] [--chapters FILE.vtt] [--language LANG] [--contract …] [--offline DAYS] [--json]',
    '  FILE  an MP4, MOV, MKV or WebM file',
    MODES_USAGE,
    ...TRACK_USAGE,
    ...CONTRACT_USAGE,
    '  --offline  for how many days, 1 to 366, it may be kept and watched without a connection; not at all by default',
  ].join('\n'),
  run: async (args, io) => {
    const options = {
      title: { type: 'string' },
      'price-per-minute': { type: 'string' },
      sequence: { type: 'string', default: 'tree' },
      modes: { type: 'string', default: 'display' },
      captions: { type: 'string', multiple: true },
      sound: { type: 'string', multiple: true },
      chapters: { type: 'string' },
      language: { type: 'string' },
      contract: { type: 'string' },
      offline: { type: 'string' },
    } as const;
    const { values, positionals } = readArguments({ args, positionals: ['FILE'], options });
    const [file = ''] = positionals;
    if (values.title === undefined || values.title.trim() === '') throw new UsageError('--title is missing');
    const sequence = readSequence(values.sequence);
    const priceMinor = readPrice(values['price-per-minute']);
    const modes = readModes(values.modes);
    const { chapters, language } = values;
    const tracks = {
      captions: readCaptionsArguments(values.captions ?? []),
      sounds: readSoundArguments(values.sound ?? []),
      ...(chapters === undefined ? {} : { chapters }),
      ...(language === undefined ? {} : { language: readLanguage(language) }),
    };
    const contract = values.contract === undefined ? {} : { contract: readContract(values.contract) };
    const offline = values.offline === undefined ? {} : { offlineMs: readOffline(values.offline) };

    const config = configFromEnvironment(process.env);
    const registry = briefRegistry(config);
    // Asked for nothing but to fail now rather than after the encoding.
    await registry.list();
    const content = await openContentStore(config.dataDir);
    const { provider: signer } = await openKeys(config.dataDir);
    const line = makeProgressLine(process.stderr.isTTY ? process.stderr : null, io.err);
    try {
      const { title } = values;
      const asked = { file, title, config, signer, content, registry, sequence, priceMinor, modes, signal: io.signal };
      report(await publishFile({ ...asked, ...tracks, ...contract, ...offline, onProgress: line.show }), io);
      return 0;
    } finally {
      line.end();
    }
  },
};

/** Opens the catalogue for each call alone: encoding takes long, and the provider may be started or stopped meanwhile. */
function briefRegistry(config: ProviderConfig): ProgrammeRegistry {
  const within = async <T>(work: (registry: ProgrammeRegistry) => Promise<T>): Promise<T> => {
    const { registry, close } = await openRegistryInTurn(config);
    try {
      return await work(registry);
    } finally {
      await close();
    }
  };
  return {
    add: (programme) => within((registry) => registry.add(programme)),
    list: () => within((registry) => registry.list()),
    remove: (id) => within((registry) => registry.remove(id)),
    removeUnlisted: (hashes) => within((registry) => registry.removeUnlisted(hashes)),
  };
}

function readSequence(name: string): SequenceName {
  if (name === 'tree' || name === 'hkdf') return name;
  throw new UsageError(`--sequence is tree or hkdf, not "${name}"`);
}

/** Days as ms. */
function readOffline(days: string): number {
  const termMs = /^\d{1,3}$/.test(days) ? Number(days) * DAY_MS : 0;
  if (!isOfflineTerm(termMs)) throw new UsageError(`--offline is a number of days from 1 to 366, not "${days}"`);
  return termMs;
}

/** Price of a frame for a price of a minute; refuses one that does not come out even, so that nobody is told a rounded price. */
export function readPrice(perMinute: string | undefined): number {
  if (perMinute === undefined) return DEFAULT_PRICE_MINOR;
  const [, whole, part = ''] = /^(\d{1,6})(?:\.(\d{1,4}))?$/.exec(perMinute) ?? [];
  if (whole === undefined) throw new UsageError('--price-per-minute is an amount such as 0.06');
  const minor = Number(whole) * MINOR_PER_UNIT + Number(part.padEnd(4, '0'));
  if (minor % FRAMES_PER_MINUTE !== 0) {
    const lower = formatPlain(minor - (minor % FRAMES_PER_MINUTE));
    const upper = formatPlain(minor - (minor % FRAMES_PER_MINUTE) + FRAMES_PER_MINUTE);
    throw new UsageError(
      `--price-per-minute ${perMinute} is no whole price for ${FRAMES_PER_MINUTE} frames; take ${lower} or ${upper}`,
    );
  }
  return minor / FRAMES_PER_MINUTE;
}

const formatPlain = (minor: number): string => (minor / MINOR_PER_UNIT).toFixed(4);

function report(published: PublishSummary, io: CliIo): void {
  if (io.json) {
    io.out(JSON.stringify({ published }));
    return;
  }
  const perMinute = formatAmount(multiply(amount(published.currency, published.priceMinor), FRAMES_PER_MINUTE));
  io.out(`Published "${published.title}" as ${published.id}.`);
  io.out(`${published.frameCount} frames, ${published.rungs.join(' and ')}, ${perMinute} a minute.`);
  if (published.offlineMs !== null) {
    const days = published.offlineMs / DAY_MS;
    io.out(`It may be kept and watched offline for ${days === 1 ? 'a day' : `${days} days`}.`);
  }
  if (published.modes.length > 1) io.out(`It may leave the module as ${published.modes.join(', ')}.`);
  for (const line of trackLines(published.tracks)) io.out(line);
}

/** What it has beside its pictures and one sound; nothing to say where it has no more. */
function trackLines({ sounds, captions, chapters }: PublishSummary['tracks']): string[] {
  const say = ({ language, name, role }: NamedTrack): string =>
    [language === '' ? 'unnamed' : language, ...(name === '' ? [] : [`"${name}"`]), `(${role})`].join(' ');
  return [
    ...(sounds.length > 1 ? [`Sound: ${sounds.map(say).join(', ')}.`] : []),
    ...(captions.length > 0 ? [`Captions: ${captions.map(say).join(', ')}.`] : []),
    ...(chapters > 0 ? [`Chapters: ${chapters}.`] : []),
  ];
}
