// The requests of docs/protocol.md §23 and §24 as typed calls: keys by download, agreements, fig. 2's token, a PIN, a card. Like provider.ts it
// carries objects that it cannot read. Loaded when it is needed, since the first picture does without it.

import { toBase64Url, toHex } from '../protocol/bytes.ts';
import { decodeKeptAnswer } from './answers.ts';
import {
  decodeAcceptanceAnswer,
  decodeAgreementAnswer,
  decodeCardAnswer,
  decodeExportAnswer,
  decodePinAnswer,
  decodeTokenAnswer,
  decodeTransportAnswer,
} from './key-answers.ts';
import { HOST_LIMITS } from './limits.ts';
import type { Contacted, ProviderPosts } from './provider.ts';

type Sent = Uint8Array<ArrayBuffer>;

/** The calls. Each throws FareboxError: the provider's own code, or `network/*`; an abort throws its reason. */
export type KeyRequests = ReturnType<typeof makeKeyRequests>;

const BOUNDS = { answerSizeBytes: HOST_LIMITS.keyAnswerSizeBytes };

/** Makes the calls over a provider's posts. */
export function makeKeyRequests({ post, contact }: ProviderPosts) {
  return {
    /** The transport key of the set that the module is in, or is taken into. */
    transport: (contacted: Contacted) => contact('/keys/transport', contacted, {}, decodeTransportAnswer, BOUNDS),
    /** The agreement that is wanted now, and every key that it names. */
    agreement: (contacted: Contacted) => contact('/keys/agreement', contacted, {}, decodeAgreementAnswer, BOUNDS),
    acceptance: (contacted: Contacted & { readonly acceptance: Sent }) =>
      contact(
        '/keys/acceptance',
        contacted,
        { acceptance: toBase64Url(contacted.acceptance) },
        decodeAcceptanceAnswer,
        BOUNDS,
      ),
    /** EXPORTKEY. `keys`: 1 to 16, each with the R (16 bytes) that the module drew for it. */
    exportKeys: (
      contacted: Contacted & { readonly keys: readonly { readonly reference: string; readonly random: Uint8Array }[] },
    ) =>
      contact(
        '/keys/export',
        contacted,
        { keys: contacted.keys.map(({ reference, random }) => ({ reference, random: toHex(random) })) },
        decodeExportAnswer(contacted.keys.length),
        BOUNDS,
      ),
    /** `module`: id of the module that is going to answer, 32 hex digits. */
    token: (module: string, signal: AbortSignal) =>
      post('/keys/token', { module }, decodeTokenAnswer, { signal, ...BOUNDS }),
    pin: (contacted: Contacted & { readonly pin: Sent }) =>
      contact('/keys/pin', contacted, { pin: toBase64Url(contacted.pin) }, decodePinAnswer, BOUNDS),
    /** Gives the provider a card. */
    confide: (contacted: Contacted & { readonly concealed: Sent }) =>
      contact('/confidential', contacted, { concealed: toBase64Url(contacted.concealed) }, decodeCardAnswer, BOUNDS),
    /** Takes the card back from the provider. */
    removeCard: (contacted: Contacted) => contact('/confidential/removal', contacted, {}, decodeKeptAnswer, BOUNDS),
  };
}
