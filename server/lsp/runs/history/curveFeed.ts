import type { CurveHistory } from './curveHistory.ts';
import type { NumberColumn } from './numberColumn.ts';
import { thinCurve } from './thinCurve.ts';

/** Points to show. `places` are indices into the curve; the points replace the ones shown so far, or follow them. */
export interface CurveNews {
  readonly replace: boolean;
  readonly places: readonly number[];
}

/**
 * Tracks which points of a curve one watcher has received, and selects the next ones. A watcher holds at most twice
 * the budget: beyond that, the curve is thinned again.
 */
export class CurveFeed {
  readonly #curve: Pick<CurveHistory, 'length' | 'rewinds'>;
  readonly #drawn: readonly NumberColumn[];
  readonly #budget: number;
  #rewinds = -1;
  #seen = 0;
  #shown = 0;

  /** `drawn`: columns whose minima and maxima must survive the thinning. */
  constructor(curve: Pick<CurveHistory, 'length' | 'rewinds'>, drawn: readonly NumberColumn[], budget: number) {
    this.#curve = curve;
    this.#drawn = drawn;
    this.#budget = budget;
  }

  /** Undefined where no point is new. */
  next(): CurveNews | undefined {
    const { length, rewinds } = this.#curve;
    const fresh = length - this.#seen;
    if (rewinds === this.#rewinds && fresh === 0) return undefined;
    const replace = rewinds !== this.#rewinds || this.#shown + fresh > 2 * this.#budget;
    const places = replace
      ? thinCurve(
          this.#drawn.map(({ values }) => values),
          length,
          this.#budget,
        )
      : Array.from({ length: fresh }, (_, i) => this.#seen + i);
    this.#rewinds = rewinds;
    this.#seen = length;
    this.#shown = (replace ? 0 : this.#shown) + places.length;
    return { replace, places };
  }
}
