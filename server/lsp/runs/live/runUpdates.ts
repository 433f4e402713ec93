import { probeCurves, stepCurves, type CurveLook } from '../../../measures/catalogue/curves.ts';
import type { CurvePoints, RunUpdate, RunView } from '../../../protocol/messages/runsContract.ts';
import type { CurveHistory } from '../history/curveHistory.ts';
import type { NumberColumn } from '../history/numberColumn.ts';
import { CurveFeed, type CurveNews } from '../history/curveFeed.ts';
import type { FollowedRun } from './followedRun.ts';
import { judgeOf, titleOf } from './runTitle.ts';
import type { ArmHistory, RunHistory } from '../history/runHistory.ts';

interface ArmFeeds {
  readonly curve: CurveFeed;
  readonly probes: CurveFeed;
}

/** Prepares the updates of a run for one watcher. */
export class RunUpdates {
  readonly #run: FollowedRun;
  readonly #points: number;
  #history: RunHistory | undefined;
  #feeds = new Map<string, ArmFeeds>();
  #told = '';

  /** `points`: the most points of each curve. */
  constructor(run: FollowedRun, points: number) {
    this.#run = run;
    this.#points = points;
  }

  /**
   * The whole history at the first call, and later only what is new; undefined where nothing is. `now`: ms since
   * the epoch.
   */
  next(now: number): RunUpdate | undefined {
    const { history } = this.#run.reader;
    const stamp = `${history.version} ${this.#run.state} ${this.#run.failure ?? ''}`;
    if (this.#history === history && this.#told === stamp) return undefined;
    if (this.#history !== history) this.#feeds = new Map();
    this.#history = history;
    this.#told = stamp;
    const curves: RunUpdate['curves'] = {};
    const probes: RunUpdate['probes'] = {};
    for (const [id, arm] of history.arms) {
      const feeds = this.#feedsOf(id, arm);
      const ofCurve = feeds.curve.next();
      if (ofCurve?.places.length) curves[id] = { replace: ofCurve.replace, points: pointsOf(arm.curve, ofCurve) };
      const ofProbes = feeds.probes.next();
      if (ofProbes?.places.length) probes[id] = { replace: ofProbes.replace, points: pointsOf(arm.probes, ofProbes) };
    }
    return { view: viewOf(this.#run, now), curves, probes };
  }

  #feedsOf(id: string, { curve, probes }: ArmHistory): ArmFeeds {
    const known = this.#feeds.get(id);
    if (known) return known;
    const feeds: ArmFeeds = {
      curve: new CurveFeed(curve, spiky(curve, stepCurves), this.#points),
      probes: new CurveFeed(probes, spiky(probes, probeCurves), this.#points),
    };
    this.#feeds.set(id, feeds);
    return feeds;
  }
}

/** The columns whose minima and maxima must survive the thinning of a curve. */
function spiky({ columns }: CurveHistory, curves: readonly CurveLook[]): readonly NumberColumn[] {
  return curves.flatMap(({ key, hasSpikes = false }) => (hasSpikes ? (columns.get(key) ?? []) : []));
}

function pointsOf({ step, columns }: CurveHistory, { places }: CurveNews): CurvePoints {
  const measured = (values: Float64Array): (number | null)[] =>
    pick(values, places).map((value) => (Number.isNaN(value) ? null : value));
  const read = [...columns].map(([name, { values }]) => [name, measured(values)] as const);
  return { ...Object.fromEntries(read), step: pick(step.values, places) };
}

function pick(values: Float64Array, places: readonly number[]): number[] {
  return places.map((place) => values[place] ?? NaN);
}

/** The current state of the run, without its curves. */
export function viewOf(run: FollowedRun, now: number): RunView {
  const { reader, state, failure } = run;
  const { record, history, folder } = reader;
  const arms = [...history.arms.values()];
  return {
    run: folder.path,
    name: titleOf(record),
    state,
    created: record.created,
    model: record.sweep.model,
    judge: judgeOf(record),
    experiment: record.sweep.experiment,
    arms: arms.map(({ description, state: armState, reason, step, of }) => ({
      description,
      state: run.ended && armState === 'training' ? 'waiting' : armState,
      ...(reason !== undefined && { reason }),
      step,
      of,
    })),
    ...(!run.ended && progressOf(history, now)),
    warnings: history.warnings,
    ...(failure !== undefined && { failure }),
    armMetrics: arms.flatMap(({ metrics }) => metrics ?? []),
    ...(history.metrics && { metrics: history.metrics }),
  };
}

function progressOf({ progress, remaining, paused }: RunHistory, now: number): Pick<RunView, 'progress'> {
  if (progress === undefined) return {};
  const { phase, detail, arm, done, total } = progress;
  const secondsLeft = paused ? undefined : remaining.secondsLeft(now);
  return {
    progress: {
      phase,
      ...(detail !== undefined && { detail }),
      ...(arm !== undefined && { arm }),
      ...(done !== undefined && { done: Math.floor(done) }),
      ...(total !== undefined && { total: Math.floor(total) }),
      ...(secondsLeft !== undefined && { secondsLeft }),
    },
  };
}
