/** What a run panel knows: the latest view of the run and the curves that have come so far. */
import type { RunUpdate, RunView } from '../../server/protocol/runsContract.ts';
import { append, cut, lowerBound, newColumn, type Column } from '../chart/column.ts';

export type CurveName = 'loss' | 'learningRate' | 'tokensPerSecond' | 'memoryBytes';
export type ProbeName = 'kl' | 'entropy' | 'toxicityRate';

/** Columns of equal length over the steps of one arm. */
export type Series<Name extends string> = Readonly<Record<Name | 'step', Column>>;

export interface RunModel {
  readonly view: RunView;
  readonly curves: ReadonlyMap<string, Series<CurveName>>;
  readonly probes: ReadonlyMap<string, Series<ProbeName>>;
}

const curveNames: readonly CurveName[] = ['loss', 'learningRate', 'tokensPerSecond', 'memoryBytes'];
const probeNames: readonly ProbeName[] = ['kl', 'entropy', 'toxicityRate'];

/**
 * The model after an update; `before` is undefined for the first of a watch, which holds the whole history. The columns
 * of `before` are grown in place, since copying a long history ten times a second would cost more than drawing it.
 */
export function received(before: RunModel | undefined, update: RunUpdate): RunModel {
  return {
    view: update.view,
    curves: merged(before?.curves, update.curves, curveNames),
    probes: merged(before?.probes, update.probes, probeNames),
  };
}

type Points<Name extends string> = Readonly<Record<Name | 'step', readonly (number | null)[]>>;
type Changes<Name extends string> = Readonly<
  Record<string, { readonly replace: boolean; readonly points: Points<Name> }>
>;

function merged<Name extends string>(
  before: ReadonlyMap<string, Series<Name>> | undefined,
  changes: Changes<Name>,
  names: readonly Name[],
): ReadonlyMap<string, Series<Name>> {
  const all = new Map(before);
  for (const [arm, { replace, points }] of Object.entries(changes)) {
    const series = (replace ? undefined : all.get(arm)) ?? emptySeries(names);
    // A run that was resumed trains the steps since its last checkpoint again: what they said before no longer counts.
    const first = points.step[0];
    const kept = typeof first === 'number' ? lowerBound(series.step, first) : series.step.length;
    for (const name of ['step', ...names] as const) {
      cut(series[name], kept);
      append(series[name], points[name]);
    }
    all.set(arm, series);
  }
  return all;
}

function emptySeries<Name extends string>(names: readonly Name[]): Series<Name> {
  return Object.fromEntries((['step', ...names] as const).map((name) => [name, newColumn()])) as Record<
    Name | 'step',
    Column
  >;
}

/** Points of all curves together. */
export function pointCount({ curves }: RunModel): number {
  return [...curves.values()].reduce((sum, { step }) => sum + step.length, 0);
}
