/** Error control over the ranks of a sweep. */

export interface Tested {
  /** 0 where nothing was left for it. */
  readonly level: number;
  readonly isRejected: boolean;
}

/**
 * The fallback procedure (Wiens 2003; Wiens and Dmitrienko 2005) over hypotheses in their declared order: each is tested at
 * its share of `alpha`, and at the level of the one before it on top where that was rejected. The chance that any true
 * hypothesis is rejected is at most alpha, whatever depends on what.
 */
export function fallback(ps: readonly number[], shares: readonly number[], alpha: number): readonly Tested[] {
  let carried = 0;
  return ps.map((p, i) => {
    const level = (shares[i] ?? 0) * alpha + carried;
    const isRejected = level > 0 && p <= level;
    carried = isRejected ? level : 0;
    return { level, isRejected };
  });
}

/**
 * How alpha is shared at the outset among the ranks that have a result: equally among the starts. A start without a result
 * hands its share to the next rank of the order that has one.
 *
 * @param order all ranks of the sweep in the order of testing
 * @param tested those with a result, in the same order
 * @param starts declared ones; without them the first and the middle of `tested`
 */
export function startingShares(
  order: readonly number[],
  tested: readonly number[],
  starts: readonly number[] | undefined,
): readonly number[] {
  const places = new Set(
    starts?.map((start) => tested.findIndex((rank) => order.indexOf(rank) >= order.indexOf(start))) ?? [
      0,
      Math.floor((tested.length - 1) / 2),
    ],
  );
  places.delete(-1);
  return tested.map((_, i) => (places.has(i) ? 1 / places.size : 0));
}

/** Holm's adjusted p values (1979), in the order given. */
export function holm(ps: readonly number[]): readonly number[] {
  const ascending = ps.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(ps.length);
  let largest = 0;
  ascending.forEach(({ p, i }, place) => {
    largest = Math.max(largest, Math.min(1, (ps.length - place) * p));
    adjusted[i] = largest;
  });
  return adjusted;
}
