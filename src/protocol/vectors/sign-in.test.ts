// Sign-in, PIN and confided card against what was written: MC-3 to MC-5. Read by the other side, and by primitives that the code does not use.

import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { concatBytes, fromHex, toHex, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { decodeCard } from '../derived-keys/card.ts';
import { u32be } from '../derived-keys/kdf.ts';
import { decodePinSignIn, decodeSignIn, decodeTicket } from '../derived-keys/sign-in.ts';
import { cmacOracle } from '../testing/cmac-oracle.ts';
import { NOW } from './cast.ts';

const hex = z.string().transform(fromHex);
const set = z.object({ reference: z.string(), seriesKey: hex, index: z.number() });
const tag = z.object({ reference: z.string(), index: z.number(), tag: hex });
const vector = z
  .object({
    ...{ provider: hex, module: hex, agreement: z.number(), keyEncryptionKey: hex, tokenKey: hex, masterKey: hex },
    ...{ sets: z.array(set), pinSets: z.array(set), ticket: hex, token: hex, context: hex },
    expected: z.object({ epoch: z.number(), expires: z.number(), counter: z.number(), head: hex, nonce: hex }),
    place: z.object({ device: hex, epoch: z.number(), counter: z.number(), head: hex, pastHead: hex }),
    ...{ tags: z.array(tag), signIn: hex, pinTags: z.array(tag), pinSignIn: hex },
    card: z.object({ number: z.string(), expiry: z.string(), verification: z.string(), pin: z.string() }),
    ...{ cardNonce: hex, confidential: hex, concealed: hex },
  })
  .parse(JSON.parse(readFileSync(new URL('sign-in.json', import.meta.url), 'utf8')));
const { place, expected } = vector;

const kdf = (key: Uint8Array, label: string, context: Uint8Array, lengthBytes: number) => {
  const fixed = concatBytes(utf8(`farebox/1 ${label}`), Uint8Array.of(0), context, u32be(8 * lengthBytes));
  const block = (number: number) => cmacOracle(key, concatBytes(u32be(number), fixed));
  return lengthBytes === 16 ? block(1) : concatBytes(block(1), block(2));
};
const keyFor = (use: string, seriesKey: Uint8Array, index: number) => {
  const seriesNumber = kdf(seriesKey, 'series number', u32be(index), 16);
  const derivedKey = kdf(vector.masterKey, 'DEA1', concatBytes(u32be(vector.agreement), seriesNumber), 32);
  return kdf(derivedKey, `DEA2 ${use}`, new Uint8Array(0), 32);
};
const head = (purpose: string) => [purpose, 1, vector.provider, vector.module, vector.agreement];
const pairs = (sets: typeof vector.sets, tags: typeof vector.tags) =>
  sets.map((each, at) => ({ each, tag: tags[at]?.tag }));

test('MC-3: the token is HMAC of the ticket under a key that is HKDF of the key encryption key', () => {
  const tokenKey = new Uint8Array(
    hkdfSync('sha256', vector.keyEncryptionKey, new Uint8Array(0), utf8('farebox/1 token key'), 32),
  );
  expect(tokenKey).toEqual(vector.tokenKey);
  expect(createHmac('sha256', tokenKey).update(vector.ticket).digest('hex')).toBe(toHex(vector.token));
  const blinded = createHmac('sha256', tokenKey).update(utf8('farebox/1 ticket head')).update(place.pastHead);
  expect(blinded.digest('hex')).toBe(toHex(expected.head));
  const { epoch, expires, counter, nonce } = expected;
  const items = [vector.module, epoch, expires / 1000, counter, expected.head, null, nonce];
  expect(encodeCbor(['farebox/sign-in-ticket', 1, ...items])).toEqual(vector.ticket);
  expect(decodeTicket(vector.ticket)).toMatchObject({ ...expected, index: null, module: toHex(vector.module) });
});

test('MC-3: each tag of the sign-in message is CMAC over token and context, and the message is read', () => {
  const shown = [place.device, place.epoch, place.counter, place.head, place.pastHead];
  expect(encodeCbor([...head('farebox/sign-in'), ...shown])).toEqual(vector.context);
  const authenticated = concatBytes(vector.token, vector.context);
  for (const { each, tag } of pairs(vector.sets, vector.tags))
    expect(cmacOracle(keyFor('authenticate', each.seriesKey, each.index), authenticated)).toEqual(tag);
  const { ticket, agreement, tags } = vector;
  expect(decodeSignIn(vector.signIn)).toEqual({ ticket, agreement, ...place, tags });
});

test('MC-5: each tag that goes with a PIN is CMAC over token and its own context', () => {
  const authenticated = concatBytes(vector.token, encodeCbor(head('farebox/pin')));
  for (const { each, tag } of pairs(vector.pinSets, vector.pinTags))
    expect(cmacOracle(keyFor('authenticate', each.seriesKey, each.index), authenticated)).toEqual(tag);
  const { ticket, agreement, pinTags: tags } = vector;
  expect(decodePinSignIn(vector.pinSignIn)).toEqual({ ticket, agreement, tags });
});

test('MC-4: the card is AES-GCM under the first set’s key, with the token in its context', () => {
  const [first] = vector.sets;
  if (first === undefined) throw new Error('no set');
  const key = keyFor('conceal', first.seriesKey, first.index);
  const opening = createDecipheriv('aes-256-gcm', key, vector.cardNonce);
  opening.setAAD(encodeCbor([...head('farebox/confidential'), vector.token]));
  opening.setAuthTag(vector.concealed.subarray(-16));
  const clear = opening.update(vector.concealed.subarray(12, -16)).toString('hex') + opening.final('hex');
  expect(clear).toBe(toHex(vector.confidential));
  expect(vector.concealed.subarray(0, 12)).toEqual(vector.cardNonce);
  expect(decodeCard(vector.confidential, NOW)).toEqual(vector.card);
});
