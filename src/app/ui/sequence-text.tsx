// How the keys of a session's frames are made, on the screen: in a word or two, and pressed, in a sentence. A way that is weak is never named without
// saying so, in a word and a shape.

import { isWeakSequence, type SessionSequenceName } from '../../protocol/sequence/names.ts';
import { Icon } from './icons.tsx';
import styles from './sequence-text.module.css';

/** What the line is called that has it. */
export const SEQUENCE_LINE = 'Frame keys';

/** What people read for a function, and what it means. */
const SEQUENCE_WORDS: Readonly<Record<SessionSequenceName, { readonly word: string; readonly means: string }>> = {
  tree: { word: 'one tree', means: 'The keys come from one tree: you get the branches that you pay for.' },
  hkdf: { word: 'one by one', means: 'Each key is made by itself: you get those that you pay for.' },
  logistic: {
    word: 'logistic map',
    means: 'A chaotic map covers the keys of this session. It is not a cipher: they may be guessed.',
  },
};

/** The word, with its mark where it is weak; what it means opens below it. */
export function SequenceText({ name }: { readonly name: SessionSequenceName }) {
  const { word, means } = SEQUENCE_WORDS[name];
  return (
    <details className={styles.how}>
      <summary>
        <span className={styles.word}>{word}</span>
        {isWeakSequence(name) ? (
          <span className={styles.mark}>
            <Icon name="warning" size={16} />
            weak
          </span>
        ) : null}
      </summary>
      <p>{means}</p>
    </details>
  );
}
