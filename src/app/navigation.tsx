// The way between the rooms: above on a wide screen, below on a phone. One list, in which later rooms take their place.

import { Link, useLocation } from 'wouter';
import styles from './navigation.module.css';
import { Icon, type IconName } from './ui/icons.tsx';
import { TopBar } from './ui/top-bar.tsx';

type Room = {
  readonly href: string;
  readonly word: string;
  readonly icon: IconName;
  readonly under: readonly string[];
};

const ROOMS: readonly Room[] = [
  { href: '/', word: 'Watch', icon: 'watch', under: ['/watch', '/downloads'] },
  { href: '/receipts', word: 'Receipts', icon: 'receipts', under: ['/receipts'] },
  { href: '/module', word: 'Module', icon: 'module', under: ['/module'] },
];

/** The bar with the mark and the rooms. */
export function Navigation() {
  const [location] = useLocation();
  return (
    <TopBar home={(props) => <Link href="/" {...props} />}>
      <nav className={styles.rooms} aria-label="Rooms">
        {ROOMS.map(({ href, word, icon, under }) => {
          const here = location === href || under.some((start) => location.startsWith(start));
          return (
            <Link key={href} href={href} className={styles.room} aria-current={here ? 'page' : undefined}>
              <Icon name={icon} size={20} />
              {word}
            </Link>
          );
        })}
      </nav>
    </TopBar>
  );
}
