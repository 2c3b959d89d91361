// A module that keeps keys, and a provider that has some for it, as simple as can be: which versions are in which slots, which agreement holds. For
// the tests of the errands on keys; what is sealed and signed is one byte here, and has tests of its own elsewhere.

import type { KeySetView } from '../../worker-module/commands.ts';
import type { NamedKey } from '../key-answers.ts';
import { BYTES } from './scripted-relay.ts';

export const KEY_PROVIDER = 'cd'.repeat(16);
/** What the page notes where an agreement with that provider holds. */
export const HELD = `held ${KEY_PROVIDER}`;

export const NAMED: readonly NamedKey[] = [
  { reference: 'master', version: 1, pin: false },
  { reference: 'watch', version: 1, pin: false },
  { reference: 'wallet', version: 1, pin: true },
];
const PROVEN = { response: BYTES, certificate: BYTES };

/** Both ends. `provider.number` is the agreement that is wanted, `provider.named` what it names; a test changes either while it goes on. */
export function scriptedKeys() {
  const slots = new Map<string, number>();
  const module = { joined: false, agreement: null as number | null, drawn: 0, imports: 0 };
  const provider = { number: 1, named: NAMED };
  const view = (): KeySetView => ({
    ...{ provider: KEY_PROVIDER, set: '00'.repeat(16), transportCheckValue: '000000', count: 0, history: [] },
    agreement: module.agreement === null ? null : { number: module.agreement, rule: 'client', pins: [] },
    slots: [...slots].map(([reference, version]) => ({
      ...{ reference, version, kind: 'series', checkValue: '000000', pin: false, importedTime: 0 },
    })),
  });
  const put = (argument: unknown) => {
    const [reference = '', version] = String(read(argument, 'slot')).split('/');
    slots.set(reference, Number(version));
    module.imports += 1;
    return view().slots.find((slot) => slot.reference === reference);
  };
  const drawRandom = (): Uint8Array => {
    module.drawn += 1;
    return new Uint8Array(16).fill(module.drawn);
  };
  const answers = {
    keys: () => (module.joined ? [view()] : []),
    acceptTransportKey() {
      module.joined = true;
      return view();
    },
    drawKeyRequests(argument: unknown) {
      const references = read(argument, 'references');
      if (!Array.isArray(references)) throw new Error('no references were asked for');
      return references.map((reference) => ({ reference, random: drawRandom() }));
    },
    importKey: put,
    choosePin: put,
    acceptAgreement() {
      module.agreement = provider.number;
      return { acceptance: BYTES };
    },
    signIn: PROVEN,
    signInWithPin: { pin: BYTES },
    giveCard: { ...PROVEN, concealed: BYTES },
    answerChallenge: PROVEN,
  };
  const bodies = {
    '/api/v1/keys/agreement': () => ({ agreement: 'Bw', providerCertificate: 'Bw', keys: provider.named }),
    '/api/v1/keys/acceptance': () => ({ number: provider.number }),
    '/api/v1/keys/token': () => ({ ...TOKEN, agreement: provider.number }),
    '/api/v1/keys/export': (body: unknown) => {
      const keys = read(body, 'keys');
      if (!Array.isArray(keys)) throw new Error('no keys were asked for');
      return { answers: keys.map((key) => ({ ...EXPORTED, slot: slotOf(read(key, 'reference'), provider.named) })) };
    },
  };
  return { module, provider, slots, answers, bodies };
}

const TOKEN = { ticket: 'Bw', token: 'A'.repeat(43), counter: 3 };
const EXPORTED = { sealedKey: 'Bw', signature: 'Bw', certificate: 'Bw' };

function slotOf(reference: unknown, named: readonly NamedKey[]): string {
  return `${String(reference)}/${named.find((key) => key.reference === reference)?.version ?? 1}`;
}

function read(from: unknown, member: string): unknown {
  return typeof from === 'object' && from !== null ? Reflect.get(from, member) : undefined;
}
