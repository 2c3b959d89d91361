// What both sides of DEA2 know of a contact (docs/protocol.md §24), authenticated with every tag and every confidential number: so that none of
// them means anything for another purpose, another provider, another module, under another agreement, or from another place in the record.

import type { Bytes } from '../bytes.ts';
import { type CborValue, encodeCbor } from '../cbor.ts';
import { idBytes, type ModuleId, type ProviderId } from '../ids.ts';
import type { SignInMessage } from './sign-in.ts';

/** What a derived key is used for. */
export type DerivedKeyPurpose = 'farebox/sign-in' | 'farebox/pin' | 'farebox/confidential';

/** Between whom, and under the agreement of which number. */
export type DerivedKeyParties = Readonly<{ provider: ProviderId; module: ModuleId; agreement: number }>;

function contextOf(purpose: DerivedKeyPurpose, known: DerivedKeyParties, more: readonly CborValue[]): Bytes {
  return encodeCbor([purpose, 1, idBytes(known.provider), idBytes(known.module), known.agreement, ...more]);
}

/** Of the tags of a sign-in message: all that it says of the module's place is in it. `device` 16 bytes, heads 32. */
export function signInContext(
  known: DerivedKeyParties &
    Readonly<{ place: Pick<SignInMessage, 'device' | 'epoch' | 'counter' | 'head' | 'pastHead'> }>,
): Bytes {
  const { device, epoch, counter, head, pastHead } = known.place;
  return contextOf('farebox/sign-in', known, [device, epoch, counter, head, pastHead]);
}

/** Of the tags that go with a PIN. */
export function pinContext(known: DerivedKeyParties): Bytes {
  return contextOf('farebox/pin', known, []);
}

/** Of a confidential number; `token` (32 bytes) ties it to the sign-in message beside it. */
export function confidentialContext(known: DerivedKeyParties & Readonly<{ token: Uint8Array }>): Bytes {
  return contextOf('farebox/confidential', known, [known.token]);
}
