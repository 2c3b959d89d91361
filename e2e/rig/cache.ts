// A real HTTP cache in front of the provider: nginx, as anyone would set one up who knows nothing of Farebox but its paths. It notes for
// each request whether it had to ask the provider. Used by the test of many terminals and by the bench fan-out.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requireNginx } from '../../scripts/nginx.mjs';
import { freePort } from './provider.ts';

/** One request as the cache answered it. */
export type CachedRequest = {
  readonly path: string;
  readonly status: number;
  /** Whether the provider was asked for it, for the body or for whether it had changed. */
  readonly asked: boolean;
};

/** A cache that runs. */
export type Cache = {
  /** Without a slash at its end. */
  readonly origin: string;
  /** From now on what is asked for is fetched from this port. */
  aimAt(port: number): Promise<void>;
  /** What it has answered since it was started, or since `forget`. */
  answered(): Promise<readonly CachedRequest[]>;
  /** Empties the cache and its notes. */
  forget(): Promise<void>;
  stop(): Promise<void>;
};

const START_PATIENCE_MS = 10_000;
const LOOK_AGAIN_MS = 20;

/** Starts a cache on a port of its own, over a folder of its own. It answers nothing before `aimAt`. */
export async function startCache(): Promise<Cache> {
  const program = requireNginx();
  const folder = await mkdtemp(join(tmpdir(), 'farebox-cache-'));
  const port = await freePort();
  const notes = join(folder, 'requests.log');
  let running: ChildProcess | null = null;
  let target = 0;

  const end = async (): Promise<void> => {
    if (running === null || running.exitCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGTERM');
    await ended;
    running = null;
  };

  const begin = async (): Promise<void> => {
    await rm(join(folder, 'cache'), { recursive: true, force: true });
    await mkdir(join(folder, 'cache'), { recursive: true });
    await writeFile(notes, '');
    await writeFile(join(folder, 'nginx.conf'), configOf({ port, target }));
    running = spawn(program, ['-p', folder, '-c', 'nginx.conf', '-e', 'errors.log'], { stdio: 'ignore' });
    await answers(port, running, join(folder, 'errors.log'));
  };

  return {
    origin: `http://localhost:${port}`,
    async aimAt(next) {
      await end();
      target = next;
      await begin();
    },
    answered: async () => (await readFile(notes, 'utf8')).split('\n').filter(Boolean).map(requestOf),
    async forget() {
      await end();
      await begin();
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Content is kept under its path: what a terminal says about itself in the query is nobody's reason to fetch a file twice, and of many who
 * ask at once one waits for the provider and all are given what it brings. Everything else is passed on.
 */
function configOf({ port, target }: { readonly port: number; readonly target: number }): string {
  const upstream = `proxy_pass http://127.0.0.1:${target}; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;`;
  // Started by root, nginx gives its workers to another user, who cannot read this folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user}
daemon off; worker_processes 1; pid nginx.pid;
events { worker_connections 2048; }
http {
  log_format asked '$uri\\t$status\\t$upstream_addr';
  access_log requests.log asked;
  client_body_temp_path body; proxy_temp_path proxied; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  proxy_cache_path cache levels=1:2 keys_zone=content:10m max_size=4g inactive=1h use_temp_path=off;
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 32m;
    location /content/ { proxy_cache content; proxy_cache_key $uri; proxy_cache_lock on; proxy_cache_lock_timeout 30s; ${upstream} }
    location / { ${upstream} }
  }
}
`;
}

function requestOf(line: string): CachedRequest {
  const [path, status, upstream] = line.split('\t');
  if (path === undefined || status === undefined || upstream === undefined) throw new Error(`no note: ${line}`);
  return { path, status: Number(status), asked: upstream !== '-' };
}

async function answers(port: number, child: ChildProcess, errors: string): Promise<void> {
  const deadlineMs = Date.now() + START_PATIENCE_MS;
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`nginx ended with ${child.exitCode}: ${await readFile(errors, 'utf8')}`);
    if (await isOpen(port)) return;
    if (Date.now() > deadlineMs) throw new Error('nginx does not listen');
    await pause(LOOK_AGAIN_MS);
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
