// Buttons and links that look like buttons. One `filled` button a screen: the thing to do there.

import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link } from 'wouter';
import styles from './button.module.css';
import { Icon, type IconName } from './icons.tsx';

/** `filled`: the one thing to do; `plain`: everything else; `paper`: on paper. */
export type ButtonLook = 'filled' | 'plain' | 'paper';

type Face = { readonly look?: ButtonLook; readonly icon?: IconName; readonly children: ReactNode };

/** A button with words. */
export function Button({
  look = 'plain',
  icon,
  children,
  ...rest
}: Face & Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'style'>) {
  return (
    <button type="button" {...rest} className={`${styles.button} ${styles[look]}`}>
      {icon ? <Icon name={icon} size={18} /> : null}
      {children}
    </button>
  );
}

/** A link to a place in the app with the face of a button. */
export function ButtonLink({ look = 'plain', icon, children, href }: Face & { readonly href: string }) {
  return (
    <Link href={href} className={`${styles.button} ${styles[look]}`}>
      {icon ? <Icon name={icon} size={18} /> : null}
      {children}
    </Link>
  );
}

/** A round button with an icon only; `label` is what it does now. */
export function IconButton({
  icon,
  label,
  ...rest
}: { readonly icon: IconName; readonly label: string } & Omit<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'className' | 'style' | 'children'
>) {
  return (
    <button type="button" {...rest} className={styles.round} aria-label={label} title={label}>
      <Icon name={icon} size={24} />
    </button>
  );
}
