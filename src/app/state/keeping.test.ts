// What the screens' state does about a module that asks, is locked, lost or at risk.

import { describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import { createModuleRoom, readChosenFile } from './module-room.ts';
import { STATUS, scriptedTerminal } from './testing/scripted-terminal.ts';

const ACCEPTED = {
  session: '11'.repeat(16),
  title: 'T',
  state: 'accepted',
  closedTime: 1,
  count: 1,
  currency: 'EUR',
  amountMinor: 20,
};
const LOCATOR = '22'.repeat(16);
const times = (trace: readonly string[], name: string) => trace.filter((each) => each === name).length;
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("the module's surface", () => {
  it('CARD-3: stands before the page from its first word to its last', () => {
    const { terminal, emit } = scriptedTerminal();
    expect(terminal.asking.getSnapshot()).toBe(false);
    emit({ type: 'surface', state: 'shown' });
    expect(terminal.asking.getSnapshot()).toBe(true);
    emit({ type: 'surface', state: 'hidden' });
    expect(terminal.asking.getSnapshot()).toBe(false);
  });

  it('CARD-3: is taken away where the worker that asked has died', () => {
    const { terminal, emit, live } = scriptedTerminal();
    emit({ type: 'surface', state: 'shown' });
    live('restarting');
    expect(terminal.asking.getSnapshot()).toBe(false);
  });
});

describe('a locked module', () => {
  it('BT-7: has what waited brought on as soon as it is open', async () => {
    const { terminal, said, trace, emit } = scriptedTerminal({ status: { ...STATUS, lock: 'locked' } });
    await settled();
    const before = times(trace, 'catchUp');
    said.status = { ...STATUS, lock: 'unlocked' };
    emit({ type: 'changed', what: 'status' });
    await vi.waitFor(() => expect(times(trace, 'catchUp')).toBe(before + 1));
    emit({ type: 'changed', what: 'status' });
    await settled();
    expect(times(trace, 'catchUp')).toBe(before + 1);
    expect(terminal.moduleStatus.getSnapshot()).toMatchObject({ state: 'here', value: { lock: 'unlocked' } });
  });

  it('BT-7: stays so where the person gave nothing, and says why', async () => {
    const { terminal } = scriptedTerminal({ unlock: new FareboxError('consent/refused') });
    await expect(terminal.unlock()).rejects.toMatchObject({ code: 'consent/refused' });
  });
});

describe('changes that the module tells of', () => {
  it('BT-8: has an open drawer read again, and leaves one alone that nobody has opened', async () => {
    const { terminal, trace, emit, errands } = scriptedTerminal();
    await settled();
    await terminal.drawer.reload();
    const before = times(trace, 'receipts');
    emit({ type: 'changed', what: 'receipts' });
    await settled();
    expect(times(trace, 'receipts')).toBe(before + 1);
    emit({ type: 'changed', what: 'operations' });
    await settled();
    expect(times(trace, 'receipts')).toBe(before + 1);
    expect(errands.size).toBe(0);
  });
});

describe('lasting storage', () => {
  it('BT-7: is not asked for at first sight', async () => {
    const { trace } = scriptedTerminal();
    await settled();
    expect(trace).not.toContain('askPersistence');
  });

  it('BT-7: is asked for once, after the first receipt was accepted', async () => {
    const { terminal, trace, notes } = scriptedTerminal({
      receipts: [ACCEPTED],
      askPersistence: { persistent: false },
    });
    await vi.waitFor(() => expect(trace).toContain('askPersistence'));
    await vi.waitFor(() => expect(terminal.persistenceAsked.getSnapshot()).toBe(true));
    expect(notes.size).toBe(1);
    await terminal.settleAll();
    expect(times(trace, 'askPersistence')).toBe(1);
  });

  it('BT-7: is asked for again after the next receipt where the module could not ask', async () => {
    const { terminal, trace, said, notes } = scriptedTerminal({
      receipts: [ACCEPTED],
      askPersistence: new FareboxError('module/deadline'),
    });
    await vi.waitFor(() => expect(trace).toContain('askPersistence'));
    await settled();
    expect(notes.size).toBe(0);
    said.askPersistence = { persistent: true };
    await terminal.settleAll();
    expect(terminal.persistenceAsked.getSnapshot()).toBe(true);
  });

  it('BT-7: is not asked of a browser that has promised it, nor for a receipt without an answer', async () => {
    const kept = scriptedTerminal({
      status: { ...STATUS, safety: { ...STATUS.safety, persistent: true } },
      receipts: [ACCEPTED],
    });
    const waiting = scriptedTerminal({ receipts: [{ ...ACCEPTED, state: 'durable' }] });
    await settled();
    expect(kept.trace).not.toContain('askPersistence');
    expect(waiting.trace).not.toContain('askPersistence');
    expect(waiting.notes.size).toBe(0);
  });
});

describe('the Module page', () => {
  const open = (answers: Parameters<typeof scriptedTerminal>[0] = {}) => {
    const scripted = scriptedTerminal(answers);
    return { ...scripted, room: createModuleRoom(scripted.terminal) };
  };

  it('BT-8: restores by words or passkey from the copy that the provider keeps, and then asks about everything', async () => {
    const { room, trace } = open({ recoveryLocator: { locator: LOCATOR }, restore: { things: [] } });
    await settled();
    trace.length = 0;
    await room.restoreCopy();
    expect(trace.slice(0, 3)).toEqual(['recoveryLocator', `backup ${LOCATOR}`, 'restore']);
    expect(trace.indexOf('catchUp')).toBeGreaterThan(trace.indexOf('restore'));
    expect(trace.lastIndexOf('restoreReport')).toBeGreaterThan(trace.indexOf('catchUp'));
  });

  it('BT-8: ends a restore well where only the provider could not be asked', async () => {
    const { room, errands } = open({ recover: { things: [] } });
    errands.set('catchUp', new FareboxError('network/offline'));
    await room.recover();
  });

  it('BT-8: says why a restore did not work, and asks the provider nothing', async () => {
    const { room, trace } = open({ restore: new FareboxError('backup/wrong-words') });
    await settled();
    trace.length = 0;
    await expect(room.restoreFile(Uint8Array.of(1))).rejects.toMatchObject({ code: 'backup/wrong-words' });
    expect(trace).not.toContain('catchUp');
  });

  it('BT-8: gives the file of a new backup also where the provider could not take its copy', async () => {
    const { room, errands } = open({
      makeBackup: { backup: Uint8Array.of(1, 2), locator: LOCATOR, passkeyLocators: [] },
    });
    expect(await room.makeBackup(false)).toEqual({ file: Uint8Array.of(1, 2), left: null });
    errands.set('leaveBackup', new FareboxError('network/offline'));
    expect(await room.makeBackup(false)).toEqual({ file: Uint8Array.of(1, 2), left: 'network/offline' });
  });

  it('BT-8: checks the words on the copy that the provider keeps, not on one that was made for it', async () => {
    const { room, trace } = open({
      backupCopy: { backup: Uint8Array.of(1), locator: LOCATOR },
      verifyBackup: { sessions: 1, receipts: 2 },
    });
    expect(await room.verifyProviderCopy()).toEqual({ sessions: 1, receipts: 2 });
    expect(trace).toContain(`backup ${LOCATOR}`);
  });

  it('BT-8: has nothing to check where no backup was made', async () => {
    const { room } = open({ backupCopy: null });
    await expect(room.verifyProviderCopy()).rejects.toMatchObject({ code: 'backup/unknown' });
  });

  it('BT-8: refuses a chosen file that no backup is as large as, without reading it', async () => {
    const huge = new File([], 'film.mp4');
    Object.defineProperty(huge, 'size', { value: 65 * 1024 * 1024 });
    await expect(readChosenFile(huge)).rejects.toMatchObject({ code: 'backup/malformed' });
    expect(await readChosenFile(new File([Uint8Array.of(3)], 'a.farebox-backup'))).toEqual(Uint8Array.of(3));
  });

  it('BT-2: goes on with this copy: the epoch first, then the provider', async () => {
    const { room, trace } = open({ beginEpoch: null });
    await settled();
    trace.length = 0;
    await room.beginEpoch();
    expect(trace[0]).toBe('beginEpoch');
    expect(trace).toContain('catchUp');
  });

  it('BT-7: reads everything again when the module says that something changed, until it is left', async () => {
    const { room, trace, emit } = open();
    const leave = room.follow();
    await settled();
    const before = times(trace, 'operations');
    emit({ type: 'changed', what: 'operations' });
    await settled();
    expect(times(trace, 'operations')).toBe(before + 1);
    leave();
    emit({ type: 'changed', what: 'operations' });
    await settled();
    expect(times(trace, 'operations')).toBe(before + 1);
  });
});
