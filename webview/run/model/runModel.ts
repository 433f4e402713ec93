/** The state of a run panel: the latest view of the run and its curves so far. */
import type { ArmMetrics } from '../../../server/protocol/run/run.ts';
import type { RunUpdate, RunView } from '../../../server/protocol/messages/runsContract.ts';
import { append, cut, lowerBound, newColumn, type Column } from '../../chart/column.ts';

/** Columns of equal length for one arm: the steps, and the values of each curve of the catalogue by its key. */
export type Series = Readonly<Record<string, Column>> & { readonly step: Column };

export interface RunModel {
  readonly view: RunView;
  readonly curves: ReadonlyMap<string, Series>;
  readonly probes: ReadonlyMap<string, Series>;
}

/**
 * The model after an update. `before` is undefined for the first update, which contains the whole history. The
 * columns of `before` are extended in place, since copying a long history ten times a second would cost more than
 * drawing it.
 */
export function received(before: RunModel | undefined, update: RunUpdate): RunModel {
  return {
    view: update.view,
    curves: merged(before?.curves, update.curves),
    probes: merged(before?.probes, update.probes),
  };
}

type Changes = RunUpdate['curves'];

function merged(before: ReadonlyMap<string, Series> | undefined, changes: Changes): ReadonlyMap<string, Series> {
  const all = new Map(before);
  for (const [arm, { replace, points }] of Object.entries(changes)) {
    const series = (replace ? undefined : all.get(arm)) ?? emptySeries(Object.keys(points));
    // A resumed run repeats the steps after its last checkpoint. The new points replace the earlier ones.
    const [first] = points.step;
    const kept = first === undefined ? series.step.length : lowerBound(series.step, first);
    for (const [name, column] of Object.entries(series)) {
      cut(column, kept);
      append(column, points[name] ?? points.step.map(() => null));
    }
    all.set(arm, series);
  }
  return all;
}

function emptySeries(names: readonly string[]): Series {
  const columns = Object.fromEntries(names.map((name) => [name, newColumn()]));
  return { ...columns, step: newColumn() };
}

/** Number of points of all curves together. */
export function pointCount({ curves }: RunModel): number {
  return [...curves.values()].reduce((sum, { step }) => sum + step.length, 0);
}

/** The arms that have been measured so far, in the order of the run. */
export function measuredArms({ metrics, armMetrics, arms }: RunView): readonly ArmMetrics[] {
  if (metrics) return metrics.arms;
  const byId = new Map(armMetrics.map((arm) => [arm.id, arm]));
  return arms.flatMap(({ description }) => byId.get(description.id) ?? []);
}
