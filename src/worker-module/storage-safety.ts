// What the holder may see of how safe the module's storage is: part of the status that commands.ts answers. Types alone.

/** How safe what is stored is from the browser itself. */
export type StorageSafety = {
  /** True where the browser has promised not to evict it. */
  readonly persistent: boolean;
  /** `unverified`: made, but nobody has shown that its words, or a passkey, open it. */
  readonly backup: 'none' | 'unverified' | 'verified';
  /** Milliseconds since 1970 of the newest backup, or null. */
  readonly backupTime: number | null;
  /** True where a passkey opens the newest backup beside its words. */
  readonly backupPasskey: boolean;
  /** Bytes used and allowed by the browser's estimate; null where it gives none. */
  readonly usageBytes: number | null;
  readonly quotaBytes: number | null;
  /** Most that open grants may hold while storage is neither persistent nor backed up; minor units. */
  readonly unsafeLimitMinor: number;
};
