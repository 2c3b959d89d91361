// Roll-over against a model that shares none of its code (docs/protocol.md §24), MC-6: whatever is retired, renewed, agreed and accepted in any
// order, a block in force says exactly what is wanted, and names nothing that is over; numbers and versions only go up.

import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../../src/protocol/bytes.ts';
import { SELECTION_RULES, type SelectionRule } from '../../src/protocol/derived-keys/rules.ts';
import { runs } from '../../src/protocol/testing/runs.ts';
import {
  acceptanceOf,
  askAgreement,
  makeTestSet,
  type ReceivedAgreement,
  receiveAgreement,
  sendAcceptance,
} from '../testing/agreed.ts';
import { enrolTestModule, type TestModule } from '../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { findBlock } from './agreements.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';

const REFERENCES = ['master', 'wallet', 'watch'] as const;
type Reference = (typeof REFERENCES)[number];
/** Few, so that a series runs out of them. */
const NUMBERS = 2;

type Step =
  | { readonly kind: 'index'; readonly reference: Reference; readonly index: number; readonly whose: number | null }
  | { readonly kind: 'retire'; readonly reference: Reference; readonly whose: number | null }
  | { readonly kind: 'rule'; readonly rule: SelectionRule; readonly whose: number | null }
  | { readonly kind: 'version'; readonly reference: Reference }
  | { readonly kind: 'renew' }
  | { readonly kind: 'ask' | 'accept' | 'agree'; readonly who: number };

const who = fc.constantFrom(0, 1);
const whose = fc.option(who);
const series = fc.constantFrom<Reference>('wallet', 'watch');
const reference = fc.constantFrom(...REFERENCES);
const contact = fc.record({ kind: fc.constantFrom('ask', 'accept', 'agree'), who });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: contact, weight: 5 },
  {
    arbitrary: fc.record({ kind: fc.constant('index'), reference: series, index: fc.nat(NUMBERS - 1), whose }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant('retire'), reference, whose }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('rule'), rule: fc.constantFrom(...SELECTION_RULES), whose }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant('version'), reference }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant('renew') }), weight: 1 },
);

/** What a keeper would note on paper: of whom (a module's place, or all) what is over. */
class Model {
  readonly versions: Record<Reference, number> = { master: 1, wallet: 1, watch: 1 };
  readonly over = new Set<string>();
  readonly rules: [SelectionRule | null, SelectionRule | null] = [null, null];
  rule: SelectionRule = 'client';
  /** Of each module: the newest agreement it was given, and what it accepted. */
  readonly given: { number: number; says: string }[] = [0, 1].map(() => ({ number: 0, says: '' }));
  readonly accepted: (string | null)[] = [null, null];

  isOver(place: number, what: string): boolean {
    return this.over.has(`all ${what}`) || this.over.has(`${place} ${what}`);
  }

  /** What is wanted of a module, in words; null where there is nothing to agree on. */
  wanted(place: number): string | null {
    const named = REFERENCES.map((name) => `${name}/${this.versions[name]}`).filter((key) => !this.isOver(place, key));
    const [master, ...sets] = named;
    if (!master?.startsWith('master')) return null;
    const said = sets.flatMap((key) => {
      const gone = [0, 1].filter((index) => this.isOver(place, `${key} ${index}`));
      return gone.length === NUMBERS ? [] : [`${key} without ${gone}`];
    });
    return said.length === 0 ? null : [this.rules[place] ?? this.rule, master, ...said].join(', ');
  }
}

