// Opens a sheet of previews for the display (docs/protocol.md §19). Called by session-rooms.ts. Previews are not metered and nothing of them
// is recorded: their key opens sheets and never a frame.

import { FareboxError } from '../../protocol/errors.ts';
import { openPreview } from '../../protocol/previews.ts';
import type { Core } from '../core.ts';
import type { ActiveSession, DisplayWay } from './active-session.ts';

/**
 * Gives the opened sheet to the display, or the word that it is bad; that is told as `previews/malformed`, whatever is wrong with it.
 * @throws FareboxError `session/not-active`, `grant/expired`.
 */
export async function deliverSheet(
  core: Core,
  active: ActiveSession,
  { sink }: DisplayWay,
  given: { readonly sheet: number; readonly sealed: ArrayBuffer },
): Promise<void> {
  const { session, time, manifest, previewKey } = active;
  const { sheet } = given;
  if (active.stopping) throw new FareboxError('session/not-active', { session });
  time.expectGranted();
  const { programme, previews } = manifest;
  if (previewKey === null || previews === null || sheet >= previews.sheets.length) {
    core.emit({ type: 'failed', session, code: 'previews/malformed' });
    return;
  }
  const place = { previewKey, programme, sheet, previews, suite: core.suite };
  const jpeg = await openPreview({ ...place, sealed: new Uint8Array(given.sealed) }).catch(() => null);
  if (jpeg === null) core.emit({ type: 'failed', session, code: 'previews/malformed' });
  if (!active.stopping) sink.takeSheet(sheet, jpeg);
}
