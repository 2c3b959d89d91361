// Vectors of keys that are downloaded and derived, and of the logistic function (docs/protocol.md §23 to §25). For build.ts.

import { toHex, utf8 } from '../bytes.ts';
import { acceptKeyAgreement, makeKeyAgreement } from '../derived-keys/agreement.ts';
import { answerToken, concealNumber, deriveDerivedKey, signMessage } from '../derived-keys/dea.ts';
import { derivePinMask, maskSeriesKey } from '../derived-keys/pin.ts';
import { deriveSeriesNumber } from '../derived-keys/series.ts';
import { decodeModuleId, hashObject } from '../ids.ts';
import { checkValueOf, diversifyKey, type KeyPurpose } from '../key-unit/application-key.ts';
import { exportKey } from '../key-unit/export-key.ts';
import { deriveOperationKey, type OperationUse, withOperationKeys } from '../key-unit/operation-key.ts';
import { encodeKeySlot } from '../key-unit/references.ts';
import { grantLogistic, stepLogistic } from '../sequence/logistic.ts';
import { sequenceFunction, sessionSequence } from '../sequence/sequence.ts';
import { bytesOf, type Cast, NOW } from './cast.ts';

const UNIT = decodeModuleId(bytesOf('unit', 16));
const USES: readonly OperationUse[] = ['ALGO2', 'SAS', 'CAS'];
const PURPOSES: readonly (readonly [string, KeyPurpose])[] = [
  ['wallet', { kind: 'key', count: 0 }],
  ['master', { kind: 'master', count: 0 }],
  ['watch', { kind: 'series', count: 300 }],
];

/** T, T1, and for each kind of application key the command EXPORTKEY with its answer, member by member. */
export function keyUnitVectors() {
  const transport = { set: bytesOf('set', 16), transportKey: bytesOf('transport key') };
  const random = bytesOf('R', 16);
  const operationKeys = withOperationKeys(transport, UNIT, (keys) => USES.map((use) => toHex(keys(use, random))));
  return {
    set: toHex(transport.set),
    transportKey: toHex(transport.transportKey),
    unit: UNIT,
    random: toHex(random),
    operationKey: toHex(deriveOperationKey(transport, UNIT)),
    algo2Key: operationKeys[0] ?? '',
    sasKey: operationKeys[1] ?? '',
    casKey: operationKeys[2] ?? '',
    exports: PURPOSES.map(([reference, purpose], at) => {
      const slot = { reference, version: at + 1 };
      const material = bytesOf(`material ${reference}`);
      const nonce = bytesOf(`nonce ${reference}`, 12);
      const application = diversifyKey({ material, set: transport.set, unit: UNIT, slot, purpose });
      const exported = exportKey({ transport, unit: UNIT, random }, { slot, application, nonce });
      return {
        reference,
        slot: encodeKeySlot(slot),
        ...purpose,
        material: toHex(material),
        applicationKey: toHex(application.applicationKey),
        checkValue: toHex(checkValueOf(application.applicationKey)),
        nonce: toHex(nonce),
        sealedKey: toHex(exported.sealedKey),
        signature: toHex(exported.signature),
        certificate: toHex(exported.certificate),
      };
    }),
  };
}

/** Series numbers, DEA1, the three uses of DEA2, a PIN's mask, and an agreement with its acceptance. */
export async function derivedKeyVectors(cast: Cast) {
  const masterKey = bytesOf('master key');
  const seriesKey = bytesOf('series key');
  const pinSecret = bytesOf('PIN secret');
  const token = bytesOf('token');
  const context = utf8('farebox vector context');
  const nonce = bytesOf('DEA2 nonce', 12);
  const confidential = utf8('4111111111111111');
  const mask = await derivePinMask('4711', pinSecret, 'wallet');
  return {
    masterKey: toHex(masterKey),
    seriesKey: toHex(seriesKey),
    token: toHex(token),
    context: toHex(context),
    nonce: toHex(nonce),
    confidential: toHex(confidential),
    derived: [
      { agreement: 1, index: 0 },
      { agreement: 1, index: 4_095 },
      { agreement: 2 ** 32 - 1, index: 7 },
    ].map(({ agreement, index }) => {
      const seriesNumber = deriveSeriesNumber(seriesKey, index);
      const derivedKey = deriveDerivedKey(masterKey, agreement, seriesNumber);
      return {
        agreement,
        index,
        seriesNumber: toHex(seriesNumber),
        derivedKey: toHex(derivedKey),
        tag: toHex(answerToken(derivedKey, token, context)),
        concealed: toHex(concealNumber(derivedKey, { nonce, context, confidential })),
        signature: toHex(signMessage(derivedKey, confidential)),
      };
    }),
    pin: {
      pin: '4711',
      pinSecret: toHex(pinSecret),
      reference: 'wallet',
      mask: toHex(mask),
      masked: toHex(maskSeriesKey(seriesKey, mask)),
    },
    agreed: await agreedVector(cast),
  };
}

/** An agreement on two series sets, one of them chosen by a PIN, and its acceptance, as COSE bytes with the certificates that they need. */
async function agreedVector({ provider, module }: Cast) {
  const agreement = {
    module: decodeModuleId(module.certificate.subject),
    number: 7,
    rule: 'counter',
    master: { reference: 'master', version: 2 },
    series: [
      { slot: { reference: 'wallet', version: 1 }, retired: [], pin: true },
      { slot: { reference: 'watch', version: 3 }, retired: [0, 23, 4_095], pin: false },
    ],
    issuedAt: NOW,
  } as const;
  const bytes = await makeKeyAgreement({ signer: provider.signer, agreement });
  const agreementHash = hashObject(bytes);
  const acceptance = await acceptKeyAgreement({
    ...{ signer: module.signer, provider: provider.certificate, now: NOW },
    agreement: { ...agreement, agreementHash },
  });
  return {
    providerCertificate: toHex(provider.certificateBytes),
    moduleCertificate: toHex(module.certificateBytes),
    agreement: toHex(bytes),
    agreementHash,
    acceptance: toHex(acceptance),
  };
}

/** Steps of the map, and a session's nodes over a programme of the function `tree`, before and after one frame. */
export function logisticVectors() {
  const seed = bytesOf('tree seed');
  const functionSecret = bytesOf('logistic function');
  const { keyAt } = sequenceFunction('tree');
  const ranges = [
    [5, 7],
    [9, 10],
  ] as const;
  const nodes = grantLogistic({ keyAt: (frame) => keyAt(seed, frame), ranges, functionSecret });
  const listed = (list: typeof nodes) =>
    list.map(({ level, index, secret }) => ({ level, index, secret: toHex(secret) }));
  const state = sessionSequence('logistic').restore(nodes);
  state.at(6);
  return {
    steps: [1n, 2n ** 127n, BigInt(`0x${toHex(bytesOf('logistic x', 16))}`)].map((x) => {
      const step = stepLogistic(x, 34);
      const hexOf = (value: bigint) => value.toString(16).padStart(32, '0');
      return { x: hexOf(x), iterations: 34, next: hexOf(step.x), exposed: step.exposed };
    }),
    programmeSeed: toHex(seed),
    functionSecret: toHex(functionSecret),
    ranges: ranges.map(([from, to]) => [from, to]),
    granted: listed(nodes),
    afterFrame6: listed(state.snapshot()),
  };
}
