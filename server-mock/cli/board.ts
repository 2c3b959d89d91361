// `farebox board create`, `farebox board link`: a new whiteboard, and the link with which one draws on it. What a board is, is in
// publisher/board/; here are only the arguments, and what the person is told.

import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { isTitle } from '../../src/protocol/language.ts';
import { openRegistryInTurn } from '../admin/open-registry.ts';
import { configFromEnvironment, type ProviderConfig } from '../config.ts';
import { openContentStore } from '../content/store.ts';
import { openKeys } from '../keys.ts';
import { createBoard } from '../publisher/board/create-board.ts';
import { drawerLink } from '../publisher/board/drawer-token.ts';
import { BOARD_LIMITS } from '../publisher/board/limits.ts';
import { PUBLISH_LIMITS } from '../publisher/limits.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, type CliIo, UsageError } from './command.ts';

const MINOR_PER_UNIT = 10_000;

/** Makes a board. */
export const boardCreateCommand: CliCommand = {
  name: 'board create',
  summary: 'Makes a live whiteboard',
  usage: [
    'farebox board create --title TITLE [--price-per-stroke 0.002] [--json]',
    '  Prints the link with which one draws on it. Whoever has the link can draw: give it to nobody else.',
  ].join('\n'),
  run: async (args, io) => {
    const options = { title: { type: 'string' }, 'price-per-stroke': { type: 'string' } } as const;
    const { values } = readArguments({ args, positionals: [], options });
    const title = values.title?.trim() ?? '';
    if (title === '') throw new UsageError('--title is missing');
    if (!isTitle(title, 0, PUBLISH_LIMITS.titleLength)) throw new UsageError('--title is too long, or no line of text');
    const priceMinor = readPrice(values['price-per-stroke']);
    const config = configFromEnvironment(process.env);
    const keys = await openKeys(config.dataDir);
    const content = await openContentStore(config.dataDir);
    const { registry, close } = await openRegistryInTurn(config);
    try {
      const tools = { registry, content, signer: keys.provider };
      const made = { title, currency: config.currency, priceMinor, startTime: Date.now() };
      const board = await createBoard(tools, made);
      tell(io, { board, title, link: drawerLink(originOf(config), keys.storageKey, board) });
      return 0;
    } finally {
      await close();
    }
  },
};

/** Tells the link of a board again. */
export const boardLinkCommand: CliCommand = {
  name: 'board link',
  summary: 'Prints the link with which one draws on a whiteboard',
  usage: 'farebox board link ID [--json]',
  run: async (args, io) => {
    const { positionals } = readArguments({ args, positionals: ['ID'], options: {} });
    const [id = ''] = positionals;
    if (!/^[0-9a-f]{32}$/.test(id)) throw new UsageError(`"${id}" is not a programme id`);
    const board = decodeProgrammeId(id);
    const config = configFromEnvironment(process.env);
    const { storageKey } = await openKeys(config.dataDir);
    const { registry, close } = await openRegistryInTurn(config);
    try {
      const found = (await registry.list()).find((programme) => programme.id === board);
      if (found === undefined || !found.rungs.includes('board')) throw new FareboxError('programme/unknown');
      tell(io, { board, title: found.title, link: drawerLink(originOf(config), storageKey, board) });
      return 0;
    } finally {
      await close();
    }
  },
};

function originOf({ terminalOrigin, port }: ProviderConfig): string {
  return terminalOrigin ?? `http://localhost:${port}`;
}

/** Price of a stroke, in ten-thousandths. */
function readPrice(perStroke: string | undefined): number {
  if (perStroke === undefined) return BOARD_LIMITS.priceMinor;
  const [, whole, part = ''] = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(perStroke) ?? [];
  if (whole === undefined) throw new UsageError('--price-per-stroke is an amount such as 0.002');
  return Number(whole) * MINOR_PER_UNIT + Number(part.padEnd(4, '0'));
}

function tell(io: CliIo, made: { readonly board: ProgrammeId; readonly title: string; readonly link: string }): void {
  if (io.json) io.out(JSON.stringify({ board: { id: made.board, title: made.title, link: made.link } }));
  else
    io.out(
      `"${made.title}" is a board (${made.board}). Draw on it here, and give this link to nobody else:\n${made.link}`,
    );
}
