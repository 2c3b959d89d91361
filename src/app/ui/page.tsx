// The frame of a screen: its heading, which takes focus when the place changes, and the width that text keeps to.

import { type ReactNode, useEffect, useRef } from 'react';
import styles from './page.module.css';

/** `hiddenTitle` keeps the heading for assistive technology where the screen speaks for itself. */
export function Page({
  title,
  hiddenTitle = false,
  narrow = false,
  children,
}: {
  readonly title: string;
  readonly hiddenTitle?: boolean;
  readonly narrow?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div className={`${styles.page} ${narrow ? styles.narrow : ''}`}>
      <PageTitle hidden={hiddenTitle}>{title}</PageTitle>
      {children}
    </div>
  );
}

/** The heading of a screen; names the window too. */
export function PageTitle({ children, hidden = false }: { readonly children: string; readonly hidden?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · Farebox`;
  }, [children]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={heading} tabIndex={-1} className={hidden ? styles.hidden : styles.title}>
      {children}
    </h1>
  );
}
