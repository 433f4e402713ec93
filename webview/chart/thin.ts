/** A point of a drawn curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The measured points of a curve, thinned to about `budget` for drawing. The first and the last point remain, and
 * of every bucket between them the minimum and the maximum, so that no spike is lost. Points with a NaN are left
 * out. x and y have equal length.
 */
export function thin(x: ArrayLike<number>, y: ArrayLike<number>, budget: number): Point[] {
  const length = Math.min(x.length, y.length);
  if (length <= budget) return measured(x, y, 0, length);
  const buckets = Math.max(1, Math.floor((budget - 2) / 2));
  const points = measured(x, y, 0, 1);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = 1 + Math.floor((bucket * (length - 2)) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * (length - 2)) / buckets);
    points.push(...extremes(x, y, from, to));
  }
  points.push(...measured(x, y, length - 1, length));
  return points;
}

function measured(x: ArrayLike<number>, y: ArrayLike<number>, from: number, to: number): Point[] {
  const points: Point[] = [];
  for (let i = from; i < to; i++) {
    const point = { x: x[i] ?? Number.NaN, y: y[i] ?? Number.NaN };
    if (!Number.isNaN(point.x) && !Number.isNaN(point.y)) points.push(point);
  }
  return points;
}

/** Minimum and maximum of `from..to`, in their order on the curve; one point where they are the same. */
function extremes(x: ArrayLike<number>, y: ArrayLike<number>, from: number, to: number): Point[] {
  let lowest = -1;
  let highest = -1;
  for (let i = from; i < to; i++) {
    const value = y[i] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    if (lowest < 0 || value < (y[lowest] ?? Infinity)) lowest = i;
    if (highest < 0 || value > (y[highest] ?? -Infinity)) highest = i;
  }
  if (lowest < 0) return [];
  const [first, second] = lowest < highest ? [lowest, highest] : [highest, lowest];
  return first === second
    ? measured(x, y, first, first + 1)
    : [...measured(x, y, first, first + 1), ...measured(x, y, second, second + 1)];
}
