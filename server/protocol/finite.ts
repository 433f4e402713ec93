import { RankscopeError } from './errors.ts';

/**
 * What one arm computed is not finite: the arm has no result. Whoever computes with several arms goes on without it
 * (experiments/sweep/soundArms.ts).
 */
export class BrokenArm extends RankscopeError {
  readonly arm: string;

  /** `what`: the thing that is not finite, e.g. `a logit`; `place`: where in the arm's work, e.g. `prompt 3, token 5`. */
  constructor(arm: string, what: string, place?: string) {
    super({
      code: arm === 'base' ? 'model' : 'diverged',
      where: arm === 'base' ? 'the base model' : `arm ${arm}`,
      what: `${what} is not finite${place === undefined ? '' : ` (${place})`}.`,
      remedy:
        arm === 'base'
          ? 'Its weights are damaged, or too large for float32: download the model again.'
          : 'Train it at a lower learning rate, or clip the gradient ("clip": 1).',
    });
    this.name = 'BrokenArm';
    this.arm = arm;
  }
}

/** Index of the first value that is NaN or infinite; -1 where there is none. */
export function firstNonFinite(values: readonly number[] | Float32Array): number {
  // 0 x infinity and 0 x NaN are NaN, which a sum keeps: one pass without a branch.
  let sum = 0;
  for (const value of values) sum += value * 0;
  if (sum === 0) return -1;
  return values.findIndex((value) => !Number.isFinite(value));
}

/**
 * The one check of everything that leaves the engine. `rowOf` says which arm's a value is and where it stands; it is asked
 * about the first that is not finite. Throws BrokenArm.
 */
export function assertFinite(
  what: string,
  values: readonly number[] | Float32Array,
  rowOf: (index: number) => { readonly arm: string; readonly place?: string },
): void {
  const index = firstNonFinite(values);
  if (index < 0) return;
  const { arm, place } = rowOf(index);
  throw new BrokenArm(arm, what, place);
}
