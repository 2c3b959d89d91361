// The icons, drawn on a 24-unit grid with one stroke. Shown beside or inside a labelled control, so they are hidden from
// assistive technology themselves.

import type { ReactNode } from 'react';

/** Every icon there is. */
export type IconName =
  | 'play'
  | 'pause'
  | 'stop'
  | 'replay'
  | 'sound'
  | 'muted'
  | 'full'
  | 'window'
  | 'quality'
  | 'captions'
  | 'watch'
  | 'receipts'
  | 'module'
  | 'check'
  | 'cross'
  | 'clock'
  | 'dash'
  | 'warning'
  | 'copy'
  | 'download'
  | 'print'
  | 'lock'
  | 'key'
  | 'upload'
  | 'back'
  | 'right';

const SHAPES: Readonly<Record<IconName, ReactNode>> = {
  play: <path d="M8 5.5v13l10.5-6.5z" fill="currentColor" />,
  pause: <path d="M8 5.5v13M16 5.5v13" strokeWidth="3.5" />,
  stop: <rect x="6" y="6" width="12" height="12" rx="1.5" fill="currentColor" />,
  replay: <path d="M5 5v5h5M5.6 10A7.3 7.3 0 1 1 4.7 14" />,
  sound: <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11" />,
  muted: <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5" />,
  full: <path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />,
  window: <path d="M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5" />,
  quality: <path d="M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5" />,
  captions: <path d="M3.5 5.5h17v13h-17zM10.5 10.2a2.2 2.2 0 1 0 0 3.6M17 10.2a2.2 2.2 0 1 0 0 3.6" />,
  watch: <path d="M3.5 5.5h17v13h-17zM10.5 9.2v5.6l4.6-2.8z" />,
  receipts: <path d="M6 3.5h12v17l-2-1.6-2 1.6-2-1.6-2 1.6-2-1.6-2 1.6zM9 8.5h6M9 12.5h6" />,
  module: <path d="M6 6h12v12H6zM9.5 9.5h5v5h-5zM9 3v3M15 3v3M9 18v3M15 18v3M3 9h3M3 15h3M18 9h3M18 15h3" />,
  check: <path d="M5 12.5l4.5 4.5L19 7.5" strokeWidth="2" />,
  cross: <path d="M6.5 6.5l11 11M17.5 6.5l-11 11" strokeWidth="2" />,
  clock: <path d="M12 7v5.2l3.4 2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z" />,
  dash: <path d="M6 12h12" strokeWidth="2" />,
  warning: <path d="M12 4.5l8.5 15h-17zM12 10v4.5M12 16.6v.4" />,
  copy: <path d="M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4" />,
  download: <path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4.5 19.5h15" />,
  print: <path d="M7 9V4h10v5M7 17H4.5V9h15v8H17M7 14h10v6H7z" />,
  lock: <path d="M6 10.5h12v9H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5M12 14v2.2" />,
  key: (
    <path d="M8.2 19a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4zM10.9 12.7L19 4.6M15.8 7.8l2.6 2.6M13.4 10.2l1.6 1.6" />
  ),
  upload: <path d="M12 15.5v-11M7.5 9L12 4.5 16.5 9M4.5 19.5h15" />,
  back: <path d="M14.5 5.5L8 12l6.5 6.5" />,
  right: <path d="M9.5 5.5L16 12l-6.5 6.5" />,
};

/** One icon, `size` CSS pixels square. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[name]}
    </svg>
  );
}

/** Farebox's mark: a ticket with a notch on either side and its stub. */
export function Mark({ size = 24 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        fill="var(--accent)"
        d="M4 5h16a1.5 1.5 0 0 1 1.5 1.5V9a3 3 0 0 0 0 6v2.5A1.5 1.5 0 0 1 20 19H4a1.5 1.5 0 0 1-1.5-1.5V15a3 3 0 0 0 0-6V6.5A1.5 1.5 0 0 1 4 5z"
      />
      <path stroke="var(--room)" strokeWidth="1.6" strokeDasharray="2 2" d="M15.5 6v12" />
    </svg>
  );
}
