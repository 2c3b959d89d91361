import { describe, expect, test } from 'vitest';
import { issueCertificate } from '../../protocol/certificate.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { randomBytes } from '../testing/random.ts';
import { certifiedTime } from './certified-time.ts';

const BEGINS = 1_800_000_000_000;
const ENDS = BEGINS + 3_600_000;
const DECADE_MS = 10 * 365 * 24 * 3_600_000;

describe('when a receipt says it was signed', () => {
  test.each([
    ['the clock, where the certificate holds then', BEGINS + 5_000, BEGINS + 5_000],
    ['the beginning of its certificate, where the clock is ten years behind', BEGINS - DECADE_MS, BEGINS],
    ['the last second of its certificate, where the clock is ten years ahead', BEGINS + DECADE_MS, ENDS - 1_000],
    ['the last second, where the clock has just come to the end', ENDS, ENDS - 1_000],
  ])('BT-8: is %s', async (_what, timeMs, expected) => {
    const certificate = await issueCertificate({
      ...{ signer: signerFromSecret(randomBytes(32)), role: 'module', device: randomBytes(16), epoch: 1 },
      ...{ subjectKey: signerFromSecret(randomBytes(32)).publicKey, sealingKey: randomBytes(32) },
      ...{ issuedAt: BEGINS, expires: ENDS },
    });
    expect(certifiedTime(certificate, timeMs)).toBe(expected);
  });
});
