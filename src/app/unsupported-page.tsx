// The only screen of a browser that cannot run the module. Nothing was started before it is shown.

import { ErrorNote } from './ui/error-note.tsx';
import { Page } from './ui/page.tsx';

/** `missing` names what the browser lacks. */
export function UnsupportedPage({ missing }: { readonly missing: readonly string[] }) {
  return (
    <main>
      <Page title="Farebox cannot run here" narrow>
        <ErrorNote code="browser/unsupported" title="This browser lacks what the secure module needs" />
        <p>Missing here: {missing.join(', ')}.</p>
      </Page>
    </main>
  );
}
