// What the bench's page and its module worker say to each other beside the module's own two ports.

/** Page → worker, once: what the module's frame says in the product. */
export type ToModuleWorker = {
  readonly type: 'start';
  /** 32 bytes, Ed25519. */
  readonly agencyKey: Uint8Array;
  /** What the person answers where the module asks for the recovery words; everything else is approved. */
  readonly words: readonly string[];
  readonly commandPort: MessagePort;
  readonly eventPort: MessagePort;
};

/** Worker → page. */
export type FromModuleWorker =
  | { readonly type: 'started' }
  /** A frame's `decrypted` entry is durable; `tookMs` is how long that entry alone took. */
  | { readonly type: 'counted'; readonly frame: number; readonly tookMs: number };
