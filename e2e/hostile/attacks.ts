// A page that has taken over the terminal's origin, trying to get at the module. Served as a script of its own by hostile-terminal.ts;
// the address names the attack and the module's origin. Writes into <output> what it got, as JSON; `reached` must stay empty.
import { embedModule, type ModuleUnderAttack } from './module-under-attack.ts';

/** What an attack got hold of, and how it was refused: the test asserts both. */
export type Outcome = { readonly reached: readonly string[]; readonly refused: readonly string[] };

type Attack = (module: ModuleUnderAttack) => Promise<Outcome>;

/** Tries one way after the other; each resolves with what it reached, or null, or throws. */
async function tryAll(ways: Readonly<Record<string, () => unknown>>): Promise<Outcome> {
  const reached: string[] = [];
  const refused: string[] = [];
  for (const [name, way] of Object.entries(ways)) {
    try {
      const got = await way();
      if (got === null || got === undefined) refused.push(`${name}: nothing`);
      else reached.push(`${name}: ${String(got)}`);
    } catch (error) {
      refused.push(`${name}: ${error instanceof Error ? error.name : String(error)}`);
    }
  }
  return { reached, refused };
}

/** Object stores of a database as this origin sees it; null where it has none, which a database made by asking has not. */
function storesOf(name: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const names = [...request.result.objectStoreNames];
      request.result.close();
      resolve(names.length === 0 ? null : names.join());
    };
  });
}

/** Sends each message and answers whether the module dropped every one; a proper call behind them proves that they were read. */
async function sendAll(module: ModuleUnderAttack, messages: readonly unknown[]): Promise<Outcome> {
  const before = await droppedCalls(module);
  messages.forEach((message, i) => {
    module.send(typeof message === 'object' && message !== null ? { id: `hostile-${i}`, ...message } : message);
  });
  const dropped = (await droppedCalls(module)) - before;
  const answered = module.answeredIds().filter((id) => id.startsWith('hostile'));
  const reached =
    dropped === messages.length ? answered : [...answered, `${messages.length - dropped} messages were not dropped`];
  return { reached, refused: [`${dropped} dropped`] };
}

async function droppedCalls(module: ModuleUnderAttack): Promise<number> {
  const answer = await module.call('status', {});
  if (typeof answer === 'object' && answer !== null && 'value' in answer) {
    const { value } = answer;
    if (typeof value === 'object' && value !== null && 'droppedCalls' in value) return Number(value.droppedCalls);
  }
  throw new Error(`the module did not answer with its status: ${JSON.stringify(answer)}`);
}

const apply = (path: readonly unknown[], value: unknown = {}) => ({
  type: 'APPLY',
  path,
  argumentList: [{ type: 'RAW', value }],
});

