/** Decides when a dead server is started again: at once the first time, then after growing delays, and finally no more. */
export interface BackOff {
  /** Milliseconds to wait before the next start; undefined where it has died too often. */
  died(now: number): number | undefined;
  /** Forgets all deaths, after a person has requested a start. */
  reset(): void;
}

export interface BackOffOptions {
  readonly firstMilliseconds?: number;
  readonly mostMilliseconds?: number;
  /** After this many deaths within `withinMilliseconds` it is not started again. */
  readonly mostDeaths?: number;
  readonly withinMilliseconds?: number;
}

export function backOff(options: BackOffOptions = {}): BackOff {
  const { firstMilliseconds = 500, mostMilliseconds = 30_000, mostDeaths = 5, withinMilliseconds = 180_000 } = options;
  let deaths: number[] = [];
  return {
    died(now) {
      deaths = [...deaths.filter((at) => now - at < withinMilliseconds), now];
      if (deaths.length >= mostDeaths) return undefined;
      return Math.min(mostMilliseconds, firstMilliseconds * 2 ** (deaths.length - 1));
    },
    reset() {
      deaths = [];
    },
  };
}
