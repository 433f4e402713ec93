import type { CurveHistory } from './curveHistory.ts';
import type { NumberColumn } from './numberColumn.ts';
import { thinCurve } from './thinCurve.ts';

/** Points to show: `places` of the curve, which replace all that was shown or come behind it. */
export interface CurveNews {
  readonly replace: boolean;
  readonly places: readonly number[];
}

/**
 * What one watcher has been told of a curve, and what it is to be told next. Nobody ever holds more than twice the
 * budget: once that many points have gathered, the curve is thinned anew.
 */
export class CurveFeed {
  readonly #curve: Pick<CurveHistory, 'length' | 'rewinds'>;
  readonly #drawn: readonly NumberColumn[];
  readonly #budget: number;
  #rewinds = -1;
  #seen = 0;
  #shown = 0;

  /** `drawn`: columns whose extremes must not be lost. */
  constructor(curve: Pick<CurveHistory, 'length' | 'rewinds'>, drawn: readonly NumberColumn[], budget: number) {
    this.#curve = curve;
    this.#drawn = drawn;
    this.#budget = budget;
  }

  /** Undefined when there is nothing new. */
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
