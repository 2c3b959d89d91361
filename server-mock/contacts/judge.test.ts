import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FareboxError } from '../../src/protocol/errors.ts';
import { runs } from '../../src/protocol/testing/runs.ts';
import { type Asked, judgeContact, type Known, type Place, type Shown, type Verdict } from './judge.ts';

const ID = 'a'.repeat(32);
const NOTHING: Place = { counter: 0n, head: new Uint8Array(32) };
const device = (number: number): Uint8Array => new Uint8Array(16).fill(number);
const head = (number: number): Uint8Array => new Uint8Array(32).fill(number);

/** A module met in epoch 2 at counter 10, that shows counter 15 of the same record. */
const KNOWN: Known = { id: ID, epoch: 2, device: device(1), last: { counter: 10n, head: head(1) }, receipted: null };
const ASKED: Asked = { module: ID, epoch: 2, counter: 10n, head: head(1) };
const SHOWN: Shown = { device: device(1), epoch: 2, counter: 15, head: head(2), pastHead: head(1) };

describe('judging a contact', () => {
  it('BT-2: finds a record that went on from where it was met good', () => {
    expect(judgeContact(KNOWN, ASKED, SHOWN)).toEqual({ kind: 'good' });
  });

  it.each<[string, Partial<Known>, Partial<Asked>, Partial<Shown>, Verdict]>([
    [
      'a counter below the challenge’s',
      {},
      {},
      { counter: 9 },
      { kind: 'regress', shown: { counter: 9n, head: head(2) }, expected: { ...ASKED } },
    ],
    [
      'another head at the challenge’s counter',
      {},
      {},
      { pastHead: head(3) },
      { kind: 'fork', shown: { counter: 10n, head: head(3) }, expected: { ...ASKED } },
    ],
    [
      'the highest counter met with another head, asked for before it was met',
      { last: { counter: 15n, head: head(4) } },
      {},
      {},
      { kind: 'fork', shown: { counter: 15n, head: head(2) }, expected: { counter: 15n, head: head(4) } },
    ],
    [
      'the counter of a receipt with another head',
      { receipted: { counter: 15n, head: head(5) } },
      {},
      {},
      { kind: 'fork', shown: { counter: 15n, head: head(2) }, expected: { counter: 15n, head: head(5) } },
    ],
    [
      'an epoch that is over, whatever its counter',
      {},
      {},
      { epoch: 1, device: device(2) },
      { kind: 'superseded', shown: { counter: 15n, head: head(2) }, expected: null },
    ],
    [
      'the present epoch with another device',
      {},
      {},
      { device: device(3) },
      { kind: 'superseded', shown: { counter: 15n, head: head(2) }, expected: null },
    ],
  ])('BT-2: names %s, with what was shown and what was expected', (_what, known, asked, shown, verdict) => {
    const judged = judgeContact({ ...KNOWN, ...known }, { ...ASKED, ...asked }, { ...SHOWN, ...shown });
    expect(judged).toEqual(verdict);
  });

  it.each<[string, Partial<Known>, Partial<Asked>, Partial<Shown>]>([
    ['the very place that was met', {}, {}, { counter: 10, head: head(1) }],
    ['a place between the challenge’s and the highest met', { last: { counter: 20n, head: head(6) } }, {}, {}],
    ['a lower counter in a new epoch', { last: NOTHING }, { counter: 0n, head: head(0) }, { counter: 3 }],
    ['a module that is new and named nobody', { last: NOTHING }, { module: null, epoch: null, ...NOTHING }, {}],
    ['a module that enrolled after it asked', { last: NOTHING }, { epoch: null, ...NOTHING }, {}],
  ])('BT-2: raises no alarm for %s', (_what, known, asked, shown) => {
    const judged = judgeContact({ ...KNOWN, ...known }, { ...ASKED, ...asked }, { ...SHOWN, ...shown });
    expect(judged).toEqual({ kind: 'good' });
  });

  it.each<[string, Partial<Asked>, Partial<Shown>, string]>([
    ['the challenge of another module', { module: 'b'.repeat(32) }, {}, 'challenge/malformed'],
    [
      'a challenge that named nobody, to a module that was met',
      { module: null, epoch: null },
      {},
      'challenge/malformed',
    ],
    ['a challenge that was asked of an epoch that is over', { epoch: 1 }, {}, 'challenge/expired'],
    ['an epoch that was never granted', {}, { epoch: 3 }, 'enrolment/needed'],
  ])('BT-2: refuses an answer to %s, and calls it no copy', (_what, asked, shown, code) => {
    const judge = (): Verdict => judgeContact(KNOWN, { ...ASKED, ...asked }, { ...SHOWN, ...shown });
    expect(judge).toThrow(FareboxError);
    expect(judge).toThrow(code);
  });
});

/** A record is its heads by counter; what two copies write after they part differs. */
type Branch = { heads: readonly number[] };

