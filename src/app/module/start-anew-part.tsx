// Starting anew: erases the module for good. At the end of the page and apart from the rest. The module itself asks, and says what is lost.

import type { ModuleStatus } from '../../worker-module/commands.ts';
import type { ModuleRoom } from '../state/module-room.ts';
import { Button } from '../ui/button.tsx';
import { useIntent } from '../ui/use-intent.ts';
import { Actions, Part, Say } from './part.tsx';

/** The last part. */
export function StartAnewPart({ status, room }: { readonly status: ModuleStatus; readonly room: ModuleRoom }) {
  const intent = useIntent();
  return (
    <Part name="anew" title="Start anew" said={null}>
      <Say>
        Erases keys, record and receipts here, for good, in every tab. What the provider has accepted stays with it.
        {status.safety.backup === 'none' ? ' There is no backup to bring them back from.' : ''}
      </Say>
      <Actions intent={intent} done={null}>
        <Button disabled={intent.busy !== null} onClick={() => intent.start('anew', room.startAnew)}>
          {intent.busy === null ? 'Erase and start anew' : 'Answer the module’s question'}
        </Button>
      </Actions>
    </Part>
  );
}
