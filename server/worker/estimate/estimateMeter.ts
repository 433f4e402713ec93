/** What a rehearsed sweep would have cost: the clock of the rehearsal, plus what was left out. */
export interface MeterReading {
  readonly seconds: number;
  /** Bytes that the run would leave on the disk at its fullest. */
  readonly diskBytes: number;
}

/**
 * Adds up what a rehearsal leaves out. What it does once and a run does many times is timed, and the rest of it counted
 * as if it had taken as long.
 */
export class EstimateMeter {
  readonly #began = performance.now();
  readonly #rates = new Map<string, number>();
  readonly #arms = new Map<string, number>();
  #skipped = 0;
  #checkpoint = 0;
  #written = 0;

  /** Seconds that were left out; negative for what the rehearsal does and a run does not. */
  skip(seconds: number): void {
    this.#skipped += seconds;
  }

  /** Runs `work` and tells how many seconds it took. */
  async timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
    const began = performance.now();
    const result = await work();
    return { result, seconds: (performance.now() - began) / 1000 };
  }

  /** Seconds a unit of this kind of work takes; undefined until it has been seen warm. */
  rate(kind: string): number | undefined {
    return this.#rates.get(kind);
  }

  settle(kind: string, secondsPerUnit: number): void {
    this.#rates.set(kind, secondsPerUnit);
  }

  /** Weights of an arm in the run's folder. */
  keepsArm(arm: string, bytes: number): void {
    this.#arms.set(arm, bytes);
  }

  /** Two checkpoints are there for a moment: the one that was and the one that takes its place. */
  keepsCheckpoint(bytes: number): void {
    this.#checkpoint = Math.max(this.#checkpoint, 2 * bytes);
  }

  writes(bytes: number): void {
    this.#written += bytes;
  }

  read(): MeterReading {
    const arms = [...this.#arms.values()].reduce((sum, bytes) => sum + bytes, 0);
    return {
      seconds: Math.max(0, (performance.now() - this.#began) / 1000 + this.#skipped),
      diskBytes: arms + this.#checkpoint + this.#written,
    };
  }
}
