// A bar that is filled to a share: how much of the room is used, how far something is.

import { formatSize } from '../format.ts';
import styles from './share-bar.module.css';

/** From this share on room is short. */
const FULL = 0.9;

type ShareBarProps = {
  /** 0 to 1. */
  readonly share: number;
  /** `going`: it grows now; `full`: there is hardly any left. */
  readonly tone: 'quiet' | 'going' | 'full';
  /** Names it as progress for those who do not see it; null where words beside it say the same. */
  readonly label: string | null;
};

/** The bar. */
export function ShareBar({ share, tone, label }: ShareBarProps) {
  const look = { className: styles.bar, 'data-tone': tone, style: { '--share': share } as Record<string, number> };
  if (label === null) return <div {...look} aria-hidden="true" />;
  return (
    <div
      {...look}
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.floor(share * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
    />
  );
}

/** Room that is used and room that is free, in bytes. */
export function RoomUsed({ usedBytes, allowedBytes }: { readonly usedBytes: number; readonly allowedBytes: number }) {
  const share = allowedBytes === 0 ? 1 : Math.min(1, usedBytes / allowedBytes);
  return (
    <div className={styles.room}>
      <ShareBar share={share} tone={share > FULL ? 'full' : 'quiet'} label={null} />
      <p className={styles.figures}>
        <span>{formatSize(usedBytes)} used</span>
        <span>{formatSize(Math.max(0, allowedBytes - usedBytes))} free</span>
      </p>
    </div>
  );
}
