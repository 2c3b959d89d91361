// What a sign-in with derived keys (docs/protocol.md §24, fig. 2) costs the provider beside P1 for the same thing. `sign-in`: a token and the
// contact that answers it, beside a challenge and its contact, both through the same layers: issued, proven, judged and met in a transaction of
// the database. `sign-in/papers`: the same through the whole interface, for the papers of one session, where both pay alike for routes, limits,
// keys for repeats and the papers. Per second of one core: the processor time of the provider's part; what the module works out between is not
// counted.

import { issueChallenge } from '../server-mock/contacts/challenges.ts';
import { contact } from '../server-mock/contacts/contact.ts';
import { proveModule } from '../server-mock/contacts/prove.ts';
import { directKeys } from '../server-mock/key-unit/direct-registry.ts';
import { signInsOf } from '../server-mock/key-unit/sign-in.ts';
import { giveToken } from '../server-mock/key-unit/tokens.ts';
import { openKeyWrap } from '../server-mock/key-unit/wrap.ts';
import {
  answer,
  beginTestSession,
  type ContactBody,
  deliver,
  draftReceipt,
  grow,
  makeContact,
  receiptFileOf,
  type TestModule,
} from '../server-mock/testing/module.ts';
import {
  type AgreedModule,
  bodyOf,
  makeAgreedModule,
  makeSignIn,
  nextSignIn,
} from '../server-mock/testing/signed-in.ts';
import { publishTestProgramme } from '../server-mock/testing/test-programme.ts';
import { openTestProvider, type TestProvider } from '../server-mock/testing/test-provider.ts';
import { verifyChallenge } from '../src/protocol/challenge.ts';
import { type Bench, type BenchFigure, figureOf, ratioAtLeast } from './figure.ts';

const ROUNDS = 15;
/** Rounds that are not counted: in them the engine compiles what it runs most. */
const WARM_ROUNDS = 3;
/** Round trips of each kind in a round. */
const TRIPS = 40;
const LEAST_RATIO = 3;
/** What both share there is more than half of what P1 costs. */
const LEAST_WHOLE_RATIO = 1.5;

/** One round trip; `work` is the provider's part of it, and is what is timed. */
type Trip = (work: <Result>(part: () => Promise<Result>) => Promise<Result>) => Promise<void>;

export const signInBench: Bench = {
  about: `${TRIPS} sign-ins with derived keys a round, and as many by P1`,
  run: async ({ runs, say }) => {
    const at = await openTestProvider({ rateFactor: 1_000_000 });
    try {
      const agreed = await makeAgreedModule(at, directKeys(at.provider), 'bench');
      const proving = await provingTrips(at, agreed);
      const papers = await papersTrips(at, agreed);
      const options = { rounds: runs ?? ROUNDS, say };
      return [
        await compare('sign-in', proving, LEAST_RATIO, options),
        await compare('sign-in/papers', papers, LEAST_WHOLE_RATIO, options),
      ];
    } finally {
      await at.close();
    }
  },
};

type Pair = { readonly byKeys: Trip; readonly signed: Trip };

async function compare(
  name: string,
  { byKeys, signed }: Pair,
  leastRatio: number,
  { rounds: wanted, say }: { readonly rounds: number; readonly say: (line: string) => void },
): Promise<BenchFigure> {
  const rounds: number[] = [];
  const peerRounds: number[] = [];
  // Who goes first changes from round to round.
  for (let round = 1 - WARM_ROUNDS; round <= wanted; round += 1) {
    const keysFirst = Math.abs(round) % 2 === 0;
    const early = await rateOf(keysFirst ? byKeys : signed);
    const late = await rateOf(keysFirst ? signed : byKeys);
    const [own, peer] = keysFirst ? [early, late] : [late, early];
    if (round < 1) continue;
    rounds.push(own);
    peerRounds.push(peer);
    say(`${name}, round ${round}: ${own.toFixed(0)} by keys, ${peer.toFixed(0)} by P1 in a second of one core`);
  }
  const peer = { name: 'P1', rounds: peerRounds };
  return figureOf({ name, unit: 'sign-ins/s', rounds, peer, goal: ratioAtLeast(leastRatio) });
}

async function rateOf(trip: Trip): Promise<number> {
  let spentMicroseconds = 0;
  for (let done = 0; done < TRIPS; done += 1) {
    await trip(async (part) => {
      const before = process.cpuUsage();
      const result = await part();
      const { user, system } = process.cpuUsage(before);
      spentMicroseconds += user + system;
      return result;
    });
  }
  return (1e6 * TRIPS) / spentMicroseconds;
}

async function provingTrips(at: TestProvider, agreed: AgreedModule): Promise<Pair> {
  const { provider } = at;
  const { module } = agreed;
  const wrap = await openKeyWrap(provider);
  const signIn = signInsOf(provider);
  const meet = async (body: ContactBody): Promise<void> => {
    const proven = await proveModule(provider, body, { signIn });
    await provider.database.transaction((tx) => contact(provider, tx, proven));
  };
  return {
    byKeys: async (work) => {
      const { index, ...token } = await work(() => giveToken(provider, wrap, module.id));
      const body = bodyOf(agreed, nextSignIn(at, agreed, index === null ? token : { ...token, index }));
      await work(() => meet(body));
    },
    signed: async (work) => {
      const bytes = await work(() => provider.database.transaction((tx) => issueChallenge(provider, tx, module.id)));
      const { certificate, suite } = provider;
      const challenge = await verifyChallenge({ bytes, provider: certificate, now: at.clock.now, suite });
      grow(module, 1);
      const body = await answer(at, module, challenge);
      await work(() => meet(body));
    },
  };
}

async function papersTrips(at: TestProvider, agreed: AgreedModule): Promise<Pair> {
  const session = await settleSession(at, agreed.module);
  const tripBy =
    (make: (timed: TestProvider) => Promise<ContactBody>): Trip =>
    async (work) => {
      const post: TestProvider['post'] = (path, body, key) =>
        work(async () => {
          const given = await at.post(path, body, key);
          return new Response(await given.text(), { status: given.status });
        });
      const { status } = await post('/papers', { ...(await make({ ...at, post })), sessions: [session] });
      if (status !== 200) throw new Error(`a contact was refused: ${status}`);
    };
  return {
    byKeys: tripBy((timed) => makeSignIn(timed, agreed)),
    signed: tripBy((timed) => makeContact(timed, agreed.module)),
  };
}

/** A session of the module with an accepted receipt: what there are papers of. */
async function settleSession(at: TestProvider, module: TestModule): Promise<string> {
  const programme = await publishTestProgramme(at.provider);
  const session = await beginTestSession(at, module, { programme });
  const file = await receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, 3]]));
  const given = await deliver(at, module, file);
  if (given.status !== 200) throw new Error(`the receipt was refused: ${given.status}`);
  return session.grant.session;
}
