// The backup: none, made, shown to open. Making one has the module show its recovery words on its own surface, and take a passkey beside them where
// one is wanted; the sealed file is the person's to save, and the provider keeps a copy that it cannot read.

import { useState } from 'react';
import { errorWords } from '../../protocol/error-words.ts';
import type { BackupFactor, ModuleStatus } from '../../worker-module/commands.ts';
import { formatDay, formatSize } from '../format.ts';
import { type BackupContent, type MadeBackup, type ModuleRoom, readChosenFile } from '../state/module-room.ts';
import { Button } from '../ui/button.tsx';
import { download } from '../ui/download.ts';
import { FileButton } from '../ui/file-button.tsx';
import { Paper, PaperHeading, Perforation } from '../ui/paper.tsx';
import { type Intent, useIntent } from '../ui/use-intent.ts';
import { Verdict } from '../ui/verdict.tsx';
import styles from './backup-part.module.css';
import { Actions, Part, Say } from './part.tsx';
import { RestoreChoices } from './restore-choices.tsx';
import { BACKUPS, isAtRisk } from './words.ts';

const WAITING = 'Answer the module’s question';

/** `isEmpty`: there is nothing in the module that a backup would take the place of. */
export function BackupPart({
  status,
  room,
  isEmpty,
}: {
  readonly status: ModuleStatus;
  readonly room: ModuleRoom;
  readonly isEmpty: boolean;
}) {
  const intent = useIntent();
  const [made, setMade] = useState<MadeBackup | null>(null);
  const [content, setContent] = useState<BackupContent | null>(null);
  const { backup } = status.safety;
  if (!status.keysMovable) {
    return (
      <Part name="backup" title="Backup" said={['absent', 'not possible']}>
        <Say>The keys of this module were made by an older version and cannot leave this browser.</Say>
      </Part>
    );
  }
  const verify = (work: () => Promise<BackupContent>): void =>
    intent.start('verify', work, (found) => setContent(found));
  const make = (name: 'make' | 'make-passkey') => {
    setContent(null);
    intent.start(name, () => room.makeBackup(name === 'make-passkey'), setMade);
  };
  return (
    <Part name="backup" title="Backup" said={BACKUPS[backup]}>
      <Say>{sentenceOf(status)}</Say>
      {made === null ? null : (
        <MadePaper
          made={made}
          intent={intent}
          onVerify={() => verify(() => room.verifyBackup(made.file))}
          verified={backup === 'verified'}
        />
      )}
      <Actions
        intent={intent}
        done={
          content === null
            ? null
            : `${OPENED_BY[content.openedBy]} Inside: ${sayContent(content)}, and the module’s keys.`
        }
      >
        {status.moduleId === null ? null : (
          <>
            <Button
              look={isAtRisk(status) && backup === 'none' && made === null ? 'filled' : 'plain'}
              icon="copy"
              disabled={intent.busy !== null}
              onClick={() => make('make')}
            >
              {intent.busy === 'make' ? WAITING : backup === 'none' ? 'Make a backup' : 'Make a new one'}
            </Button>
            <Button icon="key" disabled={intent.busy !== null} onClick={() => make('make-passkey')}>
              {intent.busy === 'make-passkey'
                ? WAITING
                : backup === 'none'
                  ? 'With a passkey too'
                  : 'New, with a passkey too'}
            </Button>
          </>
        )}
        {backup === 'none' || made !== null ? null : (
          <>
            <Button
              look={backup === 'unverified' ? 'filled' : 'plain'}
              disabled={intent.busy !== null}
              onClick={() => verify(room.verifyProviderCopy)}
            >
              {intent.busy === 'verify' ? WAITING : 'Check the provider’s copy'}
            </Button>
            <FileButton
              word="Check a file"
              accept=".farebox-backup"
              disabled={intent.busy !== null}
              onFile={(file) => verify(async () => room.verifyBackup(await readChosenFile(file)))}
            />
          </>
        )}
      </Actions>
      {isEmpty ? (
        <div className={styles.restore}>
          <Say quiet>This module is new. If you had one before, its backup can take its place.</Say>
          <RestoreChoices room={room} />
        </div>
      ) : null}
    </Part>
  );
}

const OPENED_BY: Readonly<Record<BackupFactor, string>> = {
  words: 'Your words open it.',
  passkey: 'Your passkey opens it. Its twelve words always do, so keep them.',
};

function sentenceOf({ moduleId, safety: { backup, backupTime, backupPasskey } }: ModuleStatus): string {
  const day = backupTime === null ? '' : ` on ${formatDay(backupTime)}`;
  switch (backup) {
    case 'none':
      return moduleId === null
        ? 'There is nothing to back up yet.'
        : 'Should this device be lost, the module is lost with it. A backup brings it back anywhere, with twelve words; with a passkey as well, if you like.';
    case 'unverified':
      return backupPasskey
        ? `Made${day}, and nobody has shown yet that it opens. Check it once: with its words, then you know that you wrote them down right, or with your passkey.`
        : `Made${day}, and nobody has shown yet that its words open it. Check it once: then you know that you wrote them down right.`;
    case 'verified':
      return `Made${day} and checked. ${backupPasskey ? 'Its words open it, and so does your passkey.' : 'Your words open it.'} The provider’s copy is renewed by itself after what you watch.`;
  }
}

function sayContent({ sessions, receipts }: BackupContent): string {
  return `${sessions} ${sessions === 1 ? 'session' : 'sessions'}, ${receipts} ${receipts === 1 ? 'receipt' : 'receipts'}`;
}

/** The backup that was just made, as a paper: save it, then show that it opens. */
function MadePaper({
  made,
  intent,
  verified,
  onVerify,
}: {
  readonly made: MadeBackup;
  readonly intent: Intent;
  readonly verified: boolean;
  onVerify(): void;
}) {
  return (
    <Paper label="The backup that was just made" torn>
      <PaperHeading>Backup</PaperHeading>
      <ol className={styles.steps}>
        <li>
          <p>
            <strong>The file</strong>, {formatSize(made.file.byteLength)}, sealed. Keep it anywhere.
          </p>
          <Button
            look="paper"
            icon="download"
            onClick={() => download(made.file, `farebox-${made.file.byteLength}.farebox-backup`)}
          >
            Save the file
          </Button>
        </li>
        <li>
          <p>
            <strong>The provider’s copy</strong>, which it cannot read.
            {made.left === null ? null : ` ${errorWords(made.left)} It is left there by itself later.`}
          </p>
          <Verdict
            kind={made.left === null ? 'good' : 'unsure'}
            word={made.left === null ? 'left there' : 'not yet'}
            onPaper
          />
        </li>
      </ol>
      <Perforation />
      <div className={styles.check}>
        <p>{verified ? 'It opens.' : 'Show once that the words you wrote down open it.'}</p>
        {verified ? (
          <Verdict kind="good" word="checked" onPaper />
        ) : (
          <Button look="filled" icon="check" disabled={intent.busy !== null} onClick={onVerify}>
            {intent.busy === 'verify' ? WAITING : 'Check it now'}
          </Button>
        )}
      </div>
    </Paper>
  );
}
