// The peer of the decrypt bench: WebCrypto and nothing around it, with as many calls in flight as the module has.
import type { BareMeasurement, DecryptLoad } from './messages.ts';

const IV_BYTES = 12;

async function bytesPerSecond({ warmUpParts, parts, partBytes, inFlight }: DecryptLoad): Promise<number> {
  const aesKey = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, aesKey, new Uint8Array(partBytes));
  // Each part has memory of its own, so that no cache makes it faster than parts that come from outside.
  const ready = Array.from({ length: warmUpParts + parts }, () => sealed.slice(0));
  let next = 0;
  const decryptUpTo = async (end: number): Promise<void> => {
    const lane = async (): Promise<void> => {
      while (next < end) {
        const part = ready[next++];
        if (part !== undefined) await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, aesKey, part);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, lane));
  };
  await decryptUpTo(warmUpParts);
  const startedMs = performance.now();
  await decryptUpTo(ready.length);
  return (parts * partBytes * 1000) / (performance.now() - startedMs);
}

self.onmessage = async (event: MessageEvent<BareMeasurement>) => {
  self.postMessage([await bytesPerSecond(event.data.load)]);
};