const attacks: Readonly<Record<string, Attack>> = {
  async database() {
    return tryAll({
      'open its database': () => storesOf('farebox-module'),
      'find its name': async () => {
        const found = (await indexedDB.databases()).filter((database) => (database.version ?? 0) > 1);
        return found.length === 0 ? null : found.map((database) => database.name).join();
      },
      'read its files': async () => {
        const folder = await navigator.storage.getDirectory();
        const names: string[] = [];
        for await (const name of folder.keys()) names.push(name);
        return names.length === 0 ? null : names.join();
      },
      'take its locks': async () => {
        const { held = [] } = await navigator.locks.query();
        return held.length === 0 ? null : held.map((lock) => lock.name).join();
      },
    });
  },

  async keys(module) {
    const outcome = await tryAll({
      'reach into its window': () => module.frame.contentWindow?.document.title,
      'read its globals': () => Object.keys(module.frame.contentWindow ?? {}).filter((name) => !/^\d+$/.test(name))[0],
      'use its indexedDB': () => module.frame.contentWindow?.indexedDB,
    });
    const asked = await sendAll(module, [
      { type: 'GET', path: [] },
      { type: 'GET', path: ['keys'] },
      { type: 'GET', path: ['status', 'constructor'] },
      { type: 'ENDPOINT' },
      { type: 'RELEASE' },
      apply(['exportKey']),
      apply(['status', 'call']),
      apply(['status', 'constructor'], 'return self'),
    ]);
    return { reached: [...outcome.reached, ...asked.reached], refused: [...outcome.refused, ...asked.refused] };
  },

  async pixels(module) {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    const drawable: unknown = module.frame;
    return tryAll({
      'reach its canvas': () => module.frame.contentDocument?.querySelector('canvas'),
      'reach its canvas through the window': () => module.frame.contentWindow?.document.querySelector('canvas'),
      'draw the frame': () => {
        Reflect.apply(CanvasRenderingContext2D.prototype.drawImage, context, [drawable, 0, 0]);
        return 'drawn';
      },
      'make a bitmap of the frame': () => Reflect.apply(createImageBitmap, window, [drawable]),
      'print the frame into an image': async () => {
        const image = new Image();
        image.src = `data:image/svg+xml,${encodeURIComponent(
          `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${module.moduleOrigin}/"/></foreignObject></svg>`,
        )}`;
        await image.decode();
        context?.drawImage(image, 0, 0);
        return context?.getImageData(0, 0, 9, 9).data.some((sample) => sample !== 0) ? 'pixels' : null;
      },
    });
  },

  network: (module) =>
    sendAll(module, [
      apply(['fetch'], '/api/v1/catalogue'),
      apply(['importScripts'], `${location.origin}/attacks.js`),
      apply(['self', 'fetch'], `${location.origin}/`),
      { type: 'APPLY', path: ['status'], argumentList: [{ type: 'HANDLER', name: 'proxy', value: {} }] },
    ]),

  names: (module) =>
    sendAll(module, [
      apply(['destroy']),
      apply(['toString']),
      apply(['constructor']),
      apply(['__proto__']),
      apply(['hasOwnProperty'], 'status'),
      apply(['STATUS']),
      apply([]),
      apply(['status', 'status']),
      apply([['status']]),
      { type: 'CONSTRUCT', path: ['status'], argumentList: [] },
      { type: 'SET', path: ['status'], value: { type: 'RAW', value: null } },
      { type: 'APPLY', path: ['status'], argumentList: [] },
      { type: 'APPLY', path: ['status'], argumentList: [{ type: 'RAW', value: {} }], more: 1 },
      { type: 'APPLY', path: ['status'], argumentList: [{ type: 'RAW', value: [] }] },
      'status',
      null,
      42,
    ]),

  pollution: (module) =>
    sendAll(module, [
      { type: 'SET', path: ['__proto__', 'polluted'], value: { type: 'RAW', value: 1 } },
      { type: 'SET', path: ['constructor', 'prototype', 'polluted'], value: { type: 'RAW', value: 1 } },
      { type: 'SET', path: ['status', '__proto__', 'polluted'], value: { type: 'RAW', value: 1 } },
      apply(['__proto__', '__defineGetter__'], 'polluted'),
      apply(['constructor', 'assign'], JSON.parse('{"__proto__":{"polluted":1}}')),
      JSON.parse(
        '{"type":"SET","path":["__proto__","polluted"],"value":{"type":"RAW","value":1},"__proto__":{"polluted":1}}',
      ),
    ]),

  async 'arguments that pollute'(module) {
    await module.call('status', JSON.parse('{"__proto__":{"polluted":1}}'));
    await module.call('seek', JSON.parse('{"session":"__proto__","positionMs":{"__proto__":{"polluted":1}}}'));
    await module.call(
      'receiptFile',
      JSON.parse('{"session":{"toString":"polluted"},"constructor":{"prototype":{"polluted":1}}}'),
    );
    return { reached: [], refused: [`${await droppedCalls(module)} dropped`] };
  },

  async scripts(module) {
    const { moduleOrigin } = module;
    const outcome = await tryAll({
      'register a service worker for its origin': () =>
        navigator.serviceWorker.register(`${moduleOrigin}/service-worker.js`),
      'register one with its scope': () =>
        navigator.serviceWorker.register('/service-worker.js', { scope: `${moduleOrigin}/` }),
      'start its worker here': () =>
        new Promise((resolve, reject) => {
          const worker = new Worker(`${moduleOrigin}/frame.js`, { type: 'module' });
          worker.onmessage = () => resolve('a worker of its origin');
          worker.onerror = () => reject(new DOMException('blocked', 'SecurityError'));
        }),
      'see its caches': async () => {
        const names = await caches.keys();
        return names.length === 0 ? null : names.join();
      },
      'write into its document': () => {
        module.frame.contentWindow?.document.write('<script src="/attacks.js"></script>');
        return 'written';
      },
      'give it a script address': () => {
        Reflect.set(module.frame, 'src', 'javascript:parent.document.title = "taken"');
        return document.title === 'taken' ? 'ran here as the frame' : null;
      },
    });
    return outcome;
  },

  /** A service worker of this origin sees every request of this page; the embedded module's must not be among them. */
  async 'service worker'() {
    await navigator.serviceWorker.register('/service-worker.js');
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller === null) {
      await new Promise((resolve) => {
        navigator.serviceWorker.oncontrollerchange = resolve;
      });
    }
    const module = await embedModule(moduleOrigin);
    const answer = await module.call('status', {});
    const seen: unknown = await (await fetch('/seen')).json();
    const ofModule = Array.isArray(seen) ? seen.filter((url) => String(url).startsWith(moduleOrigin)) : ['no list'];
    return { reached: ofModule.map(String), refused: [JSON.stringify(answer).slice(0, 9)] };
  },

  /** Extra windows and wrong messages: the frame must stay silent. */
  async connecting(module) {
    const { port1, port2 } = new MessageChannel();
    const heard: string[] = [];
    port1.onmessage = () => heard.push('an answer');
    const frame = module.frame.contentWindow;
    frame?.postMessage({ type: 'farebox/connect', version: 2 }, moduleOrigin, [port2, new MessageChannel().port1]);
    const inner = document.createElement('iframe');
    inner.srcdoc = '<p>';
    const loaded = new Promise((resolve) => {
      inner.onload = resolve;
    });
    document.body.append(inner);
    await loaded;
    const other = new MessageChannel();
    other.port1.onmessage = () => heard.push('an answer to another window');
    const script = inner.contentDocument?.createElement('script');
    if (script !== undefined) {
      Reflect.set(inner.contentWindow ?? {}, 'ports', [other.port2, new MessageChannel().port1]);
      script.textContent = `parent.frames[0].postMessage({type:'farebox/connect',version:1}, ${JSON.stringify(moduleOrigin)}, window.ports)`;
      inner.contentDocument?.body.append(script);
    }
    for (const port of [port1, other.port1]) {
      port.postMessage({ id: 'x', ...apply(['status']) });
    }
    await module.call('status', {});
    return { reached: heard, refused: ['silent'] };
  },
};

const parameters = new URLSearchParams(location.search);
const moduleOrigin = parameters.get('module') ?? '';
const name = parameters.get('attack') ?? '';
const attack = attacks[name];
const output = document.querySelector('output');
try {
  if (attack === undefined) throw new Error(`no attack is named ${name}`);
  const outcome = await attack(await embedModule(moduleOrigin));
  if (output !== null) output.textContent = JSON.stringify(outcome);
} catch (error) {
  if (output !== null)
    output.textContent = JSON.stringify({ reached: [`the attack itself failed: ${String(error)}`], refused: [] });
}
