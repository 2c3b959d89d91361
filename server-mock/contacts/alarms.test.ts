import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVER_LIMITS } from '../limits.ts';
import { enrolTestModule, type TestModule } from '../testing/module.ts';
import { openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { type Alarm, firstAlarmTime, keepAlarm, keepingAlarms, listAlarms, RecordRefusal } from './alarms.ts';

describe('alarms', () => {
  let at: TestProvider;
  let module: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    module = await enrolTestModule(at);
  });
  afterAll(() => at.close());

  const alarmOf = (by: TestModule, epoch: number, kind: Alarm['kind'], time = 1): Alarm => ({
    module: by.id,
    epoch,
    kind,
    source: 'contact',
    evidence: new Uint8Array(randomBytes(16)),
    certificate: by.certificate,
    shown: { counter: 1n, head: new Uint8Array(32) },
    expected: null,
    expectedEvidence: null,
    time,
  });
  const keep = (alarm: Alarm): Promise<void> => at.provider.database.transaction((tx) => keepAlarm(tx, alarm));

  it('BT-2: are bounded for a module over all its epochs; those of the lowest go first', async () => {
    const { queries } = at.provider.database;
    const epochs = SERVER_LIMITS.alarmsPerModule + 10;
    for (let epoch = 1; epoch <= epochs; epoch += 1) await keep(alarmOf(module, epoch, 'superseded'));
    const kept = (await listAlarms(queries, module.id)).map(({ epoch }) => epoch);
    expect(kept).toEqual(Array.from({ length: SERVER_LIMITS.alarmsPerModule }, (_, at) => epochs - at));
  });

  it('BT-2: of one module make no room in another’s, and of one kind none in another’s', async () => {
    const { queries } = at.provider.database;
    const other = await enrolTestModule(at);
    for (let time = 1; time <= 7; time += 1) {
      for (const kind of ['regress', 'fork'] as const) await keep(alarmOf(other, 1, kind, time));
    }
    const kept = await listAlarms(queries, other.id);
    for (const kind of ['regress', 'fork'] as const) {
      expect(kept.filter((alarm) => alarm.kind === kind).map(({ time }) => time)).toEqual([7, 6, 5, 4, 1]);
      expect(await firstAlarmTime(queries, other.id, 1, kind)).toBe(1);
    }
    expect(await firstAlarmTime(queries, other.id, 2, 'fork')).toBeNull();
    expect(await listAlarms(queries, module.id)).toHaveLength(SERVER_LIMITS.alarmsPerModule);
  });

  it('BT-2: are kept when what was refused for them is rolled back, and for no other failure', async () => {
    const { database } = at.provider;
    const refused = await enrolTestModule(at);
    const alarm = alarmOf(refused, 1, 'fork');
    const work = (cause: Error) => keepingAlarms(database, () => database.transaction(() => Promise.reject(cause)));
    await expect(work(new Error('something else'))).rejects.toThrow('something else');
    expect(await listAlarms(database.queries, refused.id)).toEqual([]);
    await expect(work(new RecordRefusal(alarm))).rejects.toMatchObject({ code: 'record/fork' });
    expect(await listAlarms(database.queries, refused.id)).toMatchObject([{ kind: 'fork', evidence: alarm.evidence }]);
  });
});
