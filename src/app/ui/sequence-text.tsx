// The name of a sequence function on the screen. One that is weak is never named without saying so, in a word and a shape.

import { isWeakSequence, type SessionSequenceName } from '../../protocol/sequence/names.ts';
import { Icon } from './icons.tsx';
import styles from './sequence-text.module.css';

/** What people read for a function. */
export const SEQUENCE_WORDS: Readonly<Record<SessionSequenceName, string>> = {
  tree: 'tree',
  hkdf: 'HKDF',
  logistic: 'logistic map',
};

/** The name, with its mark where it is weak. */
export function SequenceText({ name }: { readonly name: SessionSequenceName }) {
  if (!isWeakSequence(name)) return SEQUENCE_WORDS[name];
  return (
    <span className={styles.weak}>
      {SEQUENCE_WORDS[name]}
      <span className={styles.mark}>
        <Icon name="warning" size={16} />
        weak
      </span>
    </span>
  );
}
