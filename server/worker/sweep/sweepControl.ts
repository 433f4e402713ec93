import type { TrainingControl } from '../../experiments/ports/experimentPorts.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/** One run as requests from outside act on it while it goes on. */
export class SweepControl implements TrainingControl {
  readonly stopped = new Set<string>();
  readonly #cancellation = new AbortController();
  #arms: readonly string[] = [];
  #release: (() => void) | undefined;
  #held: Promise<void> | undefined;

  /** Aborted by `cancel`. */
  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  cancel(reason: unknown): void {
    this.#cancellation.abort(reason);
  }

  /** The arms that can be stopped; none before training has begun. */
  announce(arms: readonly string[]): void {
    this.#arms = arms;
  }

  /** Throws RankscopeError('usage') for what is no arm of the run. */
  stopArm(arm: string): void {
    if (this.#arms.includes(arm)) this.stopped.add(arm);
    else throw new RankscopeError({ code: 'usage', what: `"${arm}" is no arm in training`, remedy: this.#choices() });
  }

  #choices(): string {
    return this.#arms.length > 0 ? `The arms are ${this.#arms.join(', ')}.` : 'Wait until training has begun.';
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
