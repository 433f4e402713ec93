/**
 * Selects which points of a curve to draw, where it has more than `budget` (at least 2). The curve is divided into
 * as many equal buckets as the budget allows. Of each bucket it selects the first and the last point, and the
 * minimum and the maximum of every column, so that no spike is lost. Returns their indices, ascending. NaN counts
 * as no value. A curve within the budget keeps all its points.
 */
export function thinCurve(columns: readonly ArrayLike<number>[], length: number, budget: number): readonly number[] {
  if (length <= budget) return Array.from({ length }, (_, i) => i);
  const buckets = Math.max(1, Math.floor(budget / (2 + 2 * columns.length)));
  const kept = ofBuckets(columns, length, buckets);
  // Where minima and maxima coincide, the budget has room for more buckets.
  const finer = ofBuckets(columns, length, buckets * Math.max(1, Math.floor(budget / kept.length)));
  if (finer.length <= budget) return finer;
  // A budget too small for one full bucket still gets both ends.
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
