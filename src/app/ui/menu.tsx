// A small menu of choices, one of which holds. Opens upwards over the picture; arrows, Home, End, Escape and Enter work as in
// any menu, and focus returns to its button.

import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './icons.tsx';
import styles from './menu.module.css';

/** A choice. `note` stands in small print behind it. */
export type MenuChoice<Value extends string> = { readonly value: Value; readonly word: string; readonly note?: string };

/** A button that shows what holds, and its menu. */
export function Menu<Value extends string>({
  label,
  icon,
  shown,
  choices,
  chosen,
  onChoose,
  onOpenChange,
}: {
  readonly label: string;
  readonly icon: IconName;
  /** Word on the button. */
  readonly shown: string;
  readonly choices: readonly MenuChoice<Value>[];
  readonly chosen: Value;
  onChoose(value: Value): void;
  onOpenChange?(open: boolean): void;
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();

  useEffect(() => {
    onOpenChange?.(open);
    if (!open) return;
    root.current?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
    const closeOutside = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target)) return;
      setOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, [open, onOpenChange]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };

  const move = (event: KeyboardEvent): void => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role="menuitemradio"]') ?? [])];
    const at = items.findIndex((item) => item.matches(':focus'));
    const target = targetOf(event.key, at, items.length);
    if (event.key === 'Escape' || event.key === 'Tab') setOpen(false);
    if (event.key === 'Escape') button.current?.focus();
    if (target !== null) items[target]?.focus();
    if (target !== null || event.key === 'Escape') event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.root} ref={root}>
      <button
        type="button"
        ref={button}
        className={styles.button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={`${label}: ${shown}`}
        onClick={() => setOpen(!open)}
      >
        <Icon name={icon} size={20} />
        {shown}
      </button>
      {open ? (
        <div id={id} className={styles.list} role="menu" tabIndex={-1} aria-label={label} onKeyDown={move}>
          {choices.map(({ value, word, note }) => (
            <button
              key={value}
              type="button"
              role="menuitemradio"
              aria-checked={value === chosen}
              className={styles.item}
              onClick={() => {
                onChoose(value);
                close();
              }}
            >
              <span className={styles.tick}>{value === chosen ? <Icon name="check" size={16} /> : null}</span>
              <span className={styles.word}>{word}</span>
              {note ? <span className={styles.note}>{note}</span> : null}
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}

function targetOf(pressed: string, at: number, count: number): number | null {
  if (pressed === 'ArrowDown') return (at + 1) % count;
  if (pressed === 'ArrowUp') return (at - 1 + count) % count;
  if (pressed === 'Home') return 0;
  return pressed === 'End' ? count - 1 : null;
}
