// The setting "claim by itself": on this device, claims are made without a press when a receipt was settled. Kept in the page's own notes.

import { useState } from 'react';
import { claimsByItself, setClaimsByItself } from '../../host/errands/claim-setting.ts';
import { useTerminal } from '../terminal-context.tsx';
import styles from './receipts-page.module.css';

/** A box to tick. What is possible already is claimed at once. */
export function ClaimByItself() {
  const { ports, catchUp } = useTerminal();
  const [on, setOn] = useState(() => claimsByItself(ports.notes));
  const change = (byItself: boolean): void => {
    setClaimsByItself(ports.notes, byItself);
    setOn(byItself);
    // What cannot be claimed now is when there is a line.
    if (byItself) void catchUp().catch(() => undefined);
  };
  return (
    <label className={styles.byItself}>
      <input type="checkbox" checked={on} onChange={(event) => change(event.target.checked)} />
      Claim by itself when something was not delivered as promised
    </label>
  );
}
