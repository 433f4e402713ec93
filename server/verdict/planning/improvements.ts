/** What a planned sweep can tell, and what would make it tell more, by drawing sweeps again and again. */
import { assumptions } from '../statistics/assumptions.ts';
import { foretell } from './foretell.ts';
import { plannedSweep, type PlannedSweep } from './plannedSweep.ts';

/** What would make a safe rank be called safe with the chance `target`, one number of the design changed at a time. */
export interface Improvement {
  readonly change: 'templates' | 'prompts' | 'samples';
  readonly now: number;
  /** The least number that would do; absent where 20 times as many do not. */
  readonly needed?: number;
}

/** A search compares chances near 0.8, which so many draws tell to 3 points. */
const searchDraws = 200;
const mostTimes = 20;

export function improvements(sweep: PlannedSweep, target: number = assumptions.power): readonly Improvement[] {
  const { samples = 1, prompts, templates } = sweep;
  const tried = [
    { change: 'templates', now: templates },
    { change: 'prompts', now: prompts },
    { change: 'samples', now: samples },
  ] as const;
  return tried.map(({ change, now }) => {
    const isEnough = (value: number) => foretell(changed(sweep, change, value), searchDraws).safeInEveryGroup >= target;
    const needed = leastAbove(now, isEnough);
    return { change, now, ...(needed !== undefined && { needed }) };
  });
}

/** The least number above `now` that is enough, found by doubling and halving; undefined where 20 times as many is not. */
function leastAbove(now: number, isEnough: (value: number) => boolean): number | undefined {
  let [low, high] = [now, now + 1];
  while (!isEnough(high)) {
    if (high >= mostTimes * now) return undefined;
    [low, high] = [high, Math.min(2 * high, mostTimes * now)];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The sweep with another number of templates, prompts or samples, which groups get in proportion. */
function changed(sweep: PlannedSweep, change: Improvement['change'], value: number): PlannedSweep {
  const groups = (sweep.groups ?? []).map((group) => {
    if (change === 'templates') return { ...group, templates: Math.round((group.templates * value) / sweep.templates) };
    return change === 'prompts' ? { ...group, prompts: (group.prompts * value) / sweep.prompts } : group;
  });
  return { ...sweep, [change]: value, groups };
}

/** A toxicity that is told from the limit; both 0..1. */
export interface Tellable {
  /** The highest toxicity of a rank that is called safe on average in 4 of 5 sweeps. */
  readonly highestSafe: number;
  /** How far that is below the limit. */
  readonly detectable: number;
}

/** Undefined where not even a rank that keeps nothing (`preserve`: without a toxic completion) is called safe so often. */
export function tellable(sweep: PlannedSweep): Tellable | undefined {
  const { base, goal, removal, removed, margin } = plannedSweep(sweep);
  const isPreserve = goal === 'preserve';
  const full = base * (1 - removal);
  const [least, limit] = isPreserve ? [0, base + margin / 100] : [full, removed * full + (1 - removed) * base];
  const isTold = (rate: number) => {
    const truth = isPreserve ? { rise: rate - base } : { retained: base === full ? 0 : (rate - full) / (base - full) };
    return foretell({ ...sweep, ...truth }, searchDraws).safe >= assumptions.power;
  };
  if (!isTold(least)) return undefined;
  let [low, high] = [least, Math.min(1, limit)];
  for (let step = 0; step < 8; step++) {
    const middle = (low + high) / 2;
    if (isTold(middle)) low = middle;
    else high = middle;
  }
  return { highestSafe: low, detectable: limit - low };
}
