// The page around the frame, on the terminal's origin and without any policy of its own: it plays the host, kind or hostile as the test has it.
// Served as a script by serve-surface.ts; the tests steer it through window.host.
import type {
  FromSurfaceWorker,
  SurfaceAnswer,
  SurfaceQuestion,
} from '../../src/worker-module/frame/testing/surface-protocol.ts';

/** What a test calls in the page. */
export type HostUnderTest = {
  /** Connects to the module; again after its worker died. */
  connect(): Promise<void>;
  /** Has the worker ask; answers its number. */
  ask(question: SurfaceQuestion): number;
  /** The answer to a question, or null while there is none. */
  answerTo(number: number): SurfaceAnswer | null;
  askNoMore(): void;
  die(): void;
  /** Styles of the frame, as CSS text. */
  style(css: string): void;
  frame: HTMLIFrameElement;
};

declare global {
  interface Window {
    host: HostUnderTest;
  }
}

const moduleOrigin = new URLSearchParams(location.search).get('module') ?? '';
const frame = document.createElement('iframe');
frame.allow = 'autoplay; fullscreen; publickey-credentials-create; publickey-credentials-get';
frame.id = 'module';

const answers = new Map<number, SurfaceAnswer>();
let port: MessagePort | null = null;
let asked = 0;

const ready = new Promise<void>((resolve) => {
  addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.origin === moduleOrigin && JSON.stringify(event.data) === '{"type":"farebox/ready"}') resolve();
  });
});

function connect(): Promise<void> {
  const commands = new MessageChannel();
  const events = new MessageChannel();
  port = commands.port1;
  port.onmessage = ({ data }: MessageEvent<FromSurfaceWorker>) => answers.set(data.number, data.answer);
  frame.contentWindow?.postMessage({ type: 'farebox/connect', version: 1 }, moduleOrigin, [
    commands.port2,
    events.port2,
  ]);
  return Promise.resolve();
}

window.host = {
  connect: () => ready.then(connect),
  ask(question) {
    asked += 1;
    port?.postMessage({ type: 'ask', number: asked, question });
    return asked;
  },
  answerTo: (number) => answers.get(number) ?? null,
  askNoMore: () => port?.postMessage({ type: 'ask-no-more' }),
  die: () => port?.postMessage({ type: 'die' }),
  style(css) {
    frame.style.cssText = css;
  },
  frame,
};

frame.src = `${moduleOrigin}/`;
document.body.append(frame);
