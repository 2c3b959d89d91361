// Make a passkey for the lock, and the surface while the authenticator asks the person in a window of its own.

import type { SurfaceAnswer, SurfaceQuestion } from '../../../frame-messages.ts';
import { element } from '../elements.ts';
import { makePasskey, type PasskeyResult } from '../passkey.ts';
import { refusal } from '../refusal.ts';
import type { Outcome, Surface } from '../surface.ts';

/** Answers `passkey`, `unavailable`, or why not. A try that came to nothing can be made again. */
export async function askNewPasskey(
  surface: Surface,
  question: Extract<SurfaceQuestion, { kind: 'new-passkey' }>,
  signal: AbortSignal,
): Promise<SurfaceAnswer> {
  let trouble: string | null = null;
  for (;;) {
    const outcome = await surface.ask({
      title: 'Make a passkey',
      trouble,
      content: [
        element('p', {}, 'Your device asks for your finger, your face or its PIN. What it answers opens your module.'),
        element(
          'p',
          { class: 'quiet' },
          'The passkey stays in your device. A copy of this browser is useless without it.',
        ),
      ],
      yes: 'Make passkey',
      no: 'Not now',
    });
    if (outcome !== 'yes') return refusal(outcome === 'other' ? 'no' : outcome);
    const result = await withAuthenticator(surface, signal, (stop) =>
      makePasskey({ ...question, findable: false }, stop),
    );
    if (typeof result === 'object') return { kind: 'passkey', ...result };
    if (result === 'unavailable') return { kind: 'unavailable' };
    if (result !== 'failed') return refusal(result);
    trouble = 'No passkey was made. Nothing has changed; you can try again.';
  }
}

/** Runs a call to the authenticator; a person who goes away from the surface meanwhile ends it. */
export async function withAuthenticator(
  surface: Surface,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<PasskeyResult>,
): Promise<PasskeyResult | Exclude<Outcome, 'yes' | 'other'>> {
  const stopping = new AbortController();
  const left = surface.wait('Answer your device’s own window');
  const result = await Promise.race([call(AbortSignal.any([signal, stopping.signal])), left]);
  stopping.abort();
  return result;
}
