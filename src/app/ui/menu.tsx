// A small menu of pages: a first page that names them and what holds on each, and a page of choices behind every name. Opens upwards over the
// picture; arrows, Home, End and Enter work as in any menu, Escape and the left arrow lead back, and focus returns to its button.

import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './icons.tsx';
import styles from './menu.module.css';

/** A choice. `note` stands in small print behind it; `language` is that of its word. */
export type MenuChoice = {
  readonly value: string;
  readonly word: string;
  readonly note?: string;
  readonly language?: string;
};

/** Choices of which one holds; none where `chosen` is null, as with places to go to. */
export type MenuGroup = {
  /** Said above the choices where a page has more than one group. */
  readonly label: string;
  readonly choices: readonly MenuChoice[];
  readonly chosen: string | null;
  onChoose(value: string): void;
};

/** A page. `shown`: what holds on it, for the first page. A page of one group closes the menu when a choice is made. */
export type MenuPage = {
  readonly title: string;
  readonly shown: string;
  readonly groups: readonly MenuGroup[];
  /** One line below the choices, on what they mean. */
  readonly note?: string;
};

/** A button and its menu. */
export function Menu({
  label,
  icon,
  pages,
  onOpenChange,
}: {
  readonly label: string;
  readonly icon: IconName;
  readonly pages: readonly MenuPage[];
  onOpenChange?(open: boolean): void;
}) {
  const [open, setOpen] = useState(false);
  const [title, setTitle] = useState<string | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const page = pages.find((candidate) => candidate.title === title) ?? null;

  useEffect(() => {
    onOpenChange?.(open);
    if (!open) return;
    const closeOutside = (event: PointerEvent): void => {
      if (event.target instanceof Node && root.current?.contains(event.target)) return;
      setOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    return () => document.removeEventListener('pointerdown', closeOutside);
  }, [open, onOpenChange]);

  // Each page takes focus when it is shown: what holds, or where the person came from, or its first item.
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (!open) return;
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
    const came = items.find((item) => title === null && item.getAttribute('data-title') === before.current);
    const holds = items.find((item) => item.getAttribute('aria-checked') === 'true');
    (came ?? holds ?? items[0])?.focus();
    before.current = title;
  }, [open, title]);

  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };

  const move = (event: KeyboardEvent): void => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
    const at = items.findIndex((item) => item.matches(':focus'));
    const target = targetOf(event.key, at, items.length);
    const leadsBack = event.key === 'Escape' || event.key === 'ArrowLeft';
    if (event.key === 'Tab') setOpen(false);
    if (leadsBack && page !== null) setTitle(null);
    else if (event.key === 'Escape') close();
    if (event.key === 'ArrowRight' && page === null) items[at]?.click();
    if (target !== null) items[target]?.focus();
    if (target !== null || leadsBack) event.preventDefault();
    event.stopPropagation();
  };

  const choose = (group: MenuGroup, value: string): void => {
    group.onChoose(value);
    if (page !== null && page.groups.length === 1) close();
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
        aria-label={label}
        title={label}
        onClick={() => {
          setTitle(null);
          before.current = null;
          setOpen(!open);
        }}
      >
        <Icon name={icon} size={20} />
      </button>
      {open ? (
        <div
          id={id}
          className={styles.list}
          role="menu"
          tabIndex={-1}
          aria-label={page?.title ?? label}
          onKeyDown={move}
        >
          {page === null ? (
            <FirstPage pages={pages} onOpen={setTitle} />
          ) : (
            <>
              <button type="button" role="menuitem" className={styles.back} onClick={() => setTitle(null)}>
                <Icon name="back" size={16} />
                {page.title}
              </button>
              {page.groups.map((group) => (
                <Group key={group.label} group={group} named={page.groups.length > 1} onChoose={choose} />
              ))}
              {page.note ? <p className={styles.say}>{page.note}</p> : null}
            </>
          )}
        </div>
      ) : null}
    </div>
  );
}

function FirstPage({ pages, onOpen }: { readonly pages: readonly MenuPage[]; onOpen(title: string): void }) {
  return pages.map(({ title, shown }) => (
    <button
      key={title}
      type="button"
      role="menuitem"
      aria-haspopup="menu"
      data-title={title}
      className={styles.item}
      onClick={() => onOpen(title)}
    >
      <span className={styles.word}>{title}</span>
      <span className={styles.note}>{shown}</span>
      <Icon name="right" size={16} />
    </button>
  ));
}

function Group({
  group,
  named,
  onChoose,
}: {
  readonly group: MenuGroup;
  readonly named: boolean;
  onChoose(group: MenuGroup, value: string): void;
}) {
  const id = useId();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a menu; WAI-ARIA has groups for it.
    <div role="group" aria-label={named ? undefined : group.label} aria-labelledby={named ? id : undefined}>
      {named ? (
        <p id={id} className={styles.heading}>
          {group.label}
        </p>
      ) : null}
      {group.choices.map(({ value, word, note, language }) => (
        <button
          key={value}
          type="button"
          {...(group.chosen === null
            ? { role: 'menuitem' }
            : { role: 'menuitemradio', 'aria-checked': value === group.chosen })}
          className={styles.item}
          onClick={() => onChoose(group, value)}
        >
          <span className={styles.tick}>{value === group.chosen ? <Icon name="check" size={16} /> : null}</span>
          <span className={styles.word} lang={language}>
            {word}
          </span>
          {note ? <span className={styles.note}>{note}</span> : null}
        </button>
      ))}
    </div>
  );
}

function targetOf(pressed: string, at: number, count: number): number | null {
  if (pressed === 'ArrowDown') return (at + 1) % count;
  if (pressed === 'ArrowUp') return (at - 1 + count) % count;
  if (pressed === 'Home') return 0;
  return pressed === 'End' ? count - 1 : null;
}
