// WebAuthn with the PRF extension: makes a passkey, or asks one for its PRF output. Runs in the window because WebAuthn exists only there.
// A credential is never serialised: its JSON holds the PRF output. Only credential id and output leave here, in buffers of their own.

import { toBase64Url } from '../../../protocol/bytes.ts';
import { FRAME_LIMITS } from '../frame-limits.ts';

/** What a passkey gave: its credential id, and 32 bytes that only it can make from the salt. */
export type PasskeyOutput = { readonly credentialId: Uint8Array; readonly prfOutput: Uint8Array };

/** `failed`: the person stopped it, or time ran out, or it is not the right authenticator. `unavailable`: there is no PRF to be had here. */
export type PasskeyResult = PasskeyOutput | 'failed' | 'unavailable';

/** A passkey that is known, and the salt for it. */
export type KnownPasskey = { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array };

/** What a new passkey is made with. `findable`: it has to be one that the authenticator finds by itself, without its id. */
export type NewPasskey = {
  readonly userName: string;
  readonly userId: Uint8Array;
  readonly prfSalt: Uint8Array;
  readonly findable: boolean;
};

const PRF_OUTPUT_BYTES = 32;
const CHALLENGE_BYTES = 32;

/** COSE algorithms: Ed25519, ES256, RS256. Its signature is used by nobody; any that the authenticator has will do. */
const ALGORITHMS = [-8, -7, -257];

/** Errors of WebAuthn that asking again does not mend: no such authenticator, no permission in this frame. */
const FINAL_ERRORS = ['NotSupportedError', 'SecurityError', 'ConstraintError', 'NotReadableError'];

/** Makes a passkey in the authenticator; needs a press of the person just before. */
export async function makePasskey(passkey: NewPasskey, signal: AbortSignal): Promise<PasskeyResult> {
  if (!(await mayHavePrf())) return 'unavailable';
  const created = await attempt(() =>
    navigator.credentials.create({
      signal,
      publicKey: {
        rp: { id: location.hostname, name: 'Farebox' },
        user: { id: ownBytes(passkey.userId), name: passkey.userName, displayName: passkey.userName },
        challenge: crypto.getRandomValues(new Uint8Array(CHALLENGE_BYTES)),
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        // PRF gives other bytes with the person verified than without: so verified always, here and at every use.
        authenticatorSelection: {
          residentKey: passkey.findable ? 'required' : 'preferred',
          userVerification: 'required',
        },
        attestation: 'none',
        timeout: FRAME_LIMITS.passkeyTimeoutMs,
        extensions: { prf: { eval: { first: ownBytes(passkey.prfSalt) } } },
      },
    }),
  );
  if (!(created instanceof PublicKeyCredential)) return created;
  const prf = created.getClientExtensionResults().prf;
  if (prf?.enabled !== true && prf?.results === undefined) return 'unavailable';
  const output = takeOutput(created);
  if (output !== null) return output;
  // Many authenticators evaluate only at use: ask the new one at once.
  return askPasskey([{ credentialId: new Uint8Array(created.rawId), prfSalt: passkey.prfSalt }], signal);
}

/** Asks one of these passkeys for its output. */
export async function askPasskey(known: readonly KnownPasskey[], signal: AbortSignal): Promise<PasskeyResult> {
  if (!('PublicKeyCredential' in window)) return 'unavailable';
  const evalByCredential = Object.fromEntries(
    known.map(({ credentialId, prfSalt }) => [toBase64Url(credentialId), { first: ownBytes(prfSalt) }]),
  );
  const ids = known.map(({ credentialId }) => credentialId);
  return getOutput(ids, { evalByCredential }, signal);
}

/** Asks whichever passkey the person chooses of those that their authenticators find by themselves. */
export async function findPasskey(prfSalt: Uint8Array, signal: AbortSignal): Promise<PasskeyResult> {
  if (!('PublicKeyCredential' in window)) return 'unavailable';
  return getOutput([], { eval: { first: ownBytes(prfSalt) } }, signal);
}

async function getOutput(
  allowed: readonly Uint8Array[],
  prf: AuthenticationExtensionsPRFInputs,
  signal: AbortSignal,
): Promise<PasskeyResult> {
  const got = await attempt(() =>
    navigator.credentials.get({
      signal,
      publicKey: {
        rpId: location.hostname,
        challenge: crypto.getRandomValues(new Uint8Array(CHALLENGE_BYTES)),
        allowCredentials: allowed.map((id) => ({ type: 'public-key', id: ownBytes(id) })),
        userVerification: 'required',
        timeout: FRAME_LIMITS.passkeyTimeoutMs,
        extensions: { prf },
      },
    }),
  );
  return got instanceof PublicKeyCredential ? (takeOutput(got) ?? 'unavailable') : got;
}

/** False where the browser says for certain that there is no PRF, so that no passkey is made for nothing. */
async function mayHavePrf(): Promise<boolean> {
  if (!('PublicKeyCredential' in window)) return false;
  if (!('getClientCapabilities' in PublicKeyCredential)) return true;
  const capabilities = await PublicKeyCredential.getClientCapabilities();
  return capabilities['extension:prf'] !== false;
}

async function attempt(
  call: () => Promise<Credential | null>,
): Promise<PublicKeyCredential | 'failed' | 'unavailable'> {
  try {
    const credential = await call();
    return credential instanceof PublicKeyCredential ? credential : 'failed';
  } catch (error) {
    return error instanceof DOMException && FINAL_ERRORS.includes(error.name) ? 'unavailable' : 'failed';
  }
}

/** Copies the output out and wipes where it was; null where the authenticator gave none. */
function takeOutput(credential: PublicKeyCredential): PasskeyOutput | null {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return null;
  const given = ArrayBuffer.isView(first)
    ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength)
    : new Uint8Array(first);
  const prfOutput = given.slice();
  given.fill(0);
  if (prfOutput.byteLength !== PRF_OUTPUT_BYTES) return null;
  return { credentialId: new Uint8Array(credential.rawId).slice(), prfOutput };
}

function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
