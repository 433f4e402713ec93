/** The estimated cost of a sweep: the time of its rehearsal, plus the time of the work that the rehearsal skipped. */
export interface MeterReading {
  readonly seconds: number;
  /** Bytes that the run would use on the disk at most. */
  readonly diskBytes: number;
}

/**
 * Adds up the work that a rehearsal skips. Work that a run repeats is done and timed once, and each skipped
 * repetition counts with the same time.
 */
export class EstimateMeter {
  readonly #began = performance.now();
  readonly #rates = new Map<string, number>();
  readonly #arms = new Map<string, number>();
  #skipped = 0;
  #checkpoint = 0;
  #written = 0;

  /** Adds seconds of skipped work. Negative for work that the rehearsal does and a run does not. */
  skip(seconds: number): void {
    this.#skipped += seconds;
  }

  /** Runs `work` and measures how many seconds it takes. */
  async timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
    const began = performance.now();
    const result = await work();
    return { result, seconds: (performance.now() - began) / 1000 };
  }

  /** Seconds for one unit of this kind of work; undefined until it was timed after its first, slower repetition. */
  rate(kind: string): number | undefined {
    return this.#rates.get(kind);
  }

  settle(kind: string, secondsPerUnit: number): void {
    this.#rates.set(kind, secondsPerUnit);
  }

  /** Counts the weights of an arm in the run's folder. */
  keepsArm(arm: string, bytes: number): void {
    this.#arms.set(arm, bytes);
  }

  /** Counts the largest checkpoint three times: a run keeps two, until the one that it writes is complete. */
  keepsCheckpoint(bytes: number): void {
    this.#checkpoint = Math.max(this.#checkpoint, 3 * bytes);
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
