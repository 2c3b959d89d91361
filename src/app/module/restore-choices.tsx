// The two ways a backup comes to a module: a file that the person saved, or their words or passkey, for which the provider keeps a copy. Used where
// the store is lost, and where the module is new. Words and passkey are asked for by the module itself.

import type { ModuleRoom } from '../state/module-room.ts';
import { readChosenFile } from '../state/module-room.ts';
import { Button, type ButtonLook } from '../ui/button.tsx';
import { FileButton } from '../ui/file-button.tsx';
import { useIntent } from '../ui/use-intent.ts';
import { Actions } from './part.tsx';

/** Both ways as buttons. */
export function RestoreChoices({ room, look = 'plain' }: { readonly room: ModuleRoom; readonly look?: ButtonLook }) {
  const intent = useIntent();
  const busy = intent.busy !== null;
  return (
    <Actions intent={intent} done={null}>
      <Button look={look} icon="key" disabled={busy} onClick={() => intent.start('copy', room.restoreCopy)}>
        {intent.busy === 'copy' ? 'Answer the module’s question' : 'With my words or passkey'}
      </Button>
      <FileButton
        look={look}
        word={intent.busy === 'file' ? 'Answer the module’s question' : 'From a file'}
        accept=".farebox-backup"
        disabled={busy}
        onFile={(file) => intent.start('file', async () => room.restoreFile(await readChosenFile(file)))}
      />
    </Actions>
  );
}
