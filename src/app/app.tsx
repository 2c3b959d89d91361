// The shell: navigation, the stage, the notices that concern every screen, and the screens themselves. The way to the first picture
// is in the first script, the other screens are loaded when they are gone to. The stage stands here and not on a page because the
// module's frame must never be moved.

import { Suspense, useState } from 'react';
import { Route, Switch } from 'wouter';
import styles from './app.module.css';
import { Navigation } from './navigation.tsx';
import { Notices } from './notices.tsx';
import { useStore, useTerminal } from './terminal-context.tsx';
import { lazyPart } from './ui/lazy-part.ts';
import { CataloguePage } from './watch/catalogue-page.tsx';
import { ProgrammePage } from './watch/programme-page.tsx';
import { Stage } from './watch/stage.tsx';

const ReceiptsPage = lazyPart(async () => (await import('./receipts/receipts-page.tsx')).ReceiptsPage);
const ReceiptPage = lazyPart(async () => (await import('./receipts/receipt-page.tsx')).ReceiptPage);
const DownloadsPage = lazyPart(async () => (await import('./downloads/downloads-page.tsx')).DownloadsPage);
const ModulePage = lazyPart(async () => (await import('./module/module-page.tsx')).ModulePage);

const NotFoundPage = lazyPart(async () => (await import('./not-found-page.tsx')).NotFoundPage);

const DrawPage = lazyPart(async () => (await import('./board/draw-page.tsx')).DrawPage);

/** `moduleFrame` holds the module's iframe. */
export function App({ moduleFrame }: { readonly moduleFrame: HTMLElement }) {
  const [area, setArea] = useState<HTMLElement | null>(null);
  // While the module asks on its own surface, the page behind can be neither pressed nor read.
  const asking = useStore(useTerminal().asking);
  return (
    <div className={styles.app} data-asking={asking ? '' : undefined}>
      <div inert={asking}>
        <Navigation />
      </div>
      <Notices inert={asking} />
      <Stage moduleFrame={moduleFrame} area={area} asking={asking} />
      <main inert={asking}>
        <Suspense fallback={<div className={styles.coming} />}>
          <Switch>
            <Route path="/">
              <CataloguePage />
            </Route>
            <Route path="/watch/:id">{({ id }) => <ProgrammePage key={id} programmeId={id} onArea={setArea} />}</Route>
            <Route path="/downloads">
              <DownloadsPage />
            </Route>
            <Route path="/receipts">
              <ReceiptsPage />
            </Route>
            <Route path="/receipts/:session">{({ session }) => <ReceiptPage key={session} session={session} />}</Route>
            <Route path="/module">
              <ModulePage />
            </Route>
            <Route path="/board/:id/draw">{({ id }) => <DrawPage key={id} boardId={id} />}</Route>
            <Route>
              <NotFoundPage />
            </Route>
          </Switch>
        </Suspense>
      </main>
    </div>
  );
}
