// The person at a test browser, and the window that asks them: answers every question at once, by default as someone who agrees to everything,
// knows the passphrase, has the authenticator at hand and keeps the recovery words. A test takes over by setting `answer`.

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from '../../protocol/bytes.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../frame-messages.ts';
import { randomBytes } from './random.ts';

/** The passphrase that a person chooses and gives. */
export const PASSPHRASE = 'a walk along the canal at six';

/** Who answers for the tabs of one browser. */
export type Person = {
  /** Everything that was asked, in order. */
  readonly asked: SurfaceQuestion[];
  /** Recovery words as they were shown last. */
  words: readonly string[];
  /** What is answered. A promise that never settles is a person who does not answer. */
  answer(question: SurfaceQuestion): SurfaceAnswer | Promise<SurfaceAnswer>;
  /** What a willing person answers. */
  agree(question: SurfaceQuestion): SurfaceAnswer;
};

/** A person with an authenticator of their own. `persistent`: what the browser says of its storage. */
export function makePerson(persistent = false): Person {
  const authenticator = makeAuthenticator();
  const person: Person = {
    asked: [],
    words: [],
    answer: (question) => person.agree(question),
    agree: (question) => {
      switch (question.kind) {
        case 'approve':
          return { kind: 'approved' };
        case 'show-words':
          person.words = question.words;
          return { kind: 'approved' };
        case 'ask-words':
          return { kind: 'words', words: person.words };
        case 'new-passphrase':
          return { kind: 'passphrase', passphrase: PASSPHRASE };
        case 'new-passkey':
          return authenticator.make(question.prfSalt);
        case 'unlock':
          return authenticator.use(question.passkeys) ?? { kind: 'passphrase', passphrase: PASSPHRASE };
        case 'persist':
          return { kind: 'persistence', persistent };
      }
    },
  };
  return person;
}

type Passkey = Extract<SurfaceAnswer, { kind: 'passkey' }>;

/** An authenticator with PRF: a secret for each credential, and a pseudo-random function of the salt under it. */
function makeAuthenticator() {
  const secrets = new Map<string, Uint8Array>();
  const evaluate = (credentialId: Uint8Array, secret: Uint8Array, salt: Uint8Array): Passkey => {
    const prfOutput = hmac(sha256, secret, salt);
    return { kind: 'passkey', credentialId: credentialId.slice(), prfOutput };
  };
  return {
    make: (salt: Uint8Array): Passkey => {
      const credentialId = randomBytes(32);
      const secret = randomBytes(32);
      secrets.set(toHex(credentialId), secret);
      return evaluate(credentialId, secret, salt);
    },
    /** With the first of these that it has; null where it has none. */
    use: (offered: readonly { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array }[]): Passkey | null => {
      for (const { credentialId, prfSalt } of offered) {
        const secret = secrets.get(toHex(credentialId));
        if (secret !== undefined) return evaluate(credentialId, secret, prfSalt);
      }
      return null;
    },
  };
}
