/** Ends the engine process when its parent has gone and a long call keeps the engine from noticing. */
import { Worker } from 'node:worker_threads';

export interface Watchdog {
  /** Reports that the engine has noticed the end of its parent. It then has more time to finish writing. */
  heard(): void;
}

/**
 * How long a call may go on after the parent has gone, and how long the last checkpoint may take once the engine
 * has noticed, ms.
 */
const USUAL = { stuck: 15_000, farewell: 300_000 };

/**
 * Watches the parent from a thread, since a native call blocks the main thread. Once a second it checks the
 * parent's process id: without its parent a process has another parent, and on Windows the parent's id no longer
 * belongs to a process.
 */
export function watchParent({ stuck, farewell } = USUAL): Watchdog {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { shared, parent: process.ppid, stuck, farewell };
  const thread = new Worker(WATCH, { eval: true, workerData });
  thread.unref();
  // Without the thread the engine still ends as soon as the call returns.
  thread.on('error', () => undefined);
  return { heard: () => void Atomics.store(shared, 0, 1) };
}

const WATCH = `
const { workerData: { shared, parent, stuck, farewell } } = require('node:worker_threads');
let gone = 0;
const isThere = () => {
  if (process.ppid !== parent) return false;
  try { process.kill(parent, 0); return true; } catch (error) { return error.code === 'EPERM'; }
};
setInterval(() => {
  if (gone === 0 && !isThere()) gone = Date.now();
  if (gone === 0) return;
  const patience = Atomics.load(shared, 0) === 1 ? farewell : stuck;
  if (Date.now() - gone > patience) process.kill(process.pid, 'SIGKILL');
}, Math.min(1000, stuck));
`;
