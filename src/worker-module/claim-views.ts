// Contracts and claims as the screens see them: a part of the command set, which passes them on (commands.ts). Types alone.

/** What the provider promised of a session's delivery (docs/protocol.md §17). Refunds are thousandths of a frame's price. */
export type ContractView = {
  readonly slotsPerMinute: number;
  readonly longestStallMs: number;
  /** Label of the lowest video part that counts as delivered; empty where any does. */
  readonly leastRung: string;
  readonly refunds: { readonly late: number; readonly lost: number; readonly stall: number; readonly rung: number };
  /** 32 hex digits: under which the host asks for this session's content. */
  readonly deliveryId: string;
};

/** `possible`: the receipt gives reason to claim; `made`: signed, no answer is kept yet; `answered`. */
export type ClaimView = {
  readonly state: 'possible' | 'made' | 'answered';
  /** Null until it was answered. */
  readonly verdict: 'paid' | 'part' | 'refused' | null;
  readonly paidMinor: number;
  /** What of the answer contradicts itself, its contract, the receipt or its own record; empty for an honest one. */
  readonly contradictions: readonly string[];
};
