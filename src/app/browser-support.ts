// What a browser must have before anything is started. Called by main.tsx; says which things are missing, decides nothing else.

const NEEDED = [
  ['pictures decoded in a worker (WebCodecs)', () => 'VideoDecoder' in globalThis && 'AudioDecoder' in globalThis],
  ['a canvas outside the page', () => 'OffscreenCanvas' in globalThis],
  ['sound from a worklet', () => 'AudioWorkletNode' in globalThis],
  ['a database', () => 'indexedDB' in globalThis],
  ['locks between tabs', () => 'locks' in navigator],
  ['a secure connection', () => window.isSecureContext],
] as const;

/** Names of what is missing; empty where everything is there. */
export function findMissing(): readonly string[] {
  return NEEDED.filter(([, isThere]) => !isThere()).map(([name]) => name);
}