describe('roll-over in any order', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
  });
  afterAll(() => at.close());

  it('MC-6: what is in force is what is wanted, names nothing that is over, and numbers only go up', async () => {
    const run = fc.asyncProperty(fc.array(anyStep, { minLength: 4, maxLength: 16 }), async (steps) => {
      const world = await makeWorld();
      for (const step of steps) {
        await world.take(step);
        for (const place of [0, 1]) await world.check(place);
      }
    });
    await fc.assert(run, { numRuns: runs(12), endOnFailure: true });
  });

  async function makeWorld() {
    const model = new Model();
    const name = `set-${toHex(new Uint8Array(randomBytes(6)))}`;
    const modules: readonly TestModule[] = [await enrolTestModule(at), await enrolTestModule(at)];
    const moduleAt = (place: number): TestModule => {
      const module = modules[place];
      if (module === undefined) throw new Error('two modules');
      return module;
    };
    await makeTestSet(keys, name, { units: modules.map(({ id }) => id), count: NUMBERS });
    const received: (ReceivedAgreement | null)[] = [null, null];
    const numbers = [0, 0];

    async function ask(place: number): Promise<void> {
      const wanted = model.wanted(place);
      const module = moduleAt(place);
      if (wanted === null) {
        expect(await codeOfResponse(await askAgreement(at, module))).toBe('keys/no-such-key');
        return;
      }
      const last = model.given[place];
      const number = last?.says === wanted ? last.number : 1 + (last?.number ?? 0);
      const answer = await receiveAgreement(at, module, last?.number ?? 0);
      expect(answer.agreement.number).toBe(number);
      if (number !== last?.number) model.accepted[place] = null;
      model.given[place] = { number, says: wanted };
      received[place] = answer;
    }

    async function accept(place: number): Promise<void> {
      const agreement = received[place]?.agreement;
      if (agreement === undefined) return;
      const answer = await sendAcceptance(at, moduleAt(place), await acceptanceOf(at, moduleAt(place), agreement));
      const says = model.given[place]?.says ?? '';
      expect(answer.status).toBe(says === model.wanted(place) ? 200 : 409);
      if (answer.status === 200) model.accepted[place] = says;
    }

    async function take(step: Step): Promise<void> {
      switch (step.kind) {
        case 'ask':
          return ask(step.who);
        case 'accept':
          return accept(step.who);
        case 'agree':
          await ask(step.who);
          return accept(step.who);
        case 'index': {
          const { reference: ref, index, whose: place } = step;
          await keys.retire(name, ref, null, { index, unit: place === null ? null : moduleAt(place).id });
          model.over.add(`${place ?? 'all'} ${ref}/${model.versions[ref]} ${index}`);
          return;
        }
        case 'retire': {
          const { reference: ref, whose: place } = step;
          await keys.retire(name, ref, null, { unit: place === null ? null : moduleAt(place).id });
          model.over.add(`${place ?? 'all'} ${ref}/${model.versions[ref]}`);
          return;
        }
        case 'rule':
          await keys.setRule(name, step.rule, step.whose === null ? null : moduleAt(step.whose).id);
          if (step.whose === null) model.rule = step.rule;
          else model.rules[step.whose] = step.rule;
          return;
        case 'version': {
          const kind = step.reference === 'master' ? 'master' : 'series';
          const count = kind === 'master' ? 0 : NUMBERS;
          await keys.addApp(name, { reference: step.reference, kind, count });
          model.versions[step.reference] += 1;
          return;
        }
        case 'renew':
          await keys.renew(name);
          for (const ref of REFERENCES) model.versions[ref] += 1;
          return;
      }
    }

    async function check(place: number): Promise<void> {
      const block = await findBlock(at.provider.database.queries, moduleAt(place).id);
      const wanted = model.wanted(place);
      expect(block?.inForce ?? false).toBe(wanted !== null && model.accepted[place] === wanted);
      expect(block?.number ?? 0).toBe(model.given[place]?.number);
      expect(block?.number ?? 0).toBeGreaterThanOrEqual(numbers[place] ?? 0);
      numbers[place] = block?.number ?? 0;
      if (block?.inForce !== true) return;
      for (const { slot, live } of block.series) {
        const key = `${slot.reference}/${slot.version}`;
        expect(model.isOver(place, key)).toBe(false);
        for (const index of live) expect(model.isOver(place, `${key} ${index}`)).toBe(false);
      }
      expect(model.isOver(place, `master/${block.master.version}`)).toBe(false);
    }

    return { take, check };
  }
});
