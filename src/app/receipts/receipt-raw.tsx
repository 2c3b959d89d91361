// The raw object of a receipt: shown in words on demand, copied, and downloaded as the file that anyone can verify.

import { useState } from 'react';
import { formatSize } from '../format.ts';
import type { ReceiptDetail } from '../state/receipt-detail.ts';
import { Button } from '../ui/button.tsx';
import { download } from '../ui/download.ts';
import styles from './receipt-page.module.css';

/** The part under the checks. */
export function ReceiptRaw({ detail }: { readonly detail: ReceiptDetail }) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no');
  const copy = (): void => {
    navigator.clipboard.writeText(detail.raw).then(
      () => setCopied('yes'),
      () => setCopied('refused'),
    );
  };
  return (
    <section className={styles.part} aria-labelledby="raw">
      <h2 id="raw" className={styles.heading}>
        The receipt itself
      </h2>
      <p className={styles.lead}>
        {formatSize(detail.file.byteLength)}. Anyone who has the agency's public key can check this file, without asking
        anyone.
      </p>
      <div className={styles.actions}>
        <Button icon="download" onClick={() => download(detail.file, `receipt-${detail.session.slice(0, 8)}.farebox`)}>
          Download .farebox
        </Button>
        <Button icon="copy" onClick={copy}>
          {copied === 'yes' ? 'Copied' : copied === 'refused' ? 'The browser refused' : 'Copy as text'}
        </Button>
      </div>
      <details className={styles.details}>
        <summary>Show the raw object</summary>
        {/* Long lines scroll inside; the region has to be reachable by keyboard for that. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take focus to be scrolled by keys. */}
        <pre className={styles.raw} tabIndex={0}>
          {detail.raw}
        </pre>
      </details>
    </section>
  );
}
