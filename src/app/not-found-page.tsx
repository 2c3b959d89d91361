// What stands at an address that leads nowhere.

import { ButtonLink } from './ui/button.tsx';
import { Page } from './ui/page.tsx';

/** The screen for every other address. */
export function NotFoundPage() {
  return (
    <Page title="There is nothing here" narrow>
      <p>The address may be mistyped, or what stood here was taken away. Your receipts are where they were.</p>
      <p>
        <ButtonLink look="filled" icon="watch" href="/">
          See what there is
        </ButtonLink>
      </p>
    </Page>
  );
}
