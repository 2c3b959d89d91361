// The person at a test browser, and the window that asks them: answers every question at once, by default as someone who agrees to everything,
// knows the passphrase, has the authenticator at hand and keeps the recovery words. A test takes over by setting `answer`.

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromHex, toHex } from '../../protocol/bytes.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../frame-messages.ts';
import { randomBytes } from './random.ts';

/** The passphrase that a person chooses and gives. */
export const PASSPHRASE = 'a walk along the canal at six';

/** The PIN that a person chooses and gives. */
export const PIN = '470319';

/** The card that a person gives: a number that no bank gives out. */
export const CARD = { number: '4000056655665556', expiry: '2031-08', verification: '737', pin: null } as const;

/** Who answers for the tabs of one browser. */
export type Person = {
  /** Everything that was asked, in order. */
  readonly asked: SurfaceQuestion[];
  /** Recovery words as they were shown last. */
  words: readonly string[];
  /** What makes and finds passkeys for this person; one that is synced is at more than one browser. */
  authenticator: Authenticator;
  /** Whether a willing person opens a backup with a passkey where one is taken. */
  prefersPasskey: boolean;
  /** What is answered. A promise that never settles is a person who does not answer. */
  answer(question: SurfaceQuestion): SurfaceAnswer | Promise<SurfaceAnswer>;
  /** What a willing person answers. */
  agree(question: SurfaceQuestion): SurfaceAnswer;
};

/** A person with an authenticator of their own. `persistent`: what the browser says of its storage. */
export function makePerson(persistent = false): Person {
  const person: Person = {
    asked: [],
    words: [],
    authenticator: makeAuthenticator(),
    prefersPasskey: false,
    answer: (question) => person.agree(question),
    agree: (question) => {
      switch (question.kind) {
        case 'approve':
          return { kind: 'approved' };
        case 'show-words':
          person.words = question.words;
          return { kind: 'approved' };
        case 'ask-words':
          return byPasskey(person, question) ?? { kind: 'words', words: person.words };
        case 'backup-passkey':
          return person.authenticator.forBackup(question);
        case 'new-passphrase':
          return { kind: 'passphrase', passphrase: PASSPHRASE };
        case 'new-passkey':
          return person.authenticator.make(question.prfSalt);
        case 'unlock':
          return person.authenticator.use(question.passkeys) ?? { kind: 'passphrase', passphrase: PASSPHRASE };
        case 'new-pin':
        case 'pin':
          return { kind: 'pin', pin: PIN };
        case 'card':
          return { kind: 'card', ...CARD };
        case 'persist':
          return { kind: 'persistence', persistent };
      }
    },
  };
  return person;
}

function byPasskey(
  { authenticator, prefersPasskey }: Person,
  { wrong, passkeys }: Extract<SurfaceQuestion, { kind: 'ask-words' }>,
): Passkey | null {
  return prefersPasskey && wrong === null && passkeys !== null ? authenticator.open(passkeys) : null;
}

type Passkey = Extract<SurfaceAnswer, { kind: 'passkey' }>;

/** An authenticator with PRF: a secret for each credential, and a pseudo-random function of the salt under it. */
export type Authenticator = ReturnType<typeof makeAuthenticator>;

/** One that knows no credential yet. */
export function makeAuthenticator() {
  const secrets = new Map<string, Uint8Array>();
  const evaluate = (credentialId: Uint8Array, secret: Uint8Array, salt: Uint8Array): Passkey => {
    const prfOutput = hmac(sha256, secret, salt);
    return { kind: 'passkey', credentialId: credentialId.slice(), prfOutput };
  };
  const make = (salt: Uint8Array): Passkey => {
    const credentialId = randomBytes(32);
    const secret = randomBytes(32);
    secrets.set(toHex(credentialId), secret);
    return evaluate(credentialId, secret, salt);
  };
  /** With the first of these that it has; null where it has none. */
  const use = (offered: readonly { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array }[]) => {
    for (const { credentialId, prfSalt } of offered) {
      const secret = secrets.get(toHex(credentialId));
      if (secret !== undefined) return evaluate(credentialId, secret, prfSalt);
    }
    return null;
  };
  /** With one of these credentials; with the newest that it has where none is named. */
  const open = (offered: { readonly prfSalt: Uint8Array; readonly credentialIds: readonly Uint8Array[] }) => {
    const newest = [...secrets.keys()].slice(-1).map(fromHex);
    const ids = offered.credentialIds.length === 0 ? newest : offered.credentialIds;
    return use(ids.map((credentialId) => ({ credentialId, prfSalt: offered.prfSalt })));
  };
  return {
    make,
    use,
    open,
    /** With one that the module knows, else with a new one. */
    forBackup: ({ known, prfSalt }: Extract<SurfaceQuestion, { kind: 'backup-passkey' }>): Passkey =>
      (known.length === 0 ? null : open({ prfSalt, credentialIds: known })) ?? make(prfSalt),
  };
}
