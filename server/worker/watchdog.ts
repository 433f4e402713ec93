/** Ends the engine process when its parent has gone and the engine does not notice, since it is in a long call. */
import { Worker } from 'node:worker_threads';

export interface Watchdog {
  /** The parent's end was heard: what is being written may be finished, for so long. */
  heard(): void;
}

/** How long a call may go on after the parent has gone, and the last checkpoint may take once that was heard, ms. */
const USUAL = { stuck: 15_000, farewell: 300_000 };

/**
 * A thread of its own, since a native call blocks the one that hears of the parent. It looks at the parent's process once a
 * second: a process whose parent has gone has another parent, and on Windows the parent's number is no process any more.
 */
export function watchParent({ stuck, farewell } = USUAL): Watchdog {
  const shared = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { shared, parent: process.ppid, stuck, farewell };
  const thread = new Worker(WATCH, { eval: true, workerData });
  thread.unref();
  // Without the thread the engine still leaves as soon as a call ends.
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
