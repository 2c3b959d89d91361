// Reads one `Range` header against a file's size (RFC 9110 §14). Pure. Several ranges in one request are answered with
// the whole file, as the RFC allows: no player of ours asks for them.

/** What to send: the whole, one part `[from, to)`, or nothing because the part asked for is not there. */
export type ByteRange =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly from: number; readonly to: number }
  | { readonly kind: 'unsatisfiable' };

const ONE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** Decodes a header. A header that is not one `bytes` range is ignored (RFC 9110 §14.2), so answered with the whole. */
export function decodeByteRange(header: string | undefined, sizeBytes: number): ByteRange {
  const [, first, last] = header === undefined ? [] : (ONE_RANGE.exec(header) ?? []);
  if (first === undefined || last === undefined || (first === '' && last === '')) return { kind: 'whole' };
  if (first === '') {
    const suffixBytes = Number(last);
    if (suffixBytes === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
    return { kind: 'part', from: Math.max(0, sizeBytes - suffixBytes), to: sizeBytes };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return { kind: 'whole' };
  if (from >= sizeBytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', from, to: last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1) };
}
