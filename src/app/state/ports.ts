// What the screens' state needs of the world beyond the player's ports. Composed by terminal.ts from src/host; tests and previews
// give their own. Nothing here is implemented.

import type { CatalogueEntry } from '../../host/answers.ts';
import type { PlayerPorts } from '../../player/ports.ts';
import type { ContentHash } from '../../protocol/ids.ts';

/** The provider as the screens ask it. Each rejects with a FareboxError. */
export type CataloguePort = {
  catalogue(signal: AbortSignal): Promise<readonly CatalogueEntry[]>;
  /** The agency's Ed25519 public key, 32 bytes. */
  agencyKey(signal: AbortSignal): Promise<Uint8Array>;
  /** Address of a content file, for an image. */
  contentUrl(hash: ContentHash): string;
};

/** Everything the terminal stands on. */
export type TerminalPorts = PlayerPorts & {
  readonly provider: PlayerPorts['provider'] & CataloguePort;
  readonly relay: PlayerPorts['relay'] & {
    /** Settles every receipt that the provider has not answered yet. */
    settleAll(): Promise<void>;
  };
};
