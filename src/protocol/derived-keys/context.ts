// What both sides of DEA2 know of a contact (docs/protocol.md §24), authenticated with every tag and every confidential number: so that none of
// them means anything for another purpose, another provider, another module or under another agreement.

import type { Bytes } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { idBytes, type ModuleId, type ProviderId } from '../ids.ts';

/** What a derived key is used for. */
export type DerivedKeyPurpose = 'farebox/sign-in' | 'farebox/confidential';

/** CBOR `[purpose, 1, provider id, module id, agreement number]`. */
export function derivedKeyContext(known: {
  purpose: DerivedKeyPurpose;
  provider: ProviderId;
  module: ModuleId;
  agreement: number;
}): Bytes {
  return encodeCbor([known.purpose, 1, idBytes(known.provider), idBytes(known.module), known.agreement]);
}
