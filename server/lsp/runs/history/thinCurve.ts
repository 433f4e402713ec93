/**
 * Which points of a curve to draw when there are more than `budget` (at least 2): the places, ascending, of the first
 * and the last point of each of as many equal buckets as the budget allows, and of the lowest and the highest value of
 * every column in it. So no spike is lost, whatever the width of the screen. NaN counts as no value. All places where
 * the curve has no more points than the budget.
 */
export function thinCurve(columns: readonly ArrayLike<number>[], length: number, budget: number): readonly number[] {
  if (length <= budget) return Array.from({ length }, (_, i) => i);
  const buckets = Math.max(1, Math.floor(budget / (2 + 2 * columns.length)));
  const kept = ofBuckets(columns, length, buckets);
  // Where extremes fall together there is room for more buckets.
  const finer = ofBuckets(columns, length, buckets * Math.max(1, Math.floor(budget / kept.length)));
  if (finer.length <= budget) return finer;
  // A budget below one full bucket still gets both ends.
  return kept.length <= budget ? kept : [0, length - 1];
}

function ofBuckets(columns: readonly ArrayLike<number>[], length: number, buckets: number): readonly number[] {
  const kept: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * length) / buckets);
    const to = Math.floor(((bucket + 1) * length) / buckets);
    const chosen = new Set([from, to - 1, ...columns.flatMap((column) => extremes(column, from, to))]);
    kept.push(...[...chosen].sort((a, b) => a - b));
  }
  return kept;
}

function extremes(column: ArrayLike<number>, from: number, to: number): readonly number[] {
  let [lowest, highest] = [-1, -1];
  let [low, high] = [Infinity, -Infinity];
  for (let i = from; i < to; i++) {
    const value = column[i] ?? NaN;
    if (value < low) [low, lowest] = [value, i];
    if (value > high) [high, highest] = [value, i];
  }
  return lowest < 0 ? [] : [lowest, highest];
}
