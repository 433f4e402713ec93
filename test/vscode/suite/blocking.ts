/**
 * Measures how long the extension host's thread is busy without a break: the processor time between two turns of a
 * timer. Time in which the machine ran another process does not count.
 */
export interface Blocking {
  /** The longest stretch so far, milliseconds. */
  readonly worst: number;
  stop(): void;
}

/** Node 24 tells the processor time of one thread, microseconds. */
const host = process as unknown as { threadCpuUsage(): { user: number; system: number } };

/** Processor time that this thread has used so far. */
export function busyMilliseconds(): number {
  const { user, system } = host.threadCpuUsage();
  return (user + system) / 1000;
}

export function watchBlocking(every = 2): Blocking {
  let worst = 0;
  let last = busyMilliseconds();
  const timer = setInterval(() => {
    const now = busyMilliseconds();
    worst = Math.max(worst, now - last);
    last = now;
  }, every);
  return {
    get worst() {
      return worst;
    },
    stop: () => clearInterval(timer),
  };
}
