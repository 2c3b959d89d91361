// The import directions of the architecture, as a table, and the check that every file keeps to it.
// Called by scripts/check-source.ts. A room is one of the folders below; a file outside any room is not checked.
import { type Finding, importsOf, isScript, type SourceFile } from './read.ts';

type Room = { readonly folder: string; readonly mayImport: readonly string[] };

/** What both sides may know of the module: the types of its command set and events, and the list of names. */
const COMMAND_SET = ['src/worker-module/commands.ts', 'src/worker-module/events.ts'];
const COMMAND_SET_VALUES = ['COMMAND_NAMES'];
/** The page on which the module's display is tried by itself, without the record. */
const DISPLAY_PAGE = 'src/worker-module/frame/testing';

const ROOMS: readonly Room[] = [
  { folder: 'src/protocol', mayImport: [] },
  { folder: 'src/worker-module', mayImport: ['src/protocol'] },
  { folder: 'src/host', mayImport: ['src/protocol', ...COMMAND_SET] },
  { folder: 'src/player', mayImport: ['src/protocol', 'src/host', ...COMMAND_SET] },
  { folder: 'src/app', mayImport: ['src/protocol', 'src/host', 'src/player', ...COMMAND_SET] },
  { folder: 'server-mock', mayImport: ['src/protocol'] },
  { folder: 'scripts', mayImport: ['src/protocol'] },
  { folder: 'e2e', mayImport: ['src/protocol', 'server-mock', 'scripts', DISPLAY_PAGE, ...COMMAND_SET] },
  {
    folder: 'bench',
    mayImport: ['src/protocol', 'src/worker-module', 'src/host', 'src/player', 'server-mock', 'scripts', 'e2e'],
  },
];

/** Rooms that run in a browser, where Node's own modules do not exist. Their tests, and what only tests read, run in Node. */
const BROWSER = /^src\//;
const TEST = /\.test\.tsx?$|\/(vectors|testing)\//;

/** Every import that goes the wrong way, and every circle of folders inside a room. */
export function checkDirections(files: readonly SourceFile[]): Finding[] {
  const findings: Finding[] = [];
  const edges = new Map<string, Set<string>>();
  for (const file of files.filter(isScript)) {
    const room = roomOf(file.path);
    if (room === undefined) continue;
    for (const imported of importsOf(file)) {
      if (!imported.isRelative) {
        if (BROWSER.test(file.path) && !TEST.test(file.path) && imported.target.startsWith('node:')) {
          findings.push({ path: file.path, problem: `imports ${imported.target}, which no browser has` });
        }
        continue;
      }
      const target = roomOf(imported.target);
      if (target === room) {
        if (!imported.isTypeOnly && !TEST.test(file.path))
          join(edges, placeOf(room, file.path), placeOf(room, imported.target));
      } else if (!mayImport(room, imported.target)) {
        findings.push({ path: file.path, problem: `imports ${imported.target}, which ${room.folder} must not know` });
      } else if (
        COMMAND_SET.includes(imported.target) &&
        !imported.values.every((name) => COMMAND_SET_VALUES.includes(name)) &&
        room.folder !== 'bench'
      ) {
        findings.push({
          path: file.path,
          problem: `imports more than types and ${COMMAND_SET_VALUES.join(', ')} from ${imported.target}`,
        });
      }
    }
  }
  return [
    ...findings,
    ...circles(edges).map((circle) => ({ path: circle[0] ?? '', problem: `is in a circle: ${circle.join(' → ')}` })),
  ];
}

function roomOf(path: string): Room | undefined {
  return ROOMS.find((room) => path.startsWith(`${room.folder}/`));
}

function mayImport(room: Room, target: string): boolean {
  return room.mayImport.some((allowed) => target === allowed || target.startsWith(`${allowed}/`));
}

/** The folder in its room that a file belongs to; a file right in the room stands for itself. */
function placeOf(room: Room, path: string): string {
  const [first, ...rest] = path.slice(room.folder.length + 1).split('/');
  return rest.length === 0 ? path : `${room.folder}/${first ?? ''}`;
}

function join(edges: Map<string, Set<string>>, from: string, to: string): void {
  if (from === to) return;
  const targets = edges.get(from) ?? new Set();
  edges.set(from, targets.add(to));
}

/** One path per circle found by depth-first search, closed by its first place. */
function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const done = new Set<string>();
  const found: string[][] = [];
  const walk = (place: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(place);
    if (seenAt >= 0) found.push([...trail.slice(seenAt), place]);
    if (seenAt >= 0 || done.has(place)) return;
    for (const next of edges.get(place) ?? []) walk(next, [...trail, place]);
    done.add(place);
  };
  for (const place of edges.keys()) walk(place, []);
  return found;
}
