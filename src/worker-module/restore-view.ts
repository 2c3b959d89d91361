// What came of a restore, as the screens see it: a part of the command set, which passes it on (commands.ts). Types alone.

/** Where one thing of a backup was found. `used`: the provider has it from another copy; `unreachable`: nobody could be asked yet. */
export type RestoredThing = {
  readonly session: string;
  readonly title: string;
  readonly kind: 'receipt' | 'session';
  readonly outcome: 'found' | 'not-found' | 'used' | 'unreachable';
  /** In words for the person: where it is, or why not. */
  readonly place: 'backup' | 'checkpoint' | 'provider' | 'database';
  readonly currency: string;
  readonly amountMinor: number;
};

/** What a restore or a recovery came to. */
export type RestoreReport = {
  readonly source: 'backup' | 'checkpoint';
  readonly time: number;
  /** True once the provider was asked. */
  readonly reconciled: boolean;
  readonly counts: {
    readonly found: number;
    readonly notFound: number;
    readonly used: number;
    readonly unreachable: number;
  };
  /** The newest 500, those that were not simply found first. */
  readonly things: readonly RestoredThing[];
};
