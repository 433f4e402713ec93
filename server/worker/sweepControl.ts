import type { TrainingControl } from '../experiments/experimentPorts.ts';

/** One run as requests from outside act on it while it goes on. */
export class SweepControl implements TrainingControl {
  readonly stopped = new Set<string>();
  readonly #cancellation = new AbortController();
  #release: (() => void) | undefined;
  #held: Promise<void> | undefined;

  /** Aborted by `cancel`. */
  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  cancel(reason: unknown): void {
    this.#cancellation.abort(reason);
  }

  stopArm(arm: string): void {
    this.stopped.add(arm);
  }

  /** Holds training at the next boundary between two steps. */
  pause(): void {
    this.#held ??= new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  resumeTraining(): void {
    this.#release?.();
    this.#held = undefined;
  }

  async whilePaused(onPaused: () => void, signal: AbortSignal): Promise<void> {
    // Requests are heard only when the event loop turns, which a step of training does not let it do.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.#held || signal.aborted) return;
    onPaused();
    await Promise.race([this.#held, aborted(signal)]);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
