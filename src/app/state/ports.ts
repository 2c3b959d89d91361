// What the screens' state needs of the world beyond the player's ports. Composed by terminal-ports.ts from src/host; tests and previews
// give their own. Nothing here is implemented.

import type { CatalogueEntry } from '../../host/answers.ts';
import type { KeyErrands } from '../../host/errands/keys.ts';
import type { HostNotes } from '../../host/errands/parts.ts';
import type { PlayerPorts } from '../../player/ports.ts';
import type { ContentHash } from '../../protocol/ids.ts';
import type { SealedBackup, Standing } from '../../worker-module/commands.ts';
import type { Kept } from '../downloads/kept.ts';

/** The provider as the screens ask it. Each rejects with a FareboxError. */
export type CataloguePort = {
  catalogue(signal: AbortSignal): Promise<readonly CatalogueEntry[]>;
  /** The agency's Ed25519 public key, 32 bytes. */
  agencyKey(signal: AbortSignal): Promise<Uint8Array>;
  /** Address of a content file, for an image. */
  contentUrl(hash: ContentHash): string;
  /** The provider's copy of a sealed backup, by its locator in hex. */
  backup(locator: string, signal: AbortSignal): Promise<ArrayBuffer>;
};

/** Everything the terminal stands on. */
export type TerminalPorts = PlayerPorts & {
  readonly provider: PlayerPorts['provider'] & CataloguePort;
  readonly relay: PlayerPorts['relay'] & {
    /** Settles every receipt that the provider has not answered yet. */
    settleAll(): Promise<void>;
    /** Brings on whatever the module waits for: a pending epoch, papers, receipts, the provider's copy of the backup, keys. */
    catchUp(): Promise<void>;
    /** Claims for a session whose receipt the provider has. */
    claim(session: string): Promise<void>;
    /** Asks where this copy of the module stands, and brings home the papers that it lacks. */
    reconcile(): Promise<Standing>;
    /** Leaves a backup that was just made with the provider. */
    leaveBackup(backup: SealedBackup): Promise<void>;
    /** The errands of the module's keys, loaded when they are needed. */
    keys(): Promise<KeyErrands>;
  };
  readonly kept: Kept;
  /** What this page remembers for itself over reloads. */
  readonly notes: HostNotes;
};
