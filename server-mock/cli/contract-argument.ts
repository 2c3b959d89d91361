// Reads `--contract`: what the provider promises of its delivery and pays back (docs/protocol.md §17), as a person writes it. Pure.

import { CLAIM_KINDS, type ContractTerms } from '../../src/protocol/contract-terms.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { UsageError } from './command.ts';

/** For the usage of `publish` and `live`. */
export const CONTRACT_USAGE = [
  '  --contract  what is paid back where delivery is not as promised: `default`, or any of late=50,lost=100,stall=25,rung=0',
  '              (per cent of the price of a frame), slots=30 (a minute), longest-stall=1000 (ms), least-rung=360p',
] as const;

/** What `default` says. */
export const DEFAULT_CONTRACT: ContractTerms = Object.freeze({
  slotsPerMinute: 30,
  longestStallMs: 1_000,
  leastRung: '',
  refunds: { late: 500, lost: 1_000, stall: 250, rung: 0 },
});

/** The terms. @throws UsageError for what is none. */
export function readContract(text: string): ContractTerms {
  if (text === 'default') return DEFAULT_CONTRACT;
  const given = new Map<string, string>();
  for (const word of text.split(',')) {
    const [name = '', value = ''] = word.split('=', 2).map((half) => half.trim());
    if (!NAMES.includes(name) || given.has(name)) throw new UsageError(`--contract does not know "${word}"`);
    given.set(name, value);
  }
  const count = (name: string, otherwise: number, least: number, most: number, unit = 1): number => {
    const value = given.get(name);
    if (value === undefined) return otherwise;
    const number = /^\d+$/.test(value) ? Number(value) * unit : Number.NaN;
    if (!(number >= least && number <= most)) throw new UsageError(`--contract: ${name} cannot be "${value}"`);
    return number;
  };
  const share = (kind: (typeof CLAIM_KINDS)[number]) => count(kind, 0, 0, LIMITS.refundThousandths, 10);
  const rung = given.get('least-rung');
  if (rung !== undefined && !/^\d{2,4}p$/.test(rung)) throw new UsageError('--contract: least-rung is like 360p');
  return {
    slotsPerMinute: count('slots', DEFAULT_CONTRACT.slotsPerMinute, 1, LIMITS.slotsPerMinute),
    longestStallMs: count('longest-stall', DEFAULT_CONTRACT.longestStallMs, 0, LIMITS.stallMs),
    leastRung: rung === undefined ? '' : `video/${rung}`,
    refunds: { late: share('late'), lost: share('lost'), stall: share('stall'), rung: share('rung') },
  };
}

const NAMES: readonly string[] = [...CLAIM_KINDS, 'slots', 'longest-stall', 'least-rung'];
