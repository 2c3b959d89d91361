// `farebox modules show ID`: what is known of one module: its epochs, its last contact, its alarms; with `--evidence`, what
// proves them, as files of hex digits that anyone can check.

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { toHex } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { openRegistry } from '../admin/open-registry.ts';
import { configFromEnvironment } from '../config.ts';
import type { KeptAlarm, ModuleDetails } from '../modules/registry.ts';
import { readArguments } from './arguments.ts';
import type { CliCommand } from './command.ts';
import { readModuleId } from './modules-trust.ts';
import { formatTime, layOutTable } from './table.ts';

/** The command. */
export const modulesShowCommand: CliCommand = {
  name: 'modules show',
  summary: 'Shows the epochs, the last contact and the alarms of a module',
  usage: [
    'farebox modules show ID [--evidence DIR] [--json]',
    '  ID              32 hex digits, as `farebox modules list` shows them',
    '  --evidence DIR  writes the signed bytes of each alarm there, as hex',
  ].join('\n'),
  run: async (args, io) => {
    const { positionals, values } = readArguments({
      args,
      positionals: ['ID'],
      options: { evidence: { type: 'string' } },
    });
    const id = readModuleId(positionals[0]);
    const { modules, close } = await openRegistry(configFromEnvironment(process.env));
    try {
      const module = await modules.find(id);
      const files = values.evidence === undefined ? [] : await writeEvidence(resolve(values.evidence), module.alarms);
      if (io.json) io.out(JSON.stringify({ module: hexed(module), evidenceFiles: files }));
      else for (const line of [...describe(module), ...files.map((file) => `Wrote ${file}`)]) io.out(line);
      return 0;
    } finally {
      await close();
    }
  },
};

/** Writes what an alarm shows; the same again changes nothing. @throws FareboxError `server/no-permission`. */
async function writeEvidence(folder: string, alarms: readonly KeptAlarm[]): Promise<string[]> {
  const files: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const { id, kind, source, evidence, certificate, expectedEvidence } of alarms) {
      for (const [what, bytes] of [
        [`refused-${source}`, evidence],
        ['certificate', certificate],
        ['expected', expectedEvidence],
      ] as const) {
        if (bytes === null) continue;
        const file = join(folder, `alarm-${id}-${kind}-${what}.hex`);
        await writeFile(file, `${toHex(bytes)}\n`);
        files.push(file);
      }
    }
  } catch (cause) {
    throw new FareboxError('server/no-permission', { folder }, { cause });
  }
  return files;
}

/** As JSON that is read by people and scripts; the signed bytes are for files. */
function hexed(module: ModuleDetails) {
  return {
    ...module,
    device: toHex(module.device),
    lastHead: toHex(module.lastHead),
    pastEpochs: module.pastEpochs.map((past) => ({
      ...past,
      device: toHex(past.device),
      lastHead: toHex(past.lastHead),
    })),
    alarms: module.alarms.map(({ evidence, certificate, expectedEvidence, ...alarm }) => ({
      ...alarm,
      shownHead: toHex(alarm.shownHead),
      expectedHead: alarm.expectedHead && toHex(alarm.expectedHead),
    })),
  };
}

function describe(module: ModuleDetails): string[] {
  const { lastContactTime } = module;
  const contact = lastContactTime === null ? 'never' : formatTime(lastContactTime);
  const lines = layOutTable([
    ['Module', module.id],
    ['Trusted', module.trusted ? 'yes' : 'no'],
    ['Enrolled', formatTime(module.enrolledTime)],
    ['Certificate', `until ${formatTime(module.certificateExpires)}`],
    ['Epoch', `${module.epoch} since ${formatTime(module.epochTime)}, device ${toHex(module.device)}`],
    ['Last contact', contact],
    ['Met at', `counter ${module.lastCounter}, head ${toHex(module.lastHead)}`],
  ]);
  if (module.pastEpochs.length > 0) {
    const rows = module.pastEpochs.map((past) => [
      String(past.epoch),
      formatTime(past.beganTime),
      formatTime(past.endedTime),
      String(past.lastCounter),
      toHex(past.device),
    ]);
    lines.push('', ...layOutTable([['PAST EPOCH', 'BEGAN', 'ENDED', 'COUNTER', 'DEVICE'], ...rows]));
  }
  if (module.alarms.length === 0) return [...lines, '', 'No alarms.'];
  const rows = module.alarms.map((alarm) => [
    String(alarm.id),
    formatTime(alarm.time),
    alarm.kind,
    `by a ${alarm.source}`,
    String(alarm.epoch),
    String(alarm.shownCounter),
    alarm.expectedCounter === null ? 'another epoch' : String(alarm.expectedCounter),
  ]);
  return [...lines, '', ...layOutTable([['ALARM', 'TIME', 'KIND', 'FOUND', 'EPOCH', 'SHOWN', 'EXPECTED'], ...rows])];
}
