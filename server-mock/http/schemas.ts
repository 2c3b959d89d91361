// What the HTTP interface takes and gives (docs/protocol.md §11), as schemas: every input is decoded with one of these
// before anything looks at it, and the OpenAPI description is printed from them.

import { z } from '@hono/zod-openapi';
import { LIMITS } from '../../src/protocol/limits.ts';
import { OUTPUT_MODES } from '../../src/protocol/programme.ts';
import { exportAnswerSchema } from '../key-unit/registry.ts';
import { SERVER_LIMITS } from '../limits.ts';

const hexId = z.string().regex(/^[0-9a-f]{32}$/);
const contentHash = z.string().regex(/^[0-9a-f]{64}$/);
/** A protocol object as base64url; its length is bounded by the body limit of the route, its content by its own decoder. */
const object = z.string().regex(/^[\w-]+$/);

/** Header of every POST. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x20-\x7e]+$/)
    .max(SERVER_LIMITS.idempotencyKeyLength)
    .openapi({ description: 'Chosen by the caller, 1 to 128 printable ASCII characters, one for each operation.' }),
});

export const agencyAnswer = z
  .strictObject({ agencyKey: object, untrustedList: object })
  .openapi('Agency', { description: 'The agency’s Ed25519 key and its signed untrusted list.' });

export const catalogueAnswer = z
  .strictObject({
    programmes: z.array(
      z.strictObject({
        id: hexId,
        title: z.string(),
        durationMs: z.number().int(),
        frameCount: z.number().int(),
        currency: z.string(),
        priceMinor: z.number().int(),
        frameDurationMs: z.number().int(),
        poster: contentHash,
        rungs: z.array(z.string()),
        modes: z.array(z.enum(OUTPUT_MODES)),
        live: z
          .strictObject({
            startTime: z.number().int(),
            windowFrames: z.number().int(),
            edge: z.number().int(),
            ended: z.boolean(),
          })
          .nullable()
          .openapi({ description: 'How far a live programme is; null for one that is whole.' }),
        offlineMs: z
          .number()
          .int()
          .nullable()
          .openapi({ description: 'For how long it may be kept and watched with no line, ms; null where it may not.' }),
      }),
    ),
  })
  .openapi('Catalogue');

export const programmeParameters = z.object({ id: hexId });
export const liveUpdateParameters = z.object({
  id: hexId,
  number: z.string().regex(/^(0|[1-9]\d{0,5})$/),
});
export const programmeAnswer = z
  .strictObject({ programme: object, manifest: contentHash, providerCertificate: object })
  .openapi('Programme');

export const enrolmentBody = z.strictObject({ request: object }).openapi('EnrolmentRequest');
export const enrolmentAnswer = z.strictObject({ certificate: object }).openapi('Enrolment');

export const challengeBody = z.strictObject({ module: hexId.optional() }).openapi('ChallengeRequest', {
  description: 'The module that is going to answer; it may be left out only for one that was never met.',
});
export const challengeAnswer = z.strictObject({ challenge: object, providerCertificate: object }).openapi('Challenge');

/** What every contact of a module comes with (docs/protocol.md §5). */
const contact = { response: object, certificate: object } as const;

export const sessionBody = z
  .strictObject({
    ...contact,
    programme: hexId,
    from: z
      .number()
      .int()
      .min(0)
      .max(LIMITS.frameNumbers - 1),
    mode: z.enum(OUTPUT_MODES),
    sequence: z.enum(['logistic']).optional().openapi({
      description: 'The documents’ own sequence function in place of the programme’s; weak, never the default.',
    }),
    deliveryId: hexId.optional().openapi({
      description: 'Under which the terminal asks for the content of this session: CMCD `sid` of the content requests.',
    }),
    offline: z.boolean().optional().openapi({
      description:
        'For watching with no line until the time that the programme offers: all frames from `from`, or none.',
    }),
  })
  .openapi('SessionRequest');
export const sessionAnswer = z
  .strictObject({ grant: object, contract: object.optional(), providerCertificate: object })
  .openapi('Session');

export const receiptBody = z.strictObject({ ...contact, receiptFile: object }).openapi('ReceiptDelivery');
export const receiptAnswer = z.strictObject({ acknowledgement: object }).openapi('ReceiptAcknowledgement');

export const claimBody = z.strictObject({ ...contact, claim: object, receiptFile: object }).openapi('Claim');
export const claimAnswer = z.strictObject({ verdict: object }).openapi('ClaimAnswer');

export const standingBody = z.strictObject(contact).openapi('StandingRequest');
export const standingAnswer = z.strictObject({ standing: object, providerCertificate: object }).openapi('Standing');

export const papersBody = z
  .strictObject({ ...contact, sessions: z.array(hexId).min(1).max(LIMITS.papers) })
  .openapi('PapersRequest');
export const papersAnswer = z.strictObject({ receiptFiles: z.array(object) }).openapi('Papers');

export const backupParameters = z.object({ locator: hexId });
export const backupBody = z
  .strictObject({ ...contact, locator: hexId, backup: object })
  .openapi('BackupDelivery', { description: `At most ${SERVER_LIMITS.backupSizeBytes} bytes of sealed file.` });
export const backupAnswer = z.strictObject({}).openapi('BackupKept');

export const transportKeyBody = z.strictObject(contact).openapi('TransportKeyRequest');
export const transportKeyAnswer = z
  .strictObject({ transportKey: object, providerCertificate: object })
  .openapi('TransportKey');

export const keyExportBody = z
  .strictObject({
    ...contact,
    keys: z
      .array(z.strictObject({ reference: z.string().max(LIMITS.keyReferenceLength), random: hexId }))
      .min(1)
      .max(SERVER_LIMITS.keysPerContact),
  })
  .openapi('KeyExportRequest');
export const keyExportAnswer = z.strictObject({ answers: z.array(exportAnswerSchema) }).openapi('KeyExport');

export const agreementBody = z.strictObject(contact).openapi('KeyAgreementRequest');
export const agreementAnswer = z
  .strictObject({
    agreement: object,
    providerCertificate: object,
    keys: z.array(z.strictObject({ reference: z.string(), version: z.number().int().positive(), pin: z.boolean() })),
  })
  .openapi('KeyAgreement');
export const acceptanceBody = z.strictObject({ ...contact, acceptance: object }).openapi('KeyAcceptance');
export const acceptanceAnswer = z.strictObject({ number: z.number().int().positive() }).openapi('KeyAgreementAccepted');

export const tokenBody = z.strictObject({ module: hexId }).openapi('TokenRequest');
export const tokenAnswer = z
  .strictObject({
    ticket: object,
    token: object,
    counter: z.number().int(),
    agreement: z.number().int(),
    index: z.number().int().optional().openapi({ description: 'Under the rule `server`.' }),
  })
  .openapi('Token');

export const pinBody = z.strictObject({ ...contact, pin: object }).openapi('PinSignIn');
export const pinAnswer = z.strictObject({ application: z.string() }).openapi('PinApplication');

export const cardBody = z.strictObject({ ...contact, concealed: object }).openapi('ConcealedCard');
export const cardAnswer = z
  .strictObject({ card: z.strictObject({ last4: z.string(), expiry: z.string() }) })
  .openapi('Card');

export const cardRemovalBody = z.strictObject(contact).openapi('CardRemoval');
export const cardRemovalAnswer = z.strictObject({}).openapi('CardRemoved');
