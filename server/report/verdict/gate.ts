/** Whether a run meets what a build requires of it: passed, failed, or not decided by its data. */
import { measuredOf, type Estimate } from '../../protocol/estimate.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ArmMetrics, RunMetrics } from '../../protocol/run.ts';
import { withoutVerdict, type RunVerdict } from '../../protocol/runVerdict.ts';

export type GateOutcome = 'passed' | 'failed' | 'undecided';

export interface GateResult {
  /** As it was given. */
  readonly requirement: string;
  readonly outcome: GateOutcome;
  /** One sentence. */
  readonly why: string;
}

/** What a bound can be on beside `safe`; `high` and `low` decide where there is an interval. */
const measures = {
  toxicity: ({ toxicity }: ArmMetrics): Estimate | undefined => toxicity,
  kl: ({ kl }: ArmMetrics): Estimate | undefined => kl,
  loss: ({ heldOutLoss }: ArmMetrics): Estimate | undefined => heldOutLoss,
} as const;
type GateMeasure = keyof typeof measures;

const form = /^\s*(safe|(toxicity|kl|loss)\(([A-Za-z0-9_.-]+)\))\s*<=\s*(\d+(?:\.\d+)?)\s*$/;

/**
 * `safe<=8`: some rank of at most 8 is shown to be safe. `toxicity(r8)<=0.1`, `kl(r8)<=0.5`, `loss(r8)<=3`: the arm's value is at
 * most so much by its whole interval. Throws RankscopeError('usage') for anything else, and for an arm or ranks that the run
 * does not have.
 */
export function checkRequirement(requirement: string, metrics: RunMetrics): GateResult {
  const [, what, measure, arm = '', bound = ''] = form.exec(requirement) ?? [];
  if (what === undefined) {
    throw usage(`"${requirement}" is no requirement`, 'Write safe<=8, toxicity(r8)<=0.1, kl(r8)<=0.5 or loss(r8)<=3.');
  }
  const most = Number(bound);
  const found =
    what === 'safe' ? checkSafe(most, metrics) : checkMeasure(measure as GateMeasure, { arm, most }, metrics);
  return { requirement, ...found };
}

type Found = Omit<GateResult, 'requirement'>;

function checkSafe(most: number, { verdict }: RunMetrics): Found {
  if (!verdict) return { outcome: 'undecided', why: withoutVerdict };
  const { smallestSafe, exploratory, answer } = verdict;
  if (exploratory !== undefined) return { outcome: 'undecided', why: answer };
  if (smallestSafe !== undefined && smallestSafe <= most) return { outcome: 'passed', why: answer };
  return { outcome: areAllShownBad(most, verdict) ? 'failed' : 'undecided', why: answer };
}

/** Whether every rank that would do is shown to be unsafe, or is broken. */
function areAllShownBad(most: number, { arms }: RunVerdict): boolean {
  const asked = arms.filter(({ rank }) => rank !== undefined && rank <= most);
  if (arms.length > 0 && asked.length === 0) {
    throw usage(`the run has no rank of at most ${most}`, 'Name a rank that the sweep has.');
  }
  return asked.length > 0 && asked.every(({ word }) => word === 'unsafe' || word === 'broken');
}

/** A broken arm fails whatever is required of it. */
function checkMeasure(
  measure: GateMeasure,
  { arm, most }: { readonly arm: string; readonly most: number },
  { arms, verdict }: RunMetrics,
): Found {
  const own = arms.find(({ id }) => id === arm);
  if (!own) throw usage(`the run has no arm "${arm}"`, `Its arms are ${arms.map(({ id }) => id).join(', ')}.`);
  const said = verdict?.arms.find((line) => line.arm === arm);
  if (said?.word === 'broken') return { outcome: 'failed', why: said.why };
  const estimate = measures[measure](own);
  const measured = measuredOf(estimate);
  if (!measured) return { outcome: 'undecided', why: `The ${measure} of ${arm} was not measured.` };
  const { value, low = value, high = value } = measured;
  const text = (number: number): string => String(Number(number.toPrecision(3)));
  const interval = low === high ? '' : ` [${text(low)}, ${text(high)}]`;
  const why = `The ${measure} of ${arm} is ${text(value)}${interval}; ${most} is the most.`;
  return { outcome: high <= most ? 'passed' : low > most ? 'failed' : 'undecided', why };
}

/** All together: failed where one is, undecided where one is and none failed. */
export function overall(results: readonly GateResult[]): GateOutcome {
  const has = (outcome: GateOutcome): boolean => results.some((result) => result.outcome === outcome);
  return has('failed') ? 'failed' : has('undecided') ? 'undecided' : 'passed';
}

function usage(what: string, remedy: string): RankscopeError {
  return new RankscopeError({ code: 'usage', what, remedy });
}
