import { watch, type FSWatcher } from 'node:fs';
import { readMetrics, withDeclaration } from '../../../runs/readRun.ts';
import { isHeld } from '../../../runs/runLock.ts';
import type { RunState } from '../../../protocol/messages/runsContract.ts';
import type { RunReader } from '../history/runReader.ts';
import type { SweepStatus } from '../ownership/runningSweeps.ts';

/** Interval at which a run is read when its folder reports no change, ms. Some file systems report none. */
const interval = 1000;

/** A run in any process, followed by reading and watching its folder. */
export class FollowedRun {
  readonly reader: RunReader;
  readonly #status: () => SweepStatus;
  #watcher: FSWatcher | undefined;
  #waiting = new Set<() => void>();
  #followers = 0;
  #state: RunState = 'interrupted';
  #changes = 0;

  constructor(reader: RunReader, status: () => SweepStatus) {
    this.reader = reader;
    this.#status = status;
  }

  get state(): RunState {
    return this.#state;
  }

  /** Whether the run has ended, so that nothing more comes unless its engine is alive. */
  get ended(): boolean {
    return !['starting', 'running', 'paused'].includes(this.#state);
  }

  /** How often the run has changed so far. */
  get changes(): number {
    return this.#changes;
  }

  get followed(): boolean {
    return this.#followers > 0;
  }

  /** Why the run ended, where that is known. */
  get failure(): string | undefined {
    if (this.reader.history.end !== undefined) return this.reader.history.failure;
    return this.ended ? this.#status().death?.what : undefined;
  }

  /** Reads what is new. Throws RankscopeError('disk'). */
  async refresh(): Promise<void> {
    const before = this.#status();
    // The lock is read first, so that everything which its owner wrote before releasing the folder is read
    // afterwards.
    const owned = await isHeld(this.reader.folder.lock);
    await this.reader.catchUp();
    this.#state = await this.#stateOf(before, owned);
  }

  async #stateOf({ isRunning, hasBegun }: SweepStatus, owned: boolean): Promise<RunState> {
    const { history, folder } = this.reader;
    if (history.end === 'finished') {
      // A declaration may have been changed after the last event, so that the metrics are compared with it now.
      if (history.metrics) history.metrics = await withDeclaration(history.metrics, folder);
      return 'finished';
    }
    if (isRunning && !hasBegun) return 'starting';
    if (history.end === undefined && (isRunning || owned)) return history.paused ? 'paused' : 'running';
    if (history.end === undefined || owned) {
      const metrics = await readMetrics(folder);
      if (metrics !== undefined) return this.#finished(metrics);
    }
    return history.end ?? 'interrupted';
  }

  /** The process of the run ended after it wrote its metrics and before it wrote its last event. */
  #finished(metrics: NonNullable<Awaited<ReturnType<typeof readMetrics>>>): 'finished' {
    this.reader.history.apply({ type: 'finished', time: Date.parse(metrics.finished) || 0, metrics });
    return 'finished';
  }

  /** Watches the folder until the function that it returns is called. */
  follow(): () => void {
    this.#followers++;
    this.#watcher ??= this.#watch();
    return () => {
      this.#followers--;
      if (this.#followers > 0) return;
      this.#watcher?.close();
      this.#watcher = undefined;
    };
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(this.reader.folder.path, { persistent: false }, () => this.changed());
      watcher.on('error', () => undefined);
      return watcher;
    } catch {
      // The folder is also read at intervals, which finds the same changes.
      return undefined;
    }
  }

  /** Wakes all watchers that wait for news. */
  changed(): void {
    this.#changes++;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /** Resolves once `changes` exceeds `since`, after a second in any case, or when the signal is aborted. */
  async news(since: number, signal: AbortSignal): Promise<void> {
    if (this.#changes !== since) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, interval);
      signal.addEventListener('abort', wake, { once: true });
      this.#waiting.add(wake);
      if (signal.aborted) wake();
    });
  }
}
