// Media types of what is served: by name for files of a build, by their first bytes for content files, which have no
// name. A type is a courtesy to the browser; every answer is also sent with nosniff.

const BY_EXTENSION: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json; charset=utf-8',
  map: 'application/json; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json; charset=utf-8',
  webp: 'image/webp',
  woff2: 'font/woff2',
};

/** What a file is that nothing else is known of. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/** Media type of a file name. */
export function mediaTypeOfName(name: string): string {
  return BY_EXTENSION[name.slice(name.lastIndexOf('.') + 1)] ?? UNKNOWN_TYPE;
}

/** First bytes `mediaTypeOfBytes` wants to see. */
export const LEADING_BYTES = 12;

/** Media type of a poster (JPEG, PNG, WebP) by its first 12 bytes; everything else is ciphertext or CBOR. */
export function mediaTypeOfBytes(leading: Uint8Array): string {
  if (startsWith(leading, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  if (startsWith(leading, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png';
  const riff = startsWith(leading, [0x52, 0x49, 0x46, 0x46]);
  if (riff && startsWith(leading.subarray(8), [0x57, 0x45, 0x42, 0x50])) return 'image/webp';
  return UNKNOWN_TYPE;
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, at) => bytes[at] === byte);
}
