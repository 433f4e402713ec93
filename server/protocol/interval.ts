/** An estimate with its 95 % interval and the number of observations behind it. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}
