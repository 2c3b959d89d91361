// What the module's origin wrote into its own document: whom to talk to and whom to believe. Read once at start.
// The terminal's page has no way to set either.

import { fromBase64Url } from '../../protocol/bytes.ts';

/** The terminal's origin, and the agency's Ed25519 public key of 32 bytes. */
export type DocumentSettings = { readonly terminalOrigin: string; readonly agencyKey: Uint8Array };

function metaContent(document: Document, name: string): string {
  const content = document.querySelector(`meta[name="${name}"]`)?.getAttribute('content');
  if (content === null || content === undefined) throw new Error(`the module's document has no ${name}`);
  return content;
}

/** Throws where the document was served without its settings: the module must not start then. */
export function readDocumentSettings(document: Document): DocumentSettings {
  const terminalOrigin = metaContent(document, 'farebox-terminal-origin');
  if (new URL(terminalOrigin).origin !== terminalOrigin) throw new Error('farebox-terminal-origin is no origin');
  const agencyKey = fromBase64Url(metaContent(document, 'farebox-agency-key'));
  if (agencyKey.byteLength !== 32) throw new Error('farebox-agency-key is not 32 bytes');
  return { terminalOrigin, agencyKey };
}
