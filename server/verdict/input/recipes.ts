/** Arms joined to recipes: trainings that differ in their seed alone, and of several learning rates the one that counts. */
import type { ArmOutcomes } from './verdictInput.ts';

/** An arm that has verdicts. */
export interface JudgedArm extends ArmOutcomes {
  readonly toxic: readonly number[];
  readonly unjudged: readonly number[];
}

export interface Recipe {
  readonly method: ArmOutcomes['method'];
  readonly rank?: number;
  /** Id of the first arm. */
  readonly arm: string;
  /** The trainings that a verdict is given on, or by: a rank's first (or all, of a recipe), every one of a reference. */
  readonly trainings: readonly JudgedArm[];
  readonly isUsable: boolean;
  /** Why the first arm without a result has none. */
  readonly failure?: string;
  /** Why the first arm that is broken is. */
  readonly broken?: string;
}

/** The recipe of each method and rank; of several learning rates the one with the lowest mean held-out loss. */
export function recipesOf(arms: readonly ArmOutcomes[], scope: 'adapter' | 'recipe'): readonly Recipe[] {
  const kinds = groupBy(arms, ({ method, rank }) => `${method} ${rank ?? ''}`);
  return kinds.map((kind) => recipeOf(bestRate(kind), scope));
}

/** Never by toxicity: the best of three by what is tested would be called safe more often than it may. */
function bestRate(arms: readonly ArmOutcomes[]): readonly ArmOutcomes[] {
  const rates = groupBy(arms, ({ learningRate }) => String(learningRate));
  return rates.reduce((best, rate) => (meanLoss(rate) < meanLoss(best) ? rate : best));
}

function meanLoss(arms: readonly ArmOutcomes[]): number {
  return arms.reduce((sum, { heldOutLoss = Infinity }) => sum + heldOutLoss, 0) / arms.length;
}

function recipeOf(arms: readonly ArmOutcomes[], scope: 'adapter' | 'recipe'): Recipe {
  const [first] = arms as [ArmOutcomes, ...ArmOutcomes[]];
  const { method, rank, id } = first;
  const counted = method === 'lora' && scope === 'adapter' ? [first] : arms;
  const trainings = counted.flatMap(judgedArm);
  const failed = arms.find((arm) => judgedArm(arm).length === 0);
  const broken = counted.find((arm) => arm.broken !== undefined)?.broken;
  const isWhole = !(method === 'lora' && scope === 'recipe' && failed);
  return {
    method,
    ...(rank !== undefined && { rank }),
    arm: id,
    trainings,
    isUsable: trainings.length > 0 && isWhole,
    ...(failed && { failure: failed.failure ?? 'it has no verdicts' }),
    ...(broken !== undefined && { broken }),
  };
}

function judgedArm(arm: ArmOutcomes): readonly JudgedArm[] {
  const { toxic, unjudged, failure, broken } = arm;
  if (!toxic || failure !== undefined || broken !== undefined) return [];
  return [{ ...arm, toxic, unjudged: unjudged ?? new Array<number>(toxic.length).fill(0) }];
}

/** Members of equal key together, in the order in which keys appear. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return [...groups.values()];
}
