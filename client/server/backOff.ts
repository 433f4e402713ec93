/** When a server that died is started again: at once the first time, then ever later, and not for ever. */
export interface BackOff {
  /** Milliseconds to wait before the next start, or undefined when it has died too often to try again. */
  died(now: number): number | undefined;
  /** Somebody asked for it: all is forgotten. */
  reset(): void;
}

export interface BackOffOptions {
  readonly firstMilliseconds?: number;
  readonly mostMilliseconds?: number;
  /** Deaths within `withinMilliseconds` after which nothing is tried any more. */
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