/** The provider as far as §14 goes, in memory. */
class Meetings {
  private last: Place = NOTHING;

  ask(): Asked {
    return { module: ID, epoch: 2, ...this.last };
  }

  meet(asked: Asked, { heads }: Branch): Verdict['kind'] {
    const counter = heads.length;
    const headAt = (at: number): Uint8Array => (at === 0 ? head(0) : wide(heads[at - 1] ?? 0));
    const shown: Shown = {
      device: device(1),
      epoch: 2,
      counter,
      head: headAt(counter),
      pastHead: headAt(Number(asked.counter)),
    };
    const verdict = judgeContact({ ...KNOWN, last: this.last, receipted: null }, asked, shown);
    if (verdict.kind === 'good' && BigInt(counter) > this.last.counter)
      this.last = { counter: BigInt(counter), head: shown.head };
    return verdict.kind;
  }
}

function wide(number: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

let written = 0;
function grow(branch: Branch, entries: number): void {
  branch.heads = [...branch.heads, ...Array.from({ length: entries }, () => (written += 1))];
}

type Step =
  | { readonly kind: 'ask' }
  | { readonly kind: 'write'; readonly entries: number }
  | { readonly kind: 'sign'; readonly which: number }
  | { readonly kind: 'arrive'; readonly which: number }
  | { readonly kind: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant({ kind: 'ask' } as const),
  fc.record({ kind: fc.constant('write' as const), entries: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('sign' as const), which: fc.nat(9) }),
  fc.record({ kind: fc.constant('arrive' as const), which: fc.nat(9) }),
  fc.constant({ kind: 'restart' } as const),
);

describe('one module and its copies', () => {
  it('BT-2: a module that restarts, loses answers and has any number of tabs is never taken for a copy', () => {
    const honest = (steps: readonly Step[]): void => {
      const provider = new Meetings();
      const module: Branch = { heads: [] };
      let challenges: Asked[] = [];
      let onTheWay: { asked: Asked; at: Branch }[] = [];
      for (const todo of steps) {
        if (todo.kind === 'ask') challenges.push(provider.ask());
        else if (todo.kind === 'write') grow(module, todo.entries);
        else if (todo.kind === 'restart') challenges = [];
        else if (todo.kind === 'sign') {
          const [asked] = challenges.splice(todo.which % Math.max(1, challenges.length), 1);
          if (asked === undefined) continue;
          grow(module, 1);
          onTheWay.push({ asked, at: { heads: module.heads } });
        } else {
          const [arriving] = onTheWay.splice(todo.which % Math.max(1, onTheWay.length), 1);
          if (arriving !== undefined) expect(provider.meet(arriving.asked, arriving.at)).toBe('good');
        }
      }
      onTheWay = [];
    };
    fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), honest), { numRuns: runs(1000) });
  });

  it('BT-2: the copy that comes second is named at its first contact, and never the one that came first', () => {
    const entries = fc.integer({ min: 0, max: 40 });
    const contacts = fc.integer({ min: 1, max: 4 });
    const parting = fc.property(entries, entries, entries, contacts, fc.boolean(), (before, one, other, times, met) => {
      const provider = new Meetings();
      const original: Branch = { heads: [] };
      const contactOf = (branch: Branch, more: number): Verdict['kind'] => {
        const asked = provider.ask();
        grow(branch, more + 1);
        return provider.meet(asked, branch);
      };
      if (met) expect(contactOf(original, before)).toBe('good');
      else grow(original, before);
      const copy: Branch = { heads: original.heads };
      for (let time = 0; time < times; time += 1) expect(contactOf(original, one)).toBe('good');
      expect(['regress', 'fork']).toContain(contactOf(copy, other));
      expect(['regress', 'fork']).toContain(contactOf(copy, other));
      expect(contactOf(original, one)).toBe('good');
    });
    fc.assert(parting, { numRuns: runs(1000) });
  });

  it('BT-2: two copies that ask before either answers are told apart at the next contact', () => {
    const entries = fc.integer({ min: 0, max: 10 });
    const racing = fc.property(entries, entries, entries, (before, one, other) => {
      const provider = new Meetings();
      const original: Branch = { heads: [] };
      grow(original, before);
      const copy: Branch = { heads: original.heads };
      const asked = [provider.ask(), provider.ask()] as const;
      grow(original, one + 1);
      grow(copy, other + 1);
      const verdicts = [provider.meet(asked[0], original), provider.meet(asked[1], copy)];
      for (const branch of [original, copy]) {
        const next = provider.ask();
        grow(branch, 1);
        verdicts.push(provider.meet(next, branch));
      }
      expect(verdicts.filter((verdict) => verdict !== 'good').length).toBeGreaterThan(0);
    });
    fc.assert(racing, { numRuns: runs(1000) });
  });
});
