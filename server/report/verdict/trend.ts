/** How the verdict and the figures of one arm change over several runs: versions of a model or of a data set, in order of time. */
import type { ArmMeasure } from '../../measures/catalogue/armMeasures.ts';
import { namedFigure } from '../../measures/catalogue/figures.ts';
import { headingOf, cellText } from '../../measures/catalogue/measureTable.ts';
import { english } from '../../measures/text/say.ts';
import type { TextTable } from '../../measures/text/textTable.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ArmMetrics, RunMetrics } from '../../protocol/run/run.ts';
import { withoutVerdict } from '../../protocol/run/runVerdict.ts';
import type { StoredRun } from '../../runs/readRun.ts';
import { checkRequirement, usageError, type GateResult } from './gate.ts';
import { gateMeasure } from './gateMeasures.ts';

/** Figures that a trend shows, by the names that a requirement has for them; those that no run has are left out. */
const shownMeasures = ['toxicity', 'gap', 'accuracy', 'loss', 'kl', 'forgetting'] as const;

interface TrendRun {
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly model: string;
  /** The first line of the run's verdict. */
  readonly answer: string;
  readonly smallestSafe?: number;
  readonly exploratory?: string;
  /** Figures of the arm by the key of their measure. */
  readonly figures: Readonly<Record<string, object>>;
  /** What became of each requirement. */
  readonly requirements: readonly GateResult[];
}

export interface Trend {
  /** The arm whose figures are shown. */
  readonly arm: string;
  /** Finished runs, the oldest first. */
  readonly runs: readonly TrendRun[];
  readonly table: TextTable;
  /** A sentence for each requirement that a run does not meet. */
  readonly warnings: readonly string[];
}

type FinishedRun = StoredRun & { readonly metrics: RunMetrics };

export interface TrendOptions {
  /** The arm's id; without it the lowest rank that every run has. */
  readonly arm?: string;
  readonly requirements: readonly string[];
}

/**
 * Runs that are not finished are left out. Throws RankscopeError('run') where none is, and RankscopeError('usage') for an arm that
 * no run has, runs without a rank in common, and a requirement that the latest run cannot be held against.
 */
export function trendOf(all: readonly StoredRun[], { arm: wanted, requirements }: TrendOptions): Trend {
  const runs = all
    .filter((run): run is FinishedRun => run.metrics !== undefined)
    .sort((a, b) => (a.record.created < b.record.created ? -1 : 1));
  const latest = runs.at(-1);
  if (!latest)
    throw new RankscopeError({ code: 'run', what: 'there is no finished run', remedy: 'Give their folder.' });
  const arm = wanted ?? lowestRank(runs);
  const arms = runs.map(({ metrics }) => metrics.arms.find(({ id }) => id === arm));
  const present = arms.flatMap((own) => own ?? []);
  if (present.length === 0) {
    const names = latest.metrics.arms.map(({ id }) => id).join(', ');
    throw usageError(`no run has an arm "${arm}"`, `The arms of the latest are ${names}.`);
  }
  const measures = shownMeasures.flatMap((name) => gateMeasure(name, present) ?? []);
  const lines = runs.map((run, i) => lineOf(run, arms[i], { measures, requirements, isLatest: run === latest }));
  return { arm, runs: lines, table: tableOf(lines, arms, measures), warnings: lines.flatMap(warningsOf) };
}

function lowestRank(runs: readonly FinishedRun[]): string {
  const [first, ...others] = runs.map(({ metrics }) => metrics.arms.filter(({ rank }) => rank !== undefined));
  const common = (first ?? []).filter(({ id }) => others.every((arms) => arms.some((own) => own.id === id)));
  const lowest = [...common].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))[0];
  if (lowest) return lowest.id;
  throw usageError('the runs have no rank in common', 'Name the arm whose figures are to be shown: --arm full.');
}

interface Shown {
  readonly measures: readonly ArmMeasure[];
  readonly requirements: readonly string[];
  readonly isLatest: boolean;
}

function lineOf(
  { id, record, metrics }: FinishedRun,
  arm: ArmMetrics | undefined,
  { measures, requirements, isLatest }: Shown,
): TrendRun {
  const { smallestSafe, exploratory, answer = withoutVerdict } = metrics.verdict ?? {};
  const figures = measures.flatMap(({ key, unit, read }) => {
    const estimate = arm && read(arm);
    return estimate === undefined ? [] : [[key, namedFigure(estimate, unit)] as const];
  });
  return {
    ...{ run: id, created: record.created, model: record.sweep.model, answer },
    ...(smallestSafe !== undefined && { smallestSafe }),
    ...(exploratory !== undefined && { exploratory }),
    figures: Object.fromEntries(figures),
    requirements: requirements.map((requirement) => held(requirement, metrics, isLatest)),
  };
}

/** An earlier run may lack the arm or the measure; a requirement that the latest cannot be held against is a mistake. */
function held(requirement: string, metrics: RunMetrics, isLatest: boolean): GateResult {
  try {
    return checkRequirement(requirement, metrics);
  } catch (error) {
    if (isLatest || !(error instanceof RankscopeError) || error.code !== 'usage') throw error;
    return { requirement, subject: requirement, outcome: 'undecided', why: `${error.details.what}.` };
  }
}

function tableOf(
  lines: readonly TrendRun[],
  arms: readonly (ArmMetrics | undefined)[],
  measures: readonly ArmMeasure[],
): TextTable {
  return {
    header: ['run', 'created', 'smallest safe rank', ...measures.map((measure) => headingOf(measure, english))],
    rows: lines.map(({ run, created, smallestSafe, exploratory }, i) => {
      const arm = arms[i];
      const safe = `${smallestSafe ?? 'none'}${exploratory === undefined ? '' : ' (exploratory)'}`;
      const figures = measures.map((measure) => (arm ? cellText(measure, arm, english) : 'no such arm'));
      return [run, created, safe, ...figures];
    }),
  };
}

function warningsOf({ run, requirements }: TrendRun): readonly string[] {
  return requirements.flatMap(({ requirement, outcome, why }) =>
    outcome === 'passed' ? [] : [`${run}: ${outcome}: ${requirement}. ${why}`],
  );
}
