// The downloads for a component: loaded when it is first drawn, read anew now and whenever the module says that something has changed.

import { useEffect, useState } from 'react';
import type { Downloads } from '../../player/offline/downloads.ts';
import { useTerminal } from '../terminal-context.tsx';

/** Null until they are here. */
export function useDownloads(): Downloads | null {
  const { ports } = useTerminal();
  const [downloads, setDownloads] = useState<Downloads | null>(null);
  useEffect(() => {
    let left = false;
    const refresh = (opened: Downloads): void => void opened.refresh().catch(() => undefined);
    void ports.kept.downloads().then((opened) => {
      if (left) return;
      setDownloads(opened);
      refresh(opened);
    });
    const endEvents = ports.module.onEvent((event) => {
      if (event.type === 'changed' && event.what !== 'status') void ports.kept.downloads().then(refresh);
    });
    return () => {
      left = true;
      endEvents();
    };
  }, [ports]);
  return downloads;
}
