// The modules' port as JSON, for the admin interface: the command line decodes with these what the running server sends.
// Bytes are base64url.

import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { decodeModuleId } from '../../src/protocol/ids.ts';
import type { ModuleDetails, ModuleSummary } from './registry.ts';

const base64Url = z.string().regex(/^[\w-]*$/);
const count = z.number().int().nonnegative();

const summary = {
  id: z.string().regex(/^[0-9a-f]{32}$/),
  trusted: z.boolean(),
  enrolledTime: count,
  epoch: count,
  epochTime: count,
  lastCounter: count,
  lastContactTime: count.nullable(),
  alarmCount: count,
} as const;

/** The list of modules. */
export const moduleSummariesSchema = z.strictObject({ modules: z.array(z.strictObject(summary)) });

const pastEpoch = z.strictObject({
  epoch: count,
  device: base64Url,
  beganTime: count,
  endedTime: count,
  lastCounter: count,
  lastHead: base64Url,
});

const alarm = z.strictObject({
  id: count,
  epoch: count,
  kind: z.enum(['regress', 'fork', 'superseded']),
  source: z.enum(['contact', 'receipt']),
  time: count,
  shownCounter: count,
  shownHead: base64Url,
  expectedCounter: count.nullable(),
  expectedHead: base64Url.nullable(),
  evidence: base64Url,
  certificate: base64Url,
  expectedEvidence: base64Url.nullable(),
});

/** One module. */
export const moduleDetailsSchema = z.strictObject({
  ...summary,
  device: base64Url,
  lastHead: base64Url,
  certificateExpires: count,
  pastEpochs: z.array(pastEpoch),
  alarms: z.array(alarm),
});

/** Summaries from their decoded JSON. @throws FareboxError `request/malformed`. */
export function moduleSummariesFromJson(json: z.infer<typeof moduleSummariesSchema>): ModuleSummary[] {
  return json.modules.map((module) => ({ ...module, id: decodeModuleId(module.id) }));
}

/** JSON form of a module. */
export function moduleDetailsToJson(module: ModuleDetails): z.infer<typeof moduleDetailsSchema> {
  return {
    ...module,
    device: toBase64Url(module.device),
    lastHead: toBase64Url(module.lastHead),
    pastEpochs: module.pastEpochs.map((past) => ({
      ...past,
      device: toBase64Url(past.device),
      lastHead: toBase64Url(past.lastHead),
    })),
    alarms: module.alarms.map((kept) => ({
      ...kept,
      shownHead: toBase64Url(kept.shownHead),
      expectedHead: kept.expectedHead && toBase64Url(kept.expectedHead),
      evidence: toBase64Url(kept.evidence),
      certificate: toBase64Url(kept.certificate),
      expectedEvidence: kept.expectedEvidence && toBase64Url(kept.expectedEvidence),
    })),
  };
}

/** A module from its decoded JSON. @throws FareboxError `request/malformed`. */
export function moduleDetailsFromJson(json: z.infer<typeof moduleDetailsSchema>): ModuleDetails {
  const bytesOrNull = (text: string | null): Uint8Array | null => (text === null ? null : fromBase64Url(text));
  return {
    ...json,
    id: decodeModuleId(json.id),
    device: fromBase64Url(json.device),
    lastHead: fromBase64Url(json.lastHead),
    pastEpochs: json.pastEpochs.map((past) => ({
      ...past,
      device: fromBase64Url(past.device),
      lastHead: fromBase64Url(past.lastHead),
    })),
    alarms: json.alarms.map((kept) => ({
      ...kept,
      shownHead: fromBase64Url(kept.shownHead),
      expectedHead: bytesOrNull(kept.expectedHead),
      evidence: fromBase64Url(kept.evidence),
      certificate: fromBase64Url(kept.certificate),
      expectedEvidence: bytesOrNull(kept.expectedEvidence),
    })),
  };
}
