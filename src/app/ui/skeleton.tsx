// A place held for what is being loaded, of the size it will have, so that nothing jumps.

import styles from './skeleton.module.css';

/** A bar as wide as `width` (a CSS length) and `height` pixels high. */
export function Skeleton({ width, height = 16 }: { readonly width: string; readonly height?: number }) {
  return <span className={styles.bar} style={{ width, height }} aria-hidden="true" />;
}
