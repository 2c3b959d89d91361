// Downloaded and derived keys with both sides as they are: the module itself, the host's own errands and the provider on a folder of its own. What
// comes apart between them comes together again without anybody's doing.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { directKeys } from '../server-mock/key-unit/direct-registry.ts';
import { makeSampleSet, SAMPLE_SET } from '../server-mock/key-unit/sample-set.ts';
import { makeKeyRequests } from '../src/host/key-requests.ts';
import { begin, type Device, makeDevice, openSeat, quiet, type Seat, unaborted } from './rig/clone-device.ts';
import { type CloneProvider, makeClient, openCloneProvider } from './rig/clone-provider.ts';

/** Counts that the provider looks for ahead of its own. */
const COUNTS_AHEAD = 16;

let provider: CloneProvider;
let device: Device;
let seat: Seat;
/** What the provider was asked for since it was last looked at, in order. */
let asked: string[];

beforeEach(async () => {
  const opened = await openCloneProvider();
  asked = [];
  provider = {
    ...opened,
    fetch: (url, init) => {
      asked.push(new URL(url).pathname.replace('/api/v1', ''));
      return opened.fetch(url, init);
    },
  };
  const keys = directKeys(provider.inside());
  await makeSampleSet(keys);
  await keys.setRule(SAMPLE_SET, 'counter', null);
  device = makeDevice(provider, 'the profile');
  seat = await openSeat(device);
  await seat.relay.ensureEnrolled(unaborted());
  await fetchKeys();
});
afterEach(async () => {
  seat.end();
  await quiet(device);
  await provider.close();
});

async function fetchKeys() {
  return (await seat.relay.keys()).fetchKeys(unaborted());
}

async function heldSet() {
  const [set] = await seat.module.call('keys', {});
  if (set === undefined) throw new Error('the module is in no set');
  return set;
}

/** Begins a session as a press does, and waits for whatever follows from it. @returns what the provider was asked for. */
async function watch(): Promise<readonly string[]> {
  await seat.relay.catchUp(unaborted());
  await quiet(device);
  asked.splice(0);
  const [programme] = provider.programmes;
  if (programme === undefined) throw new Error('nothing is on sale');
  const { session } = await begin(seat, programme);
  await expect.poll(() => seat.module.call('sessions', {})).toContainEqual(expect.objectContaining({ session }));
  await quiet(device);
  const paths = asked.splice(0);
  await seat.module.call('closeSession', { session });
  return paths;
}

/** The module answers one token after another, and none of its answers arrives. */
async function loseAnswers(times: number): Promise<void> {
  const requests = makeKeyRequests(makeClient(provider, seat.line).posts);
  const { moduleId } = await seat.module.call('status', {});
  const { provider: id } = await heldSet();
  for (let lost = 0; lost < times; lost += 1) {
    const token = await requests.token(moduleId ?? '', unaborted());
    await seat.module.call('signIn', { provider: id, ...token });
  }
}

test('MC-3: under the rule `counter` sixteen answers may be lost, and the next contact is by keys all the same', async () => {
  await loseAnswers(COUNTS_AHEAD - 1);
  const paths = await watch();
  expect(paths).toContain('/keys/token');
  expect(paths).not.toContain('/challenges');
  expect((await heldSet()).agreement?.number).toBe(1);
});

test('MC-3: where more were lost, that contact is by a signature, what is agreed anew comes behind it, and the next is by keys', async () => {
  await loseAnswers(COUNTS_AHEAD);
  const paths = await watch();
  expect(paths.filter((path) => path === '/sessions')).toHaveLength(2);
  await expect.poll(async () => (await heldSet()).agreement?.number).toBe(2);
  await quiet(device);
  expect([...paths, ...asked]).toEqual(
    expect.arrayContaining(['/challenges', '/keys/transport', '/keys/agreement', '/keys/acceptance']),
  );
  expect(await heldSet()).toMatchObject({ agreement: { rule: 'counter' }, count: 0 });
  const next = await watch();
  expect(next).toEqual(['/keys/token', '/sessions']);
});

test('SD-5: a row of keys that was altered costs a signature until the person has it set aside; then everything comes anew by itself', async () => {
  const { rows } = device.browser;
  const row = rows.meta.keys;
  if (row === null) throw new Error('there are keys');
  rows.meta.keys = { ...row, sealed: row.sealed.map((byte, at) => (at === 40 ? byte ^ 1 : byte)) };
  const meanwhile = await watch();
  expect(meanwhile).toContain('/challenges');
  expect(meanwhile).not.toContain('/keys/agreement');

  const keys = await seat.relay.keys();
  asked.splice(0);
  expect(await keys.renewKeys(unaborted())).toEqual({ imported: ['master', 'watch'], agreement: 2 });
  expect(asked.filter((path) => path.startsWith('/keys/'))).toEqual([
    ...['/keys/transport', '/keys/agreement', '/keys/export', '/keys/acceptance'],
  ]);
  expect(await heldSet()).toMatchObject({ agreement: { number: 2 }, slots: [{}, {}] });
  expect(await watch()).toEqual(['/keys/token', '/sessions']);
});
