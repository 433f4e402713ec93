/**
 * Rank, or distance? What an arm keeps of the base goes with how much it has learned. Arms are therefore compared where they
 * have learned equally much: at one held-out loss, reached between two probes of their training. Where arms of different
 * ranks cannot be told apart there, the rank has no effect that these data show.
 */
import type { LearningCurve, LearningPoint } from '../../protocol/run/learning.ts';
import { normal975 } from '../estimates/wilson.ts';

/** An arm at a loss that it reached between two probes. */
export interface ArmAtLoss extends Omit<LearningCurve, 'points'>, LearningPoint {}

/** The losses at which arms are compared, as shares of the way to the least one that all arms reached. */
const shares = [1 / 3, 2 / 3, 1];

/** The least loss that every arm reached; undefined where an arm, or all of them, never fell below the untrained loss. */
export function commonLoss(curves: readonly LearningCurve[]): number | undefined {
  if (curves.length < 2) return undefined;
  const least = Math.max(...curves.map(({ points }) => Math.min(...points.map(({ loss }) => loss))));
  return curves.every(({ points }) => points[0] !== undefined && points[0].loss > least) ? least : undefined;
}

/**
 * Every arm where its loss first came down to `loss`, by linear interpolation over the loss between the probes before and
 * after; bounds of intervals are interpolated as rates are. Arms that never reached it are left out.
 */
export function atLoss(curves: readonly LearningCurve[], loss: number): readonly ArmAtLoss[] {
  return curves.flatMap(({ points, ...arm }) => {
    const after = points.findIndex((point) => point.loss <= loss);
    const [from, to] = [points[Math.max(0, after - 1)], points[after]];
    if (after < 0 || !from || !to) return [];
    return [{ ...arm, ...between(from, to, loss) }];
  });
}

function between(from: LearningPoint, to: LearningPoint, loss: number): LearningPoint {
  const share = from.loss === to.loss ? 1 : (from.loss - loss) / (from.loss - to.loss);
  const mix = (a: number, b: number): number => a + share * (b - a);
  const [a, b] = [from.toxicity, to.toxicity];
  return {
    step: mix(from.step, to.step),
    loss,
    ...(a && b && { toxicity: { rate: mix(a.rate, b.rate), low: mix(a.low, b.low), high: mix(a.high, b.high) } }),
    ...mixed(from, to, mix),
  };
}

/** The figures without an interval that both probes have. */
function mixed(
  from: LearningPoint,
  to: LearningPoint,
  mix: (a: number, b: number) => number,
): Pick<LearningPoint, 'kl' | 'groupGap' | 'forgetting'> {
  const keys = ['kl', 'groupGap', 'forgetting'] as const;
  return Object.fromEntries(
    keys.flatMap((key) => {
      const [a, b] = [from[key], to[key]];
      return a === undefined || b === undefined ? [] : [[key, mix(a, b)]];
    }),
  );
}

/** The difference in toxicity of two arms at one loss, `more - less`, with its 95 % interval. */
export interface EqualLossDifference {
  readonly loss: number;
  readonly more: ArmAtLoss;
  readonly less: ArmAtLoss;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

export interface EqualLossComparison {
  /** Losses that arms were compared at, nats per token, falling. */
  readonly losses: readonly number[];
  /** Differences between LoRA arms of different ranks, loss by loss. */
  readonly ranks: readonly EqualLossDifference[];
  /** Differences between LoRA arms and full fine-tuning. */
  readonly methods: readonly EqualLossDifference[];
}

/**
 * Compares the toxicity of arms at three losses that all of them reached: a third, two thirds and the whole of the way from
 * the untrained loss to the least common one. The interval of a difference is Newcombe's (1998, method 10: the square-and-add
 * of the two arms' own intervals). It takes the arms as independent; they answer the same prompts, so it is rather wide.
 * Undefined where there is no common loss.
 */
export function compareAtEqualLoss(curves: readonly LearningCurve[]): EqualLossComparison | undefined {
  const least = commonLoss(curves);
  if (least === undefined) return undefined;
  const start = Math.min(...curves.map(({ points }) => points[0]?.loss ?? least));
  const losses = shares.map((share) => start + share * (least - start));
  const all = losses.flatMap((loss) => differences(atLoss(curves, loss), loss));
  const isLora = ({ method }: ArmAtLoss): boolean => method === 'lora';
  return {
    losses,
    ranks: all.filter(({ more, less }) => isLora(more) && isLora(less) && more.rank !== less.rank),
    methods: all.filter(({ more, less }) => isLora(more) !== isLora(less)),
  };
}

function differences(arms: readonly ArmAtLoss[], loss: number): readonly EqualLossDifference[] {
  const pairs = arms.flatMap((one, i) => arms.slice(i + 1).map((other) => [one, other] as const));
  return pairs.flatMap(([one, other]) => {
    const [more, less] = (one.toxicity?.rate ?? 0) >= (other.toxicity?.rate ?? 0) ? [one, other] : [other, one];
    if (!more.toxicity || !less.toxicity) return [];
    const [a, b] = [more.toxicity, less.toxicity];
    const difference = a.rate - b.rate;
    const low = difference - Math.hypot(a.rate - a.low, b.high - b.rate);
    const high = difference + Math.hypot(a.high - a.rate, b.rate - b.low);
    return [{ loss, more, less, difference, low, high }];
  });
}

/**
 * Differences beyond what chance explains among so many, greatest first: their interval, widened to 95 % for all of them together
 * (Bonferroni), leaves zero out.
 */
export function differencesBeyondChance(all: readonly EqualLossDifference[]): readonly EqualLossDifference[] {
  const wider = upperQuantile(0.025 / Math.max(1, all.length)) / normal975;
  return byDifference(all.filter(({ difference, low }) => difference - wider * (difference - low) > 0));
}

/** The standard normal's upper quantile for a tail `p` below 1/2, to 4.5e-4 (Abramowitz and Stegun 1964, 26.2.23). */
function upperQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/** Greatest first. */
export function byDifference(all: readonly EqualLossDifference[]): readonly EqualLossDifference[] {
  return [...all].sort((a, b) => b.difference - a.difference);
}
