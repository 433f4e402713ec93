/** Entry of the engine process: answers its parent over IPC, and ends when the parent has gone. */
import { join } from 'node:path';
import { keepHashesIn } from '../engine/weights/hashFiles.ts';
import { cacheFolder } from '../launch/cacheFolder.ts';
import { cacheLimit } from '../launch/cacheLimit.ts';
import { ipcDuplex } from '../launch/ipcDuplex.ts';
import { trimCache } from '../launch/keptCache.ts';
import { errorDetails, type ErrorDetails } from '../protocol/errors.ts';
import { createEngineHost } from './host/engineModel.ts';
import { answerProbe, PROBE } from './devices/deviceProbe.ts';
import { startWorker } from './startWorker.ts';
import { watchParent } from './watchdog.ts';

const parentLeft = new Promise<ErrorDetails>((resolve) => {
  process.once('disconnect', () => resolve({ code: 'engine', what: 'the parent process has closed the channel' }));
  // A signal to the whole process group, as at a shutdown, is handled like the end of the parent: the engine writes
  // a checkpoint and ends.
  const signals = process.argv[2] === PROBE ? [] : (['SIGTERM', 'SIGHUP'] as const);
  for (const signal of signals) {
    process.once(signal, () => resolve({ code: 'engine', what: `the engine process was ended by ${signal}` }));
  }
});

// Ctrl-C in a terminal reaches every process of its group. The parent decides what follows: it cancels the run or
// ends. Ending here would leave a run without a record of its end.
process.on('SIGINT', () => undefined);

// The reader of these streams may be gone before the last checkpoint is written. A lost line must not end the
// process.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

if (process.send === undefined) {
  process.stderr.write('This is the engine process of Rankscope: it is started by Rankscope, not by hand.\n');
  process.exitCode = 2;
} else if (process.argv[2] === PROBE) {
  void answerProbe(process.argv[3] ?? '').then((answer) => process.send?.(answer, () => process.exit(0)));
} else {
  void keepCacheSmall();
  const watchdog = watchParent();
  void parentLeft.then(() => watchdog.heard());
  keepHashesIn(join(cacheFolder(process.env), 'hashes'));
  const worker = startWorker(createEngineHost(), ipcDuplex(process, parentLeft), { onFault: log });
  void parentLeft.then(() => worker.settled()).finally(() => process.exit(0));
}

/**
 * Removes old entries of the cache and what earlier processes left behind. A fault in the cache is logged and
 * changes nothing else.
 */
async function keepCacheSmall(): Promise<void> {
  try {
    await trimCache(cacheFolder(process.env), cacheLimit(process.env));
  } catch (error) {
    log(error);
  }
}

/** The client gets the error in any case. The log also records where it happened. */
function log(error: unknown): void {
  const { code, what } = errorDetails(error);
  if (code === 'cancelled') return;
  const trace = code === 'internal' && error instanceof Error ? error.stack : undefined;
  process.stderr.write(`${code}: ${trace ?? what}\n`);
}
