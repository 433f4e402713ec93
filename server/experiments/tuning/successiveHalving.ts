/**
 * Successive halving (Jamieson and Talwalkar 2016) over a grid of learning rates: all are tried for a short while, the
 * better half for longer, and so on. Each trial is a whole training of its length, schedule included, so that losses of
 * one length can be compared and a trial can be repeated by itself.
 */

/** What a rate came to. */
export interface RateTrial {
  readonly learningRate: number;
  /** Optimiser steps of the trial. */
  readonly steps: number;
  /** Held-out loss after them, nats per token; absent where training or loss was not finite. */
  readonly loss?: number;
}

export interface ChosenRate {
  readonly learningRate: number;
  readonly loss: number;
  /** All trials, in order. */
  readonly trials: readonly RateTrial[];
  /** The chosen rate is the least or the greatest that was tried: a better one may lie beyond. */
  readonly edge?: 'lowest' | 'highest';
}

/** Trials shorter than this say little. */
const shortestTrial = 10;
/** How often a grid is widened at an edge. */
const mostWidenings = 3;

/** Lengths of the trials of a training of `steps` steps: an eighth, a quarter and a half of it, none below ten steps. */
export function trialLengths(steps: number): readonly number[] {
  const lengths = [8, 4, 2].map((part) => Math.min(steps, Math.max(shortestTrial, Math.ceil(steps / part))));
  return [...new Set(lengths)];
}

/**
 * The rate with the least loss in the longest trials. `tryRates` tries several for so many steps and answers in their order.
 * Where the best is at an edge of the grid, the grid is widened by its own spacing, up to three times. A five-rate grid
 * costs under half of the steps that training each rate to the end would. Undefined where no rate has a finite loss.
 */
export async function chooseRate(
  grid: readonly number[],
  lengths: readonly number[],
  tryRates: (rates: readonly number[], steps: number) => Promise<readonly RateTrial[]>,
): Promise<ChosenRate | undefined> {
  const trials: RateTrial[] = [];
  let rates = grid;
  let ranked: readonly RateTrial[] = [];
  for (const [rung, steps] of lengths.entries()) {
    const tried = await tryRates(rates, steps);
    trials.push(...tried);
    ranked = byLoss(tried, grid);
    if (rung < lengths.length - 1) rates = ranked.slice(0, Math.ceil(rates.length / 2)).map((t) => t.learningRate);
  }
  const longest = lengths.at(-1) ?? 0;
  let best = ranked[0];
  for (let widened = 0; widened < mostWidenings; widened++) {
    const next = best && beyond(best.learningRate, trials);
    if (next === undefined) break;
    const tried = await tryRates([next], longest);
    trials.push(...tried);
    best = byLoss([...(best ? [best] : []), ...tried], grid)[0];
    if (best?.learningRate !== next) break;
  }
  if (best?.loss === undefined) return undefined;
  const edge = edgeOf(best.learningRate, trials);
  return { learningRate: best.learningRate, loss: best.loss, trials, ...(edge && { edge }) };
}

/** Least loss first; of equal ones the nearest to the middle of the grid; those without a loss last. */
function byLoss(trials: readonly RateTrial[], grid: readonly number[]): readonly RateTrial[] {
  const middle = Math.log(grid[Math.floor((grid.length - 1) / 2)] ?? 1);
  const distance = ({ learningRate }: RateTrial): number => Math.abs(Math.log(learningRate) - middle);
  const loss = (trial: RateTrial): number => trial.loss ?? Infinity;
  return [...trials].sort((a, b) => (loss(a) === loss(b) ? distance(a) - distance(b) : loss(a) - loss(b)));
}

function edgeOf(rate: number, trials: readonly RateTrial[]): 'lowest' | 'highest' | undefined {
  const tried = trials.map(({ learningRate }) => learningRate);
  if (rate === Math.min(...tried)) return 'lowest';
  return rate === Math.max(...tried) ? 'highest' : undefined;
}

/** The rate next to an edge, as far from it as its neighbour in the grid is; undefined for a rate within. */
function beyond(rate: number, trials: readonly RateTrial[]): number | undefined {
  const edge = edgeOf(rate, trials);
  if (!edge) return undefined;
  const tried = [...new Set(trials.map(({ learningRate }) => learningRate))].sort((a, b) => a - b);
  const neighbour = edge === 'lowest' ? tried[1] : tried.at(-2);
  return neighbour === undefined ? undefined : Number(((rate * rate) / neighbour).toPrecision(3));
}
