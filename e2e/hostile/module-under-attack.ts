// The attacker's own way to the module: embeds its document and speaks on its ports without any code of the host.
// Runs in the hostile page (attacks.ts); the page has no policy of its own, so nothing here is held back by anything but the module.

/** An answer on the command port, as raw as it came. */
export type RawAnswer = { readonly id: string; readonly value: unknown };

/** The module's document embedded here, and the page's ends of its two ports. */
export type ModuleUnderAttack = {
  readonly frame: HTMLIFrameElement;
  readonly moduleOrigin: string;
  /** Sends anything at all on the command port. */
  send(message: unknown, transfer?: Transferable[]): void;
  /** A proper call; answers what came back. */
  call(name: string, argument: object): Promise<unknown>;
  /** Ids of all answers so far. */
  answeredIds(): readonly string[];
  /** Everything that came on the event port so far. */
  events(): readonly unknown[];
};

/** Embeds the module and connects to it. */
export async function embedModule(moduleOrigin: string): Promise<ModuleUnderAttack> {
  const frame = document.createElement('iframe');
  frame.allow = 'autoplay; fullscreen';
  frame.src = `${moduleOrigin}/`;
  const ready = new Promise<void>((resolve) => {
    addEventListener('message', (event) => {
      if (event.source === frame.contentWindow && event.data.type === 'farebox/ready') resolve();
    });
  });
  document.body.append(frame);
  await ready;
  const commands = new MessageChannel();
  const events = new MessageChannel();
  frame.contentWindow?.postMessage({ type: 'farebox/connect', version: 1 }, moduleOrigin, [
    commands.port2,
    events.port2,
  ]);

  const answers: RawAnswer[] = [];
  const heard: unknown[] = [];
  const waiting = new Map<string, (value: unknown) => void>();
  commands.port1.onmessage = (event: MessageEvent<RawAnswer>) => {
    answers.push(event.data);
    waiting.get(event.data.id)?.(event.data.value);
  };
  events.port1.onmessage = (event) => heard.push(event.data);
  let calls = 0;
  return {
    frame,
    moduleOrigin,
    send: (message, transfer = []) => commands.port1.postMessage(message, transfer),
    call(name, argument) {
      calls += 1;
      const id = `proper-${calls}`;
      const answer = new Promise((resolve) => waiting.set(id, resolve));
      commands.port1.postMessage({ id, type: 'APPLY', path: [name], argumentList: [{ type: 'RAW', value: argument }] });
      return answer;
    },
    answeredIds: () => answers.map((answer) => answer.id),
    events: () => heard,
  };
}
