// The commands of what is heard and read beside the picture: sound, captions, speed, previews, volume. Each decodes its own argument and asks
// the rooms of this tab, or its display. Called through gate/command-table.ts only, merged by handlers.ts.

import { LIMITS } from '../../protocol/limits.ts';
import type { CaptionStyle } from '../commands.ts';
import {
  booleanField,
  choiceField,
  expectFields,
  integerField,
  labelField,
  numberField,
  orNullField,
  sessionField,
  sheetField,
} from '../gate/arguments.ts';
import type { CommandHandlers } from '../gate/command-table.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { type CommandParts, expectWritable } from './command-parts.ts';
import { LAST_POSITION_MS } from './play-handlers.ts';

/** The commands of this file. */
export type TrackHandlers = Pick<
  CommandHandlers,
  'setSound' | 'setCaptions' | 'setRate' | 'setCaptionStyle' | 'preview' | 'deliverSheet' | 'setVolume'
>;

const SIZES = ['small', 'medium', 'large', 'huge'] as const satisfies readonly CaptionStyle['size'][];
const BACKGROUNDS = ['none', 'shade', 'solid'] as const satisfies readonly CaptionStyle['background'][];
const COLOURS = ['white', 'yellow'] as const satisfies readonly CaptionStyle['colour'][];
const POSITIONS = ['bottom', 'top'] as const satisfies readonly CaptionStyle['position'][];

/** The implementations behind the command table. */
export function makeTrackHandlers(parts: CommandParts): TrackHandlers {
  return {
    setSound: async (argument) => {
      expectFields(argument, ['session', 'label']);
      const session = sessionField(argument);
      const label = labelField(argument, 'label');
      expectWritable(parts).rooms.setSound(session, label);
      return null;
    },
    setCaptions: async (argument) => {
      expectFields(argument, ['session', 'label']);
      const session = sessionField(argument);
      const label = orNullField(argument, 'label', labelField);
      expectWritable(parts).rooms.setCaptions(session, label);
      return null;
    },
    setRate: async (argument) => {
      expectFields(argument, ['session', 'rate']);
      const session = sessionField(argument);
      const rate = numberField(argument, 'rate', MODULE_LIMITS.rateMin, MODULE_LIMITS.rateMax);
      expectWritable(parts).rooms.setRate(session, rate);
      return null;
    },
    setCaptionStyle: async (argument) => {
      expectFields(argument, ['size', 'background', 'colour', 'position', 'clearBelow']);
      parts.display.setCaptionStyle({
        size: choiceField(argument, 'size', SIZES),
        background: choiceField(argument, 'background', BACKGROUNDS),
        colour: choiceField(argument, 'colour', COLOURS),
        position: choiceField(argument, 'position', POSITIONS),
        clearBelow: numberField(argument, 'clearBelow', 0, MODULE_LIMITS.clearBelowMax),
      });
      return null;
    },
    preview: async (argument) => {
      expectFields(argument, ['session', 'positionMs', 'at']);
      const session = sessionField(argument);
      const positionMs = orNullField(argument, 'positionMs', (from, name) =>
        numberField(from, name, 0, LAST_POSITION_MS),
      );
      const at = numberField(argument, 'at', 0, 1);
      expectWritable(parts).rooms.preview(session, positionMs, at);
      return null;
    },
    deliverSheet: async (argument) => {
      expectFields(argument, ['session', 'sheet', 'sealed']);
      const session = sessionField(argument);
      const sheet = integerField(argument, 'sheet', 0, LIMITS.previewSheets - 1);
      await expectWritable(parts).rooms.deliverSheet(session, sheet, sheetField(argument, 'sealed'));
      return null;
    },
    setVolume: async (argument) => {
      expectFields(argument, ['volume', 'muted']);
      parts.display.setVolume(numberField(argument, 'volume', 0, 1), booleanField(argument, 'muted'));
      return null;
    },
  };
}
