// What a walk knows of the module that it walks through: a model far simpler than the module, which shares nothing with it. Frames that were
// told shown are shown; of a frame that was under way when the worker was cut nobody knows. Used by the steps and by the reckoning.

import type { OutputMode } from '../../../protocol/programme.ts';
import type { CommandName, Commands, Result } from '../../commands.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../../frame-messages.ts';
import { type Authenticator, CARD, makeAuthenticator, PIN } from '../person.ts';
import type { ProviderSide } from '../provider-side.ts';

/** Thrown by a tab whose worker was cut while it was asked. */
export class WalkCut extends Error {}

/** A tab with a module in it, in memory or in a real worker. Everything may throw WalkCut. */
export type WalkTab = {
  /** The session that is active in this tab, as far as the walk knows. */
  active: string | null;
  call<Name extends CommandName>(
    name: Name,
    argument: Parameters<Commands[Name]>[0],
  ): Promise<Result<ReturnType<Commands[Name]>>>;
  /** Frames that lie in the sink of the active session. */
  waiting(): readonly number[];
  /** Shows a waiting frame. */
  show(frame: number): Promise<Showing>;
  withhold(frame: number): Promise<void>;
  /** Ends it; what was durable stays. */
  end(): void;
};

/** What came of showing a frame. `code` says why the module refused to count it; not shown without a code, it did not lie there any more. */
export type Showing = { readonly shown: boolean; readonly code: string | null };

/** A browser whose storage outlives its tabs. */
export type WalkBrowser = {
  /** Opens a tab; its worker is cut at point `cutAt`, counted from 1, where that is not null. */
  open(cutAt: number | null, answer: (question: SurfaceQuestion) => SurfaceAnswer): Promise<WalkTab>;
  /** The browser throws the module's database away; the checkpoint stays. No tab is open. */
  loseDatabase(): Promise<void>;
};

/** One session as the walk has seen it. */
export type WalkedSession = {
  readonly session: string;
  /** Its way out of the module. */
  readonly mode: OutputMode;
  /**
   * `opening` while a tab asks for it: another tab may be told that there is none. `maybe` where that tab was cut before it heard. `none` where
   * the module said so last and may: what a dying tab had begun to write, or a backup, may still bring it.
   */
  existence: 'opening' | 'open' | 'maybe' | 'none';
  /** Frames told shown, or handed over. */
  readonly shown: Set<number>;
  /** Frames that were under way at a cut. */
  readonly maybe: Set<number>;
  /** The receipt file once one was seen: the same for good. */
  receiptFile: Uint8Array | null;
  /** True once the provider has its receipt. */
  delivered: boolean;
  /** True where the store was lost or begun anew over it: what was shown last may be forgotten. */
  uncertain: boolean;
};

/** A number in [0, 1), the next one of its series. */
export type Chance = () => number;

/** The walk's knowledge. */
export type World = {
  readonly provider: ProviderSide;
  readonly browser: WalkBrowser;
  readonly chance: Chance;
  readonly sessions: Map<string, WalkedSession>;
  /** Sessions of the module that was erased last: a restore of its backup brings them back as they were then. */
  erased: readonly WalkedSession[];
  /** Passphrases of which one opens the lock; empty: no lock was ever set. */
  readonly passphrases: Set<string>;
  /** The person's authenticator: it has every passkey that was ever made, so that a cut can lose none. */
  readonly authenticator: Authenticator;
  /** Passphrase that the surface gives next where a new one is asked for. */
  nextPassphrase: string;
  /** Every twelve words that the surface has shown, newest first: a backup that was cut may have shown words that open nothing. */
  readonly words: (readonly string[])[];
  /** The newest backup. */
  backup: Uint8Array | null;
  /** Refusals seen, by command and code: what a walk found the module to say. */
  readonly refusals: Map<string, number>;
  /** Commands called so far. */
  readonly called: Set<CommandName>;
};

/** A world in which nothing has happened. */
export function makeWorld(provider: ProviderSide, browser: WalkBrowser, chance: Chance): World {
  return {
    provider,
    browser,
    chance,
    sessions: new Map(),
    erased: [],
    passphrases: new Set(),
    authenticator: makeAuthenticator(),
    nextPassphrase: 'a passphrase of the walk 0',
    words: [],
    backup: null,
    refusals: new Map(),
    called: new Set(),
  };
}

/** One of these, by chance. @throws RangeError for none. */
export function pick<T>(chance: Chance, from: readonly T[]): T {
  const found = from[Math.floor(chance() * from.length)];
  if (found === undefined) throw new RangeError('nothing to pick from');
  return found;
}

/** What the person answers in a walk: yes to everything, with any passkey that is asked for or the newest passphrase, and the newest words. */
export function answerOf(world: World): (question: SurfaceQuestion) => SurfaceAnswer {
  let tries = 0;
  let wordTries = 0;
  return (question) => {
    switch (question.kind) {
      case 'approve':
        return { kind: 'approved' };
      case 'new-passphrase':
        return { kind: 'passphrase', passphrase: world.nextPassphrase };
      case 'new-passkey':
        return world.authenticator.make(question.prfSalt);
      case 'unlock': {
        const passkey = world.authenticator.use(question.passkeys);
        if (passkey !== null && (!question.passphrase || world.chance() < 0.5)) return passkey;
        // After a cut either the old or the new passphrase opens it: the person tries the newest first.
        const known = [...world.passphrases].reverse();
        const passphrase = known[tries % Math.max(1, known.length)] ?? '';
        tries += 1;
        return { kind: 'passphrase', passphrase };
      }
      case 'backup-passkey':
        return world.authenticator.forBackup(question);
      case 'show-words':
        world.words.unshift(question.words);
        return { kind: 'approved' };
      case 'ask-words':
        // With a passkey now and then, the first time: the words are what is left where it does not fit.
        if (question.passkeys !== null && question.wrong === null && world.chance() < 0.3) {
          const passkey = world.authenticator.open(question.passkeys);
          if (passkey !== null) return passkey;
        }
        wordTries = question.wrong === 'words' ? wordTries + 1 : 0;
        return { kind: 'words', words: world.words[wordTries % Math.max(1, world.words.length)] ?? [] };
      case 'new-pin':
      case 'pin':
        return { kind: 'pin', pin: PIN };
      case 'card':
        return { kind: 'card', ...CARD };
      case 'persist':
        return { kind: 'persistence', persistent: true };
    }
  };
}
