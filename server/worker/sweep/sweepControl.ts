import type { TrainingControl } from '../../experiments/ports/experimentPorts.ts';
import { RankscopeError } from '../../protocol/errors.ts';

/** Controls one running sweep by requests from outside. */
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

  /** Sets the arms that can be stopped. There are none before training begins. */
  announce(arms: readonly string[]): void {
    this.#arms = arms;
  }

  /** Throws RankscopeError('usage') where `arm` is no arm of the run. */
  stopArm(arm: string): void {
    if (this.#arms.includes(arm)) this.stopped.add(arm);
    else throw new RankscopeError({ code: 'usage', what: `"${arm}" is no arm in training`, remedy: this.#choices() });
  }

  #choices(): string {
    return this.#arms.length > 0 ? `The arms are ${this.#arms.join(', ')}.` : 'Wait until training has begun.';
  }

  /** Pauses training at the next boundary between two steps. */
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
    // Lets the event loop turn, since requests arrive only then and a step of training blocks it.
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
