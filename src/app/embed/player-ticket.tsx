// The running count on /embed/player.html: frames and price while it plays, small, in a corner of the picture; and the way to the receipt.

import { useState } from 'react';
import { formatMeteredAmount } from '../../protocol/amount.ts';
import { useStore } from '../terminal-context.tsx';
import { Button } from '../ui/button.tsx';
import { download } from '../ui/download.ts';
import styles from './player.module.css';
import type { PlayerPageParts } from './player-curtain.tsx';

/** Draws the count of the session that is open; nothing before and after. */
export function PlayerTicket({ player }: Pick<PlayerPageParts, 'player'>) {
  const { tally, phase, trouble } = useStore(player.state);
  if (tally === null || phase === 'idle' || phase === 'stopped' || phase === 'stopping' || phase === 'failed')
    return null;
  return (
    <div className={styles.ticket}>
      <p
        className={styles.count}
        role="img"
        aria-label={`${tally.count} frames counted, ${formatMeteredAmount(tally.spent)}`}
      >
        {tally.count} {tally.count === 1 ? 'frame' : 'frames'} · {formatMeteredAmount(tally.spent)}
      </p>
      {trouble?.startsWith('network/') ? (
        <p className={styles.trouble}>The line is bad; Farebox goes on trying.</p>
      ) : null}
      <button type="button" className={styles.stop} onClick={player.stop}>
        Stop and get the receipt
      </button>
    </div>
  );
}

/**
 * The receipt: a link where this page stands by itself. Inside another site's page the browser may keep this module apart from the one that a
 * person has here, so there the file is handed over on the spot.
 */
export function ReceiptWay({
  ports,
  framed,
  session,
}: Pick<PlayerPageParts, 'ports' | 'framed'> & { readonly session: string }) {
  const [failed, setFailed] = useState(false);
  if (!framed) {
    return (
      <a className={styles.link} href={`/receipts/${session}`}>
        Open the receipt
      </a>
    );
  }
  const save = (): void => {
    ports.module.call('receiptFile', { session }).then(
      ({ receiptFile }) => download(new Uint8Array(receiptFile), `receipt-${session.slice(0, 8)}.farebox`),
      () => setFailed(true),
    );
  };
  return (
    <>
      <Button icon="download" onClick={save}>
        Save the receipt
      </Button>
      {failed ? <p className={styles.small}>The receipt is kept here; it could not be read now.</p> : null}
    </>
  );
}
