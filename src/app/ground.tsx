// What every page of the terminal's origin begins with: its ground to draw on, a browser that can, and the module in a frame. main.tsx and the
// pages of other players take it.

import { createRoot, type Root } from 'react-dom/client';
import { connectModule, type ModuleConnection } from '../host/connect.ts';
import { findMissing } from './browser-support.ts';
import { UnsupportedPage } from './unsupported-page.tsx';

/** A page that can be drawn. */
export type Ground = {
  readonly root: Root;
  /** The element of the module's frame, in no document yet: whoever takes it in does so once, and from then on it is never moved. */
  readonly moduleFrame: HTMLElement;
  readonly connection: ModuleConnection;
};

/** Null where the browser lacks something: then the page says what. @throws where the document was not built for it. */
export function takeGround(): Ground | null {
  const ground = document.querySelector('#root');
  const moduleOrigin = document.querySelector<HTMLMetaElement>('meta[name="farebox-module-origin"]')?.content;
  if (ground === null || moduleOrigin === undefined)
    throw new Error('The document lacks its root or its module origin.');
  const root = createRoot(ground);
  const missing = findMissing();
  if (missing.length > 0) {
    root.render(<UnsupportedPage missing={missing} />);
    return null;
  }
  const moduleFrame = document.createElement('div');
  const connection = connectModule({ container: moduleFrame, moduleOrigin, signal: new AbortController().signal });
  return { root, moduleFrame, connection };
}
