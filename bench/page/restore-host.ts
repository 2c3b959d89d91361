// The restore's measurement: a backup of a long life, an empty browser, and the command that puts the one into the other.
import { sealBackup } from '../../src/protocol/backup.ts';
import { makeRecoveryWords } from '../../src/protocol/recovery-words.ts';
import { makeHistory } from './history.ts';
import { connect, makeModuleWorker, take } from './module-host.ts';

/** Milliseconds from the command to its report, and how many objects the report accounts for. */
export async function measureRestore(objects: number): Promise<readonly number[]> {
  const random = (lengthBytes: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(lengthBytes));
  const { snapshot, agencyKey } = await makeHistory(objects / 2);
  const { words, entropy } = makeRecoveryWords(random);
  const backup = await sealBackup({ entropy, snapshot, madeTime: Date.now(), passkeys: [], random });
  const worker = makeModuleWorker();
  try {
    const module = await connect(worker, agencyKey, words);
    const startedMs = performance.now();
    const { counts } = take(await module.restore({ backup }));
    const tookMs = performance.now() - startedMs;
    return [tookMs, counts.found + counts.notFound + counts.used + counts.unreachable];
  } finally {
    worker.terminate();
  }
}
