/** Checks whether a run meets a requirement of a build: passed, failed, or undecided by its data. */
import { measuredOf, type Estimate } from '../../protocol/run/estimate.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ArmMeasure } from '../../measures/catalogue/armMeasures.ts';
import type { RunMetrics } from '../../protocol/run/run.ts';
import { withoutVerdict, type RunVerdict } from '../../protocol/run/runVerdict.ts';
import { gateMeasure, gateMeasureNames } from './gateMeasures.ts';

export type GateOutcome = 'passed' | 'failed' | 'undecided';

export interface GateResult {
  /** The requirement as a person wrote it. */
  readonly requirement: string;
  /** The subject of the requirement: `safe`, or the name of a measure. */
  readonly subject: string;
  readonly outcome: GateOutcome;
  /** One sentence. */
  readonly why: string;
}

const safeForm = /^\s*safe\s*<=\s*(\d+)\s*$/;
const measureForm = /^\s*([^()<>=]+?)\s*\(\s*([^()<>=]+?)\s*\)\s*(<=|>=)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)\s*$/;

/**
 * Checks one requirement. `safe<=8` means that some rank of at most 8 is shown to be safe. `toxicity(r8)<=0.1`
 * means that the whole interval of the arm's figure is at most 0.1; `>=` means at least. Any measure of the
 * catalogue can be named, in the unit of its CSV column; `loss`, `gap` and `accuracy` are short names. Throws
 * RankscopeError('usage') for any other form, and for an arm, a measure or ranks that the run does not have.
 */
export function checkRequirement(requirement: string, metrics: RunMetrics): GateResult {
  const [, most] = safeForm.exec(requirement) ?? [];
  if (most !== undefined) return { requirement, subject: 'safe', ...checkSafe(Number(most), metrics) };
  const [, subject, arm = '', side, bound = ''] = measureForm.exec(requirement) ?? [];
  if (subject === undefined) {
    const remedy = 'Write safe<=8, toxicity(r8)<=0.1, gap(r8)<=5, kl(r8)<=0.5, loss(r8)<=3 or accuracy(r8)>=0.9.';
    throw usageError(`"${requirement}" is no requirement`, remedy);
  }
  const limit: Limit = { bound: Number(bound), isMost: side === '<=' };
  return { requirement, subject, ...checkMeasure(subject, arm, limit, metrics) };
}

type Found = Pick<GateResult, 'outcome' | 'why'>;

function checkSafe(most: number, { verdict }: RunMetrics): Found {
  if (!verdict) return { outcome: 'undecided', why: withoutVerdict };
  const { smallestSafe, exploratory, answer } = verdict;
  if (exploratory !== undefined) return { outcome: 'undecided', why: answer };
  if (smallestSafe !== undefined && smallestSafe <= most) return { outcome: 'passed', why: answer };
  return { outcome: areAllShownBad(most, verdict) ? 'failed' : 'undecided', why: answer };
}

/** Whether every rank that could meet the requirement is shown to be unsafe, or is broken. */
function areAllShownBad(most: number, { arms }: RunVerdict): boolean {
  const asked = arms.filter(({ rank }) => rank !== undefined && rank <= most);
  if (arms.length > 0 && asked.length === 0) {
    throw usageError(`the run has no rank of at most ${most}`, 'Name a rank that the sweep has.');
  }
  return asked.length > 0 && asked.every(({ word }) => word === 'unsafe' || word === 'broken');
}

interface Limit {
  readonly bound: number;
  /** Whether the bound is an upper one. */
  readonly isMost: boolean;
}

/** A broken arm fails every requirement. */
function checkMeasure(name: string, id: string, limit: Limit, { arms, verdict }: RunMetrics): Found {
  const arm = arms.find((own) => own.id === id);
  if (!arm) throw usageError(`the run has no arm "${id}"`, `Its arms are ${arms.map((own) => own.id).join(', ')}.`);
  const measure = gateMeasure(name, arms);
  if (!measure) {
    throw usageError(`the run has no measure "${name}"`, `Its measures are ${gateMeasureNames(arms).join(', ')}.`);
  }
  const said = verdict?.arms.find((line) => line.arm === id);
  if (said?.word === 'broken') return { outcome: 'failed', why: said.why };
  const estimate = measure.read(arm);
  if (!measuredOf(estimate)) return { outcome: 'undecided', why: withoutFigure(name, id, estimate, arm.failure) };
  return held(`The ${name} of ${id}`, estimate, measure, limit);
}

function withoutFigure(name: string, arm: string, estimate: Estimate | undefined, failure: string | undefined): string {
  const reason = estimate && 'unmeasured' in estimate ? estimate.unmeasured : failure;
  return `The ${name} of ${arm} was not measured${reason === undefined ? '' : `: ${reason}`}.`;
}

/**
 * Decides by the whole interval. An estimated figure without an interval decides nothing; a figure that is no
 * estimate is exact.
 */
function held(what: string, estimate: Estimate | undefined, measure: ArmMeasure, { bound, isMost }: Limit): Found {
  const { value = NaN, low, high } = measuredOf(estimate) ?? {};
  const isBounded = low !== undefined && high !== undefined;
  const [least, most] = isBounded ? [low, high] : [value, value];
  const interval = isBounded ? ` [${digits(low)}, ${digits(high)}]` : '';
  const limit = `${bound} is the ${isMost ? 'most' : 'least'}`;
  if (!isBounded && measure.csv.hasInterval === true) {
    return { outcome: 'undecided', why: `${what} is ${digits(value)}, without an interval; ${limit}.` };
  }
  const isMet = isMost ? most <= bound : least >= bound;
  const isMissed = isMost ? least > bound : most < bound;
  return {
    outcome: isMet ? 'passed' : isMissed ? 'failed' : 'undecided',
    why: `${what} is ${digits(value)}${interval}; ${limit}.`,
  };
}

function digits(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** The outcome of all requirements: failed where one failed, else undecided where one is undecided. */
export function overall(results: readonly GateResult[]): GateOutcome {
  const has = (outcome: GateOutcome): boolean => results.some((result) => result.outcome === outcome);
  return has('failed') ? 'failed' : has('undecided') ? 'undecided' : 'passed';
}

/** What a person asked for that a run does not have, or that is written wrongly. */
export function usageError(what: string, remedy: string): RankscopeError {
  return new RankscopeError({ code: 'usage', what, remedy });
}
