// Asking the person: one question at a time, an answer for its own question only and only of its shape, and the host told when the surface
// comes and goes.

import { describe, expect, test } from 'vitest';
import { makeAsking } from './asking.ts';
import type { ModuleEvent } from './events.ts';
import type { SurfaceQuestion, WorkerToFrame } from './frame-messages.ts';
import { MODULE_LIMITS } from './limits.ts';
import { makeTestClock } from './testing/browser.ts';

const approve: SurfaceQuestion = {
  ...{ kind: 'approve', title: 'Really?', amount: null, party: null, lines: [], yes: 'Yes', grave: false },
};
const persist: SurfaceQuestion = { kind: 'persist', ask: true };
const bytes = (length: number) => new Uint8Array(length);

function asked() {
  const posted: WorkerToFrame[] = [];
  const events: ModuleEvent[] = [];
  const clock = makeTestClock();
  const asking = makeAsking({ post: (message) => posted.push(message), emit: (event) => events.push(event), clock });
  return { asking, posted, events, clock };
}

/** Lets the turn of the window come round. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

const codeOf = (answer: Promise<unknown>) =>
  answer.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : 'no error'),
  );

describe('CARD-3: a question to the person', () => {
  test('goes to the window with a number, and its answer comes back; the host hears that the surface is there and gone', async () => {
    const { asking, posted, events } = asked();
    const answer = asking.ask(approve);
    await turn();
    expect(posted).toEqual([{ type: 'ask', number: 1, question: approve }]);
    expect(events).toEqual([{ type: 'surface', state: 'shown' }]);
    asking.answered(1, { kind: 'approved' });
    expect(await answer).toEqual({ kind: 'approved' });
    expect(events).toEqual([
      { type: 'surface', state: 'shown' },
      { type: 'surface', state: 'hidden' },
    ]);
  });

  test('is asked alone: another one meanwhile is consent/busy, and its own answer still counts', async () => {
    const { asking } = asked();
    const answer = asking.ask(approve);
    expect(await codeOf(asking.ask({ kind: 'ask-words', wrong: null, passkeys: null }))).toContain('consent/busy');
    asking.answered(1, { kind: 'approved' });
    expect(await answer).toEqual({ kind: 'approved' });
  });

  test('takes no answer of another number, none before it was put, and none twice', async () => {
    const { asking, posted } = asked();
    asking.answered(1, { kind: 'approved' });
    const answer = asking.ask(approve);
    await turn();
    asking.answered(0, { kind: 'approved' });
    asking.answered(2, { kind: 'approved' });
    asking.answered(1, { kind: 'refused' });
    asking.answered(1, { kind: 'approved' });
    expect(await answer).toEqual({ kind: 'refused' });
    const next = asking.ask(approve);
    await turn();
    asking.answered(1, { kind: 'approved' });
    expect(posted.at(-1)).toMatchObject({ type: 'ask', number: 2 });
    asking.answered(2, { kind: 'covered' });
    expect(await next).toEqual({ kind: 'covered' });
  });

  test('that nobody answers is taken back in time, and counts as refused', async () => {
    const { asking, posted, clock } = asked();
    const answer = asking.ask(approve);
    await turn();
    clock.advance(MODULE_LIMITS.questionMs);
    expect(await answer).toEqual({ kind: 'refused' });
    expect(posted.at(-1)).toEqual({ type: 'ask-no-more' });
  });

  test('that the window has only to look up, and does not, holds up no other for long', async () => {
    const { asking, posted, clock } = asked();
    const lookUp = asking.ask({ kind: 'persist', ask: false });
    const answer = asking.ask(approve);
    await turn();
    expect(posted).toHaveLength(1);
    clock.advance(MODULE_LIMITS.lookUpMs);
    expect(await lookUp).toEqual({ kind: 'refused' });
    await turn();
    expect(posted.at(-1)).toEqual({ type: 'ask', number: 2, question: approve });
    asking.answered(2, { kind: 'approved' });
    expect(await answer).toEqual({ kind: 'approved' });
  });

  test('is taken back when the module locks; with none standing nothing is', async () => {
    const { asking, posted } = asked();
    asking.withdraw();
    expect(posted).toEqual([]);
    const answer = asking.ask(approve);
    await turn();
    asking.withdraw();
    expect(await answer).toEqual({ kind: 'refused' });
    expect(posted.at(-1)).toEqual({ type: 'ask-no-more' });
  });

  test('without a surface waits for its turn, shows nothing, and is not taken back', async () => {
    const { asking, posted, events } = asked();
    const first = asking.ask(approve);
    const second = asking.ask(persist);
    await turn();
    expect(posted).toHaveLength(1);
    asking.answered(1, { kind: 'approved' });
    await first;
    await turn();
    expect(posted.at(-1)).toEqual({ type: 'ask', number: 2, question: persist });
    asking.withdraw();
    asking.answered(2, { kind: 'persistence', persistent: true });
    expect(await second).toEqual({ kind: 'persistence', persistent: true });
    expect(events).toHaveLength(2);
  });
});

const newPasskey: SurfaceQuestion = { kind: 'new-passkey', userName: 'x', userId: bytes(16), prfSalt: bytes(32) };
const backupPasskey: SurfaceQuestion = { ...newPasskey, kind: 'backup-passkey', known: [] };
const wordsOrPasskey: SurfaceQuestion = {
  ...{ kind: 'ask-words', wrong: null },
  passkeys: { prfSalt: bytes(32), credentialIds: [] },
};
const unlock: SurfaceQuestion = { kind: 'unlock', passphrase: true, passkeys: [], wrongTries: 0 };
const newPin: SurfaceQuestion = { kind: 'new-pin', application: 'wallet', party: 'provider x' };
const pin: SurfaceQuestion = { kind: 'pin', party: 'provider x' };
const card: SurfaceQuestion = { kind: 'card', party: 'provider x' };
const typedCard = {
  ...{ kind: 'card', number: '4000056655665556', expiry: '2031-08', verification: '737', pin: '4711' },
} as const;
const passkey = { kind: 'passkey', credentialId: bytes(16), prfOutput: bytes(32) };

describe('CARD-3: an answer is taken by its shape alone', () => {
  const fitting: readonly (readonly [SurfaceQuestion, { readonly kind: string }])[] = [
    [approve, { kind: 'refused' }],
    [{ kind: 'new-passphrase', minLength: 3 }, { kind: 'passphrase', passphrase: 'abc' } as { kind: string }],
    [newPasskey, passkey],
    [newPasskey, { kind: 'unavailable' }],
    [backupPasskey, passkey],
    [backupPasskey, { kind: 'unavailable' }],
    [wordsOrPasskey, passkey],
    [unlock, passkey],
    [unlock, { kind: 'passphrase', passphrase: '' } as { kind: string }],
    [{ kind: 'ask-words', wrong: 'words', passkeys: null }, { kind: 'words', words: ['a', 'b'] } as { kind: string }],
    [newPin, { kind: 'pin', pin: '0000' } as { kind: string }],
    [pin, { kind: 'pin', pin: '123456789012' } as { kind: string }],
    [card, typedCard],
    [card, { ...typedCard, verification: '7373', pin: null } as { kind: string }],
  ];
  test.each(fitting)('%j takes %j', async (question, given) => {
    const { asking } = asked();
    const answer = asking.ask(question);
    await turn();
    asking.answered(1, given);
    expect(await answer).toEqual(given);
  });

  const unfitting: readonly (readonly [SurfaceQuestion, unknown])[] = [
    [approve, { kind: 'persistence', persistent: true }],
    [approve, { kind: 'unavailable' }],
    [approve, 'approved'],
    [approve, null],
    [approve, Object.create({ kind: 'approved' })],
    [
      { kind: 'new-passphrase', minLength: 3 },
      { kind: 'passphrase', passphrase: 'ab' },
    ],
    [
      { kind: 'new-passphrase', minLength: 3 },
      { kind: 'passphrase', passphrase: 'a'.repeat(MODULE_LIMITS.passphraseLengthMax + 1) },
    ],
    [newPasskey, { kind: 'passphrase', passphrase: 'abcdef' }],
    [newPasskey, { ...passkey, prfOutput: bytes(31) }],
    [newPasskey, { ...passkey, prfOutput: 'x'.repeat(32) }],
    [unlock, { ...passkey, credentialId: bytes(0) }],
    [unlock, { ...passkey, credentialId: bytes(1_024) }],
    [unlock, { kind: 'approved' }],
    [backupPasskey, { kind: 'words', words: [] }],
    [wordsOrPasskey, { kind: 'unavailable' }],
    [wordsOrPasskey, { ...passkey, prfOutput: bytes(33) }],
    [{ kind: 'ask-words', wrong: null, passkeys: null }, passkey],
    [
      { kind: 'ask-words', wrong: null, passkeys: null },
      { kind: 'words', words: Array.from({ length: MODULE_LIMITS.typedWords + 1 }, () => 'a') },
    ],
    [
      { kind: 'ask-words', wrong: null, passkeys: null },
      { kind: 'words', words: ['a'.repeat(MODULE_LIMITS.typedWordLength + 1)] },
    ],
    [
      { kind: 'ask-words', wrong: null, passkeys: null },
      { kind: 'words', words: [1] },
    ],
    [persist, { kind: 'persistence', persistent: 'yes' }],
    [newPin, { kind: 'pin', pin: '123' }],
    [newPin, { kind: 'approved' }],
    [pin, { kind: 'pin', pin: '1234567890123' }],
    [pin, { kind: 'pin', pin: 4711 }],
    [pin, { kind: 'pin', pin: '12a4' }],
    [pin, typedCard],
    [card, { kind: 'pin', pin: '4711' }],
    [card, { ...typedCard, number: '40000566556' }],
    [card, { ...typedCard, number: '40000566556655560000' }],
    [card, { ...typedCard, number: '4000 0566 5566 5556' }],
    [card, { ...typedCard, expiry: '08/31' }],
    [card, { ...typedCard, expiry: '2031-13' }],
    [card, { ...typedCard, verification: '73' }],
    [card, { ...typedCard, verification: '73737' }],
    [card, { ...typedCard, pin: '' }],
    [card, { ...typedCard, pin: undefined }],
    [approve, typedCard],
  ];
  test.each(unfitting)('%j does not take %j', async (question, given) => {
    const { asking } = asked();
    const answer = codeOf(asking.ask(question));
    await turn();
    asking.answered(1, given);
    expect(await answer).toContain('module/internal');
  });
});
