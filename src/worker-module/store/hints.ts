// Hints between tabs of one module: "this session has ended, look", "the module is locked". Called by session/, module.ts and keys/. A hint is
// never believed further than it can be checked: whoever gets one asks the store, and keys that came this way are tried on it first.

import { decodeSessionId, type SessionId } from '../../protocol/ids.ts';
import type { ModuleKeys } from '../core.ts';
import { isId, memberOf, oneOf } from './shape.ts';

const CHANNEL_NAME = 'farebox-module';

/** What a screen may have to read again. */
export type ChangedThing = 'status' | 'receipts' | 'operations' | 'keys';

/** What tabs tell each other. */
export type Hint =
  | { readonly kind: 'session-ended'; readonly session: SessionId }
  | { readonly kind: 'changed'; readonly what: ChangedThing }
  /** The store was put anew (restored, recovered, begun anew), or its vault was: open it again. */
  | { readonly kind: 'replaced' }
  /** Lock now: forget the keys. */
  | { readonly kind: 'lock' }
  /** A person is at work in another tab: the idle lock waits anew. */
  | { readonly kind: 'used' }
  /** A tab of a locked module asks one that is open for its keys, so that the person unlocks once. `asker`: 32 hex digits, drawn for this question. */
  | { readonly kind: 'keys-wanted'; readonly asker: string }
  /** The answer: keys that cannot be extracted, to tabs of this origin, which is the module's alone. Only the tab that asked takes them. */
  | { readonly kind: 'keys'; readonly asker: string; readonly keys: ModuleKeys };

/** The port; `openBroadcastHints` in a browser. */
export type Hints = {
  announce(hint: Hint): void;
  /** Hears the hints of other tabs. */
  onHint(listener: (hint: Hint) => void): void;
};

/** Hints over a BroadcastChannel of this origin, until it is closed. Messages that are no hint are ignored. */
export function openBroadcastHints(): Hints & { close(): void } {
  const channel = new BroadcastChannel(CHANNEL_NAME);
  return {
    close: () => channel.close(),
    announce: (hint) => channel.postMessage(hint),
    onHint: (listener) => {
      channel.addEventListener('message', (event: MessageEvent<unknown>) => {
        const hint = decodeHint(event.data);
        if (hint !== null) listener(hint);
      });
    },
  };
}

/** What came in as a hint, made anew member by member; null for anything else, such as the hints of another build. */
export function decodeHint(message: unknown): Hint | null {
  const kind = memberOf(message, 'kind');
  switch (kind) {
    case 'session-ended': {
      const session = memberOf(message, 'session');
      return isId(session) ? { kind, session: decodeSessionId(session) } : null;
    }
    case 'changed': {
      const what = memberOf(message, 'what');
      return isChangedThing(what) ? { kind, what } : null;
    }
    case 'replaced':
    case 'lock':
    case 'used':
      return { kind };
    case 'keys-wanted': {
      const asker = memberOf(message, 'asker');
      return isAsker(asker) ? { kind, asker } : null;
    }
    case 'keys': {
      const asker = memberOf(message, 'asker');
      const keys = decodeKeys(memberOf(message, 'keys'));
      return isAsker(asker) && keys !== null ? { kind, asker, keys } : null;
    }
    default:
      return null;
  }
}

function decodeKeys(value: unknown): ModuleKeys | null {
  const recordKey = memberOf(value, 'recordKey');
  const wrappingKey = memberOf(value, 'wrappingKey');
  const checkpointKey = memberOf(value, 'checkpointKey');
  if (!isSealingKey(recordKey) || !isSealingKey(wrappingKey) || !isSealingKey(checkpointKey)) return null;
  return { recordKey, wrappingKey, checkpointKey };
}

function isSealingKey(value: unknown): value is CryptoKey {
  if (!(value instanceof CryptoKey) || value.extractable || value.algorithm.name !== 'AES-GCM') return false;
  return (
    memberOf(value.algorithm, 'length') === 256 && value.usages.includes('encrypt') && value.usages.includes('decrypt')
  );
}

function isAsker(value: unknown): value is string {
  return isId(value);
}

const isThing = oneOf('status', 'receipts', 'operations', 'keys');
function isChangedThing(value: unknown): value is ChangedThing {
  return isThing(value);
}
