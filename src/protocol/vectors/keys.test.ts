// Keys that are downloaded and derived, and the logistic function, against what was written: SD-2 to SD-4, MC-2 to MC-5, BT-6. That the files
// are what build.ts makes is seen in vectors.test.ts; here they are read by the other side, and by primitives that the code does not use.

import { createDecipheriv, createHmac, hkdfSync, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { concatBytes, fromHex, toHex, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { verifyCertificate } from '../certificate.ts';
import { verifyKeyAcceptance, verifyKeyAgreement } from '../derived-keys/agreement.ts';
import { isAnswerTo, revealNumber } from '../derived-keys/dea.ts';
import { u32be } from '../derived-keys/kdf.ts';
import { decodeContentHash, decodeModuleId } from '../ids.ts';
import { importKey } from '../key-unit/export-key.ts';
import { sequenceFunction, sessionSequence } from '../sequence/sequence.ts';
import { webCryptoSuite } from '../suite/webcrypto.ts';
import { cmacOracle } from '../testing/cmac-oracle.ts';
import { makeCast, NOW } from './cast.ts';

const hex = z.string().transform(fromHex);
const read = <Shape extends z.ZodType>(file: string, shape: Shape): z.output<Shape> =>
  shape.parse(JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')));

describe('key-unit.json', () => {
  const vector = read(
    'key-unit.json',
    z.object({
      ...{ set: hex, transportKey: hex, unit: z.string(), random: hex },
      ...{ operationKey: hex, algo2Key: hex, sasKey: hex, casKey: hex },
      exports: z.array(
        z.object({
          ...{ reference: z.string(), slot: z.string(), kind: z.string(), count: z.number() },
          ...{ material: hex, applicationKey: hex, checkValue: hex },
          ...{ nonce: hex, sealedKey: hex, signature: hex, certificate: hex },
        }),
      ),
    }),
  );
  const unit = fromHex(vector.unit);
  const head = (what: string, slot: string) => [`farebox/${what}`, 1, vector.set, unit, vector.random, slot];

  test('SD-4: T1 is HKDF of T under the unit’s serial number, and its three keys are expanded from it', () => {
    const info = concatBytes(utf8('farebox/1 ALGO1'), vector.set);
    expect(toHex(new Uint8Array(hkdfSync('sha256', vector.transportKey, unit, info, 32)))).toBe(
      toHex(vector.operationKey),
    );
    // HKDF-Expand of one block is HMAC(T1, info ‖ 01).
    const expanded = (text: string, context: Uint8Array) =>
      createHmac('sha256', vector.operationKey)
        .update(utf8(text))
        .update(context)
        .update(Uint8Array.of(1))
        .digest('hex');
    expect(expanded('farebox/1 ALGO2', vector.random)).toBe(toHex(vector.algo2Key));
    expect(expanded('farebox/1 SAS', new Uint8Array(0))).toBe(toHex(vector.sasKey));
    expect(expanded('farebox/1 CAS', new Uint8Array(0))).toBe(toHex(vector.casKey));
  });

  test.each(vector.exports)(
    'SD-2: TA, data, SAS, CAS and check value of $reference are those of other primitives',
    (line) => {
      const info = concatBytes(utf8('farebox/1 TA'), encodeCbor([vector.set, line.slot, line.kind, line.count]));
      const applicationKey = new Uint8Array(hkdfSync('sha256', line.material, unit, info, 32));
      expect(toHex(applicationKey)).toBe(toHex(line.applicationKey));
      const kind = ['key', 'master', 'series'].indexOf(line.kind) + 1;
      const plain = concatBytes(Uint8Array.of(kind, line.count >> 8, line.count & 255), applicationKey);
      const opening = createDecipheriv('aes-256-gcm', vector.algo2Key, line.nonce);
      opening.setAAD(encodeCbor(head('application-key', line.slot))).setAuthTag(line.sealedKey.subarray(-16));
      expect(opening.update(line.sealedKey.subarray(12, -16)).toString('hex') + opening.final('hex')).toBe(
        toHex(plain),
      );
      expect(line.sealedKey.subarray(0, 12)).toEqual(line.nonce);
      const sas = createHmac('sha256', vector.sasKey).update(
        encodeCbor([...head('key-signature', line.slot), line.nonce, plain]),
      );
      expect(sas.digest('hex')).toBe(toHex(line.signature));
      const certified = encodeCbor([...head('key-certificate', line.slot), line.sealedKey, line.signature]);
      expect(createHmac('sha256', vector.casKey).update(certified).digest('hex')).toBe(toHex(line.certificate));
      expect(cmacOracle(applicationKey, new Uint8Array(16)).slice(0, 3)).toEqual(line.checkValue);
    },
  );

  test.each(vector.exports)('SD-3: IMPORTKEY takes $reference', (line) => {
    const exchange = { transport: vector, unit: decodeModuleId(vector.unit), random: vector.random };
    const opened = importKey(exchange, { exported: line, reference: line.reference, heldVersion: 0 });
    expect(opened).toMatchObject({ applicationKey: line.applicationKey, kind: line.kind, count: line.count });
  });
});

describe('derived-keys.json', () => {
  const vector = read(
    'derived-keys.json',
    z.object({
      ...{ masterKey: hex, seriesKey: hex, token: hex, context: hex, nonce: hex, confidential: hex },
      derived: z.array(
        z.object({
          ...{ agreement: z.number(), index: z.number(), seriesNumber: hex },
          ...{ derivedKey: hex, tag: hex, concealed: hex, signature: hex },
        }),
      ),
      pin: z.object({ pin: z.string(), pinSecret: hex, reference: z.string(), mask: hex, masked: hex }),
      agreed: z.object({
        ...{ providerCertificate: hex, moduleCertificate: hex },
        ...{ agreement: hex, agreementHash: z.string(), acceptance: hex },
      }),
    }),
  );
  const kdf = (key: Uint8Array, label: string, context: Uint8Array, lengthBytes: number) => {
    const fixed = concatBytes(utf8(`farebox/1 ${label}`), Uint8Array.of(0), context, u32be(8 * lengthBytes));
    const block = (number: number) => cmacOracle(key, concatBytes(u32be(number), fixed));
    return lengthBytes === 16 ? block(1) : concatBytes(block(1), block(2));
  };

  test.each(vector.derived)(
    'MC-2: series number $index, its DK under agreement $agreement, and DEA2 are those of other primitives',
    (line) => {
      expect(kdf(vector.seriesKey, 'series number', u32be(line.index), 16)).toEqual(line.seriesNumber);
      const derivedKey = kdf(vector.masterKey, 'DEA1', concatBytes(u32be(line.agreement), line.seriesNumber), 32);
      expect(derivedKey).toEqual(line.derivedKey);
      const none = new Uint8Array(0);
      const tag = cmacOracle(kdf(derivedKey, 'DEA2 authenticate', none, 32), concatBytes(vector.token, vector.context));
      expect(tag).toEqual(line.tag);
      const signature = createHmac('sha256', kdf(derivedKey, 'DEA2 sign', none, 32)).update(vector.confidential);
      expect(signature.digest('hex')).toBe(toHex(line.signature));
      const opening = createDecipheriv('aes-256-gcm', kdf(derivedKey, 'DEA2 conceal', none, 32), vector.nonce);
      opening.setAAD(vector.context).setAuthTag(line.concealed.subarray(-16));
      const clear = opening.update(line.concealed.subarray(12, -16)).toString('hex') + opening.final('hex');
      expect(clear).toBe(toHex(vector.confidential));
    },
  );

  test.each(vector.derived)('MC-3, MC-4: the other side believes the tag and recovers the number at $index', (line) => {
    const { derivedKey, tag, concealed } = line;
    expect(isAnswerTo({ derivedKey, token: vector.token, context: vector.context, tag })).toBe(true);
    expect(revealNumber(derivedKey, concealed, vector.context)).toEqual(vector.confidential);
  });

  test('MC-2: the module believes the agreement, and the provider its acceptance', async () => {
    const { agreement, acceptance, agreementHash: text, ...certificates } = vector.agreed;
    const { agency } = await makeCast();
    const given = { agencyKey: agency.publicKey, now: NOW, suite: webCryptoSuite };
    const [provider, module] = await Promise.all([
      verifyCertificate({ ...given, bytes: certificates.providerCertificate, role: 'provider' }),
      verifyCertificate({ ...given, bytes: certificates.moduleCertificate, role: 'module' }),
    ]);
    const to = decodeModuleId(module.subject);
    const reading = { bytes: agreement, provider, module: to, suite: webCryptoSuite };
    expect(await verifyKeyAgreement({ ...reading, newest: 7 })).toEqual({
      ...{ module: to, number: 7, rule: 'counter', issuedAt: NOW, agreementHash: text },
      master: { reference: 'master', version: 2 },
      series: [
        { slot: { reference: 'wallet', version: 1 }, retired: [], pin: true },
        { slot: { reference: 'watch', version: 3 }, retired: [0, 23, 4_095], pin: false },
      ],
    });
    await expect(verifyKeyAgreement({ ...reading, newest: 8 })).rejects.toThrow('keys/retired');
    const agreementHash = decodeContentHash(text);
    const accepting = { module, provider: provider.subject, agreementHash, suite: webCryptoSuite };
    await verifyKeyAcceptance({ ...accepting, bytes: acceptance });
    await expect(verifyKeyAcceptance({ ...accepting, bytes: agreement })).rejects.toThrow('keys/malformed');
  });

  test('MC-5: the mask of a PIN is scrypt and the KDF', () => {
    const { pin, pinSecret, reference, mask, masked } = vector.pin;
    const salt = concatBytes(utf8('farebox/1 PIN'), pinSecret);
    const stretched = scryptSync(pin, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
    expect(kdf(new Uint8Array(stretched), 'PIN mask', encodeCbor([reference]), 32)).toEqual(mask);
    expect(vector.seriesKey.map((byte, at) => byte ^ (mask[at] ?? 0))).toEqual(masked);
  });
});

describe('logistic.json', () => {
  const node = z.object({ level: z.number(), index: z.number(), secret: hex });
  const vector = read(
    'logistic.json',
    z.object({
      steps: z.array(z.object({ x: z.string(), iterations: z.number(), next: z.string(), exposed: z.number() })),
      ...{ programmeSeed: hex, functionSecret: hex },
      ranges: z.array(z.tuple([z.number(), z.number()])),
      granted: z.array(node),
      afterFrame6: z.array(node),
    }),
  );

  test('BT-6: the steps are those of the definition', () => {
    for (const { x, iterations, next, exposed } of vector.steps) {
      let state = BigInt(`0x${x}`);
      for (let done = 0; done < iterations; done += 1) {
        // Divided, not shifted, and the places that stand still written as fractions.
        const one = 2n ** 128n;
        state = (4n * state * (one - state)) / one;
        if (state === 0n || state === (3n * one) / 4n || state === one) state = 0x9e3779b97f4a7c15f39cc0605cedc834n;
      }
      expect(state).toBe(BigInt(`0x${next}`));
      expect(exposed).toBe(Number.parseInt(next.slice(0, 8), 16));
    }
  });

  test('BT-6: the granted nodes give the keys of the programme, and what is left gives the rest', () => {
    const { keyAt } = sequenceFunction('tree');
    const state = sessionSequence('logistic').restore(vector.granted);
    for (const frame of [5, 6, 9]) expect(state.at(frame)).toEqual(keyAt(vector.programmeSeed, frame));
    const left = sessionSequence('logistic').restore(vector.afterFrame6, vector.ranges);
    expect(() => left.at(6)).toThrow('sequence/spent');
    expect(left.at(9)).toEqual(keyAt(vector.programmeSeed, 9));
  });

  test('BT-6: the first mask is HKDF of eight steps of the session’s function', () => {
    const [state, leaf] = vector.granted;
    if (state === undefined || leaf === undefined) throw new Error('no nodes');
    const made = createHmac('sha256', vector.functionSecret)
      .update(utf8('farebox/1 sequence logistic function'))
      .update(Uint8Array.of(1))
      .digest();
    expect(toHex(state.secret.subarray(0, 16))).toBe(made.subarray(0, 16).toString('hex'));
    const iterations = 34 + ((made[16] ?? 0) % 32);
    expect([state.secret[20], toHex(state.secret.subarray(21))]).toEqual([
      iterations,
      made.subarray(17, 28).toString('hex'),
    ]);
    const one = 2n ** 128n;
    let x = BigInt(`0x${made.subarray(0, 16).toString('hex')}`);
    let exposed = '';
    for (let step = 0; step < 8; step += 1) {
      for (let done = 0; done < iterations; done += 1) x = (4n * x * (one - x)) / one;
      exposed += x.toString(16).padStart(32, '0').slice(0, 8);
    }
    const info = concatBytes(utf8('farebox/1 sequence logistic mask'), new Uint8Array(7), Uint8Array.of(5));
    const mask = new Uint8Array(hkdfSync('sha256', fromHex(exposed), made.subarray(17, 28), info, 32));
    const frameKey = sequenceFunction('tree').keyAt(vector.programmeSeed, 5);
    expect(leaf.secret).toEqual(frameKey.map((byte, at) => byte ^ (mask[at] ?? 0)));
  });
});
