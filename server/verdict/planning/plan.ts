/** The chance of a verdict before anything is trained, from the base model's toxicity and what training is assumed to do. */
import { leastEnough, quantiles } from '../statistics/design.ts';
import { normalCdf, studentCdf, studentQuantile } from '../statistics/distributions.ts';
import { assumptions } from '../statistics/assumptions.ts';
import { plannedSweep, type Planned, type PlannedSweep } from './plannedSweep.ts';

export interface Plan {
  /** Chances that full fine-tuning is shown to work, that one training is shown to be safe, and of both and all trainings. */
  readonly gate: number;
  readonly rank: number;
  /** Of the verdict "safe on average" or better. */
  readonly safe: number;
  /** Of the verdict "safe": in every group, too. The same as `safe` where the prompts name no groups. */
  readonly safeInEveryGroup: number;
  /** Whether even a rank without any toxic completion would be called safe. */
  readonly isPossible: boolean;
  /** Expected standard error of the test; absent where there are too few templates for any. */
  readonly standardError?: number;
  /** The highest toxicity that is called safe in 4 of 5 sweeps; negative: none is. */
  readonly highestSafe?: number;
  /** The smallest distance from the limit that is shown in 4 of 5 sweeps. */
  readonly detectable?: number;
}

/**
 * The chance that a rank is called safe, on average and in every group, tested at half of alpha as the first of the order is. By a normal
 * approximation of the noncentral t (Abramowitz and Stegun 26.7.10); against simulation it is right to about 0.1. Groups
 * are taken to pass or fail independently of each other. What other ranks will show is not foreseen. Throws a RankscopeError where a number is out of its range.
 */
export function plan(sweep: PlannedSweep): Plan {
  const assumed = plannedSweep(sweep);
  const { templates, alpha, seeds, base, goal, removed, removal, margin } = assumed;
  if (templates < assumptions.leastTemplates) {
    return { gate: 0, rank: 0, safe: 0, safeInEveryGroup: 0, isPossible: false };
  }
  const factor = seeds > 1 ? 2 : 1;
  const start = alpha / 2 / factor;
  const isPreserve = goal === 'preserve';
  const claim = isPreserve ? { weights: [1], margin: margin / 100 } : { weights: [removed, 1 - removed], margin: 0 };
  const rank = chance(assumed, assumedRates(assumed, base), claim, start);
  const against = { weights: [1], margin: 0 };
  const gate = isPreserve ? 1 : chance(assumed, [base * (1 - removal), base], against, alpha / factor).chance;
  // The least toxic rank there could be, and before it the least toxic full fine-tuning.
  const isPossible =
    passes(assumed, isPreserve ? [0, base] : [0, 0, base], claim, start) &&
    (isPreserve || passes(assumed, [0, base], against, alpha / factor));
  const safe = isPossible ? Math.min(gate, rank.chance ** seeds) : 0;
  return {
    gate,
    rank: rank.chance,
    safe,
    safeInEveryGroup: safe * inGroups(assumed, claim, start) ** seeds,
    isPossible,
    standardError: rank.standardError,
    highestSafe: rank.limit - rank.detectable,
    detectable: rank.detectable,
  };
}

/** Toxicity of the rank and of its references where the base has the rate `base`. */
function assumedRates({ goal, removal, retained, rise }: Planned, base: number): readonly number[] {
  if (goal === 'preserve') return [Math.min(1, base + rise), base];
  const full = base * (1 - removal);
  return [Math.max(0, full + retained * (base - full)), full, base];
}

/** The chance that one training is shown to hold in every group, each with the group margin on top of its limit. */
function inGroups(sweep: Planned, claim: PlannedClaim, level: number): number {
  const wider = { ...claim, margin: claim.margin + sweep.groupMargin / 100 };
  return sweep.groups.reduce((all, { base, templates, prompts }) => {
    if (templates < assumptions.leastTemplates) return 0;
    return all * chance({ ...sweep, templates, prompts }, assumedRates(sweep, base), wider, level).chance;
  }, 1);
}

interface PlannedClaim {
  readonly weights: readonly number[];
  readonly margin: number;
}

interface Expected {
  readonly chance: number;
  readonly standardError: number;
  readonly limit: number;
  readonly detectable: number;
}

/** Of rejecting "at or above the limit" at `level`; `rates` are those of the tested arm and of its references. */
function chance(sweep: Planned, rates: readonly number[], claim: PlannedClaim, level: number): Expected {
  const { variance, tested, limit } = expectedVariances(sweep, rates, claim);
  const df = sweep.templates - 1;
  const critical = studentQuantile(1 - level, df) * Math.sqrt(tested / variance);
  const distance = (limit - (rates[0] ?? NaN)) / Math.sqrt(variance);
  const z = (distance - critical * (1 - 1 / (4 * df))) / Math.sqrt(1 + critical ** 2 / (2 * df));
  const standardError = Math.sqrt(tested);
  return { chance: normalCdf(z), standardError, limit, detectable: quantiles(level, df) * standardError };
}

/** Whether an arm with exactly these rates would be shown to be below its limit. */
function passes(sweep: Planned, rates: readonly number[], claim: PlannedClaim, level: number): boolean {
  const { tested, limit } = expectedVariances(sweep, rates, claim);
  return studentCdf(((rates[0] ?? NaN) - limit) / Math.sqrt(tested), sweep.templates - 1) <= level;
}

/** The estimate's variance, and the one that the test will take it to have at the limit. */
function expectedVariances(
  { templates, prompts, samples, templateCorrelation, shared, promptCorrelation }: Planned,
  rates: readonly number[],
  { weights, margin }: PlannedClaim,
): { variance: number; tested: number; limit: number } {
  const size = prompts * samples;
  const n = templates * size;
  const signed = [1, ...weights.map((weight) => -weight)];
  const sum = (term: (weight: number, a: number) => number) =>
    signed.reduce((all, weight, a) => all + term(weight, a), 0);
  const smooth = rates.map((rate) => (rate * n + 0.5) / (n + 1));
  const limit = margin - sum((weight, a) => (a === 0 ? 0 : weight * (rates[a] ?? NaN)));
  const own = smooth[0] ?? NaN;
  const atLimit = [Math.min(Math.max(0.5, own), Math.max(own, limit)), ...smooth.slice(1)];
  const binomial = (ps: readonly number[]) =>
    sum((weight, a) => weight ** 2 * (ps[a] ?? NaN) * (1 - (ps[a] ?? NaN))) / n;
  const unit = binomial(smooth);
  const deviation = sum((weight, a) => weight * Math.sqrt((smooth[a] ?? NaN) * (1 - (smooth[a] ?? NaN))));
  const within = 1 + (samples - 1) * promptCorrelation - samples * templateCorrelation;
  const between = (1 - shared) * size * unit + (shared * deviation ** 2) / templates;
  const variance = within * unit + templateCorrelation * between;
  const least = 1 + assumptions.leastCorrelation * (size - 1);
  return { variance, tested: Math.max(variance / unit, least) * binomial(atLimit), limit };
}

const mostTemplates = 4000;

/** The least number of templates with which a safe rank is called safe with the chance `target`; undefined beyond 4000. */
export function leastTemplates(
  sweep: Omit<PlannedSweep, 'templates'>,
  target: number = assumptions.power,
): number | undefined {
  const isEnough = (templates: number) => plan({ ...sweep, templates }).safe >= target;
  return leastEnough(assumptions.leastTemplates, mostTemplates, isEnough);
}
