// A button that carries receipts to the provider, and says so when that does not work now. Used in the drawer and on a receipt.

import type { ButtonLook } from '../ui/button.tsx';
import { WorkButton } from '../ui/work-button.tsx';

/** `settle` rejects with a FareboxError; its words are shown beside the button. */
export function SettleButton({
  word,
  look = 'plain',
  settle,
}: {
  readonly word: string;
  readonly look?: ButtonLook;
  settle(): Promise<void>;
}) {
  return <WorkButton word={word} busyWord="Being confirmed" look={look} end work={settle} />;
}
