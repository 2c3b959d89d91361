// The keys part's state: what is asked of whom, that the list is read again whatever came of it, and that a card is shown of the module that gave it.

import { describe, expect, it } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import { createKeyRoom } from './key-room.ts';
import { STATUS, scriptedTerminal } from './testing/scripted-terminal.ts';

function room(answers: Parameters<typeof scriptedTerminal>[0] = {}) {
  const made = scriptedTerminal(answers);
  return { ...made, room: createKeyRoom(made.terminal, async () => void made.trace.push('others')) };
}

describe('the keys part', () => {
  it('SD-3: reads the keys now, whenever they change, and after each intent, also one that failed', async () => {
    const { room: keys, trace, emit, errands } = room();
    const reads = () => trace.filter((name) => name === 'keys').length;
    const end = keys.follow();
    await expect.poll(() => keys.sets.getSnapshot()).toEqual({ state: 'here', value: [] });
    emit({ type: 'changed', what: 'keys' });
    emit({ type: 'changed', what: 'receipts' });
    expect(reads()).toBe(2);
    end();
    emit({ type: 'changed', what: 'keys' });
    expect(reads()).toBe(2);
    expect(await keys.fetchKeys()).toEqual({ imported: ['watch'], agreement: 1 });
    expect(reads()).toBe(3);
    errands.set('choosePin wallet', new FareboxError('consent/refused'));
    await expect(keys.choosePin('wallet')).rejects.toMatchObject({ code: 'consent/refused' });
    expect(reads()).toBe(4);
    expect(trace.filter((name) => name === 'others')).toHaveLength(2);
  });

  it('SD-5: has altered keys set aside by the module and fetched anew, and reads them again, whatever came of it', async () => {
    const { room: keys, errands, trace } = room();
    expect(await keys.renewKeys()).toEqual({ imported: ['watch'], agreement: 2 });
    errands.set('renewKeys', new FareboxError('consent/refused'));
    await expect(keys.renewKeys()).rejects.toMatchObject({ code: 'consent/refused' });
    expect(trace.filter((name) => name === 'keys')).toHaveLength(2);
  });

  it('MC-5: answers what a PIN opens', async () => {
    const { room: keys, errands } = room();
    expect(await keys.enterWithPin()).toBe('wallet');
    errands.set('signInWithPin', new FareboxError('keys/refused'));
    await expect(keys.enterWithPin()).rejects.toMatchObject({ code: 'keys/refused' });
  });

  it('MC-4: notes of a card whose it is and its last four digits, and nothing once it is removed', async () => {
    const { room: keys, notes, terminal } = room();
    expect(keys.card.getSnapshot()).toBeNull();
    await keys.giveCard();
    const given = { moduleId: STATUS.moduleId, last4: '4242' };
    expect(keys.card.getSnapshot()).toEqual(given);
    expect(notes.get('card')).toBe(`${STATUS.moduleId} 4242`);
    expect(createKeyRoom(terminal, async () => undefined).card.getSnapshot()).toEqual(given);
    await keys.removeCard();
    expect([keys.card.getSnapshot(), notes.get('card')]).toEqual([null, '']);
  });

  it('MC-4: keeps showing a card that could not be removed, and none that could not be given', async () => {
    const { room: keys, errands } = room();
    errands.set('giveCard', new FareboxError('keys/refused'));
    await expect(keys.giveCard()).rejects.toMatchObject({ code: 'keys/refused' });
    expect(keys.card.getSnapshot()).toBeNull();
    errands.clear();
    await keys.giveCard();
    errands.set('removeCard', new FareboxError('network/offline'));
    await expect(keys.removeCard()).rejects.toMatchObject({ code: 'network/offline' });
    expect(keys.card.getSnapshot()?.last4).toBe('4242');
  });

  it('MC-4: believes no note that it has not written so', () => {
    for (const note of ['4242', `${'aa'.repeat(16)} 4242 1234`, '<b>']) {
      const { terminal, notes } = scriptedTerminal();
      notes.set('card', note);
      expect(createKeyRoom(terminal, async () => undefined).card.getSnapshot()).toBeNull();
    }
  });
});

describe('a module that has just come to the agency', () => {
  it('SD-1: is given what waits for it', async () => {
    const { said, trace, emit, terminal } = scriptedTerminal({ status: { ...STATUS, moduleId: null } });
    await expect.poll(() => terminal.moduleStatus.getSnapshot().state).toBe('here');
    const before = trace.filter((name) => name === 'catchUp').length;
    said.status = STATUS;
    emit({ type: 'changed', what: 'status' });
    await expect.poll(() => trace.filter((name) => name === 'catchUp').length).toBe(before + 1);
  });
});
