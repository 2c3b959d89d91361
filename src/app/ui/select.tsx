// One choice of a few, with the browser's own list: the name before it, the choice in a field.

import { useId } from 'react';
import styles from './field.module.css';

/** `chosen` is one of the choices' values. */
export function Select({
  label,
  choices,
  chosen,
  disabled = false,
  onChoose,
}: {
  readonly label: string;
  readonly choices: readonly { readonly value: string; readonly word: string }[];
  readonly chosen: string;
  readonly disabled?: boolean;
  onChoose(value: string): void;
}) {
  const id = useId();
  return (
    <div className={styles.row}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className={styles.field}
        value={chosen}
        disabled={disabled}
        onChange={(event) => onChoose(event.target.value)}
      >
        {choices.map(({ value, word }) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </div>
  );
}
