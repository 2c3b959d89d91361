// A verdict as word, shape and colour together. Green is kept for verified or paid, red for refused or lost, amber for what
// is being confirmed.

import { Icon, type IconName } from './icons.tsx';
import styles from './verdict.module.css';

/** How a thing stands. */
export type VerdictKind = 'good' | 'bad' | 'unsure' | 'absent';

const ICONS: Readonly<Record<VerdictKind, IconName>> = { good: 'check', bad: 'cross', unsure: 'clock', absent: 'dash' };

/** The mark and its word; `onPaper` picks colours that hold on paper. */
export function Verdict({
  kind,
  word,
  onPaper = false,
}: {
  readonly kind: VerdictKind;
  readonly word: string;
  readonly onPaper?: boolean;
}) {
  return (
    <span className={`${styles.verdict} ${styles[kind]} ${onPaper ? styles.paper : ''}`}>
      <Icon name={ICONS[kind]} size={16} />
      {word}
    </span>
  );
}
