import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SERVER_LIMITS } from '../limits.ts';
import { type Listener, openListener } from './listener.ts';

describe('a listener', () => {
  let listener: Listener | undefined;
  afterEach(() => listener?.close());

  it('answers 503 until it has something to serve', async () => {
    listener = await openListener('127.0.0.1', 0);
    const response = await fetch(`http://127.0.0.1:${listener.port}/`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    listener.serve(() => new Response('served'));
    expect(await (await fetch(`http://127.0.0.1:${listener.port}/`)).text()).toBe('served');
  });

  it('ends a client that asks for a file and takes none of it, and gives the file up', async () => {
    listener = await openListener('127.0.0.1', 0, { ...SERVER_LIMITS, stalledSocketMs: 200 });
    const givenUp = Promise.withResolvers<void>();
    const piece = new Uint8Array(1 << 20);
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(piece),
        cancel: () => givenUp.resolve(),
      });
    listener.serve(() => new Response(endless()));
    const client = connect(listener.port, '127.0.0.1');
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.on('error', () => undefined);
    client.pause();
    client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await givenUp.promise;
    client.resume();
    await closed;
  });
});
