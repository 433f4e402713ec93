/** Arms that are computed with together, and what becomes of one whose numbers are not finite. */
import { BrokenArm } from '../../protocol/finite.ts';
import type { ErrorDetails } from '../../protocol/errors.ts';
import type { RunWriter } from '../ports/experimentPorts.ts';

/**
 * The arms whose numbers are finite so far. One that breaks is told once, has no result, and is computed with no more; the
 * others' results are those that they have without it. Without the base there is nothing to compare with: it fails the work.
 */
export class SoundArms {
  readonly #onBroken: (arm: string, reason: ErrorDetails) => void;
  readonly #failures = new Map<string, ErrorDetails>();
  #ids: readonly string[];

  constructor(ids: readonly string[], onBroken: (arm: string, reason: ErrorDetails) => void = () => undefined) {
    this.#ids = ids;
    this.#onBroken = onBroken;
  }

  /** Those that are left, in order. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /** Why each of the others has no result. */
  get failures(): ReadonlyMap<string, ErrorDetails> {
    return this.#failures;
  }

  /** What is computed with the arms that are left; anew without an arm that breaks. Throws what is no arm's own failure. */
  async compute<T>(work: (ids: readonly string[]) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work(this.#ids);
      } catch (error) {
        if (!(error instanceof BrokenArm) || error.arm === 'base' || !this.#ids.includes(error.arm)) throw error;
        this.#ids = this.#ids.filter((id) => id !== error.arm);
        this.#failures.set(error.arm, error.details);
        this.#onBroken(error.arm, error.details);
      }
    }
  }

  /** The same, of work that gives one result an arm in their order: by arm. */
  async computeEach<T>(work: (ids: readonly string[]) => Promise<readonly T[]>): Promise<ReadonlyMap<string, T>> {
    const results = await this.compute(work);
    return new Map(
      this.#ids.flatMap((id, i) => {
        const own = results[i];
        return own === undefined ? [] : [[id, own] as const];
      }),
    );
  }
}

/** Arms of which one that breaks is told in the run's events. */
export function soundArms(ids: readonly string[], writer: Pick<RunWriter, 'append'>): SoundArms {
  return new SoundArms(ids, (arm, { what }) => void writer.append({ type: 'arm-failed', arm, reason: what }));
}

/** Outcomes of training with what failed after it. */
export function withFailures<O extends { readonly arm: string }>(
  outcomes: readonly O[],
  failures: ReadonlyMap<string, ErrorDetails>,
): readonly (O & { readonly failure?: ErrorDetails })[] {
  return outcomes.map((outcome) => {
    const failure = failures.get(outcome.arm);
    return failure ? { ...outcome, failure } : outcome;
  });
}
