/** A linear or logarithmic axis over a range, with round ticks. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** 0 at `low`, 1 at `high`. */
  readonly place: (value: number) => number;
}

/** Round numbers that hold `low`..`high`, about `count` steps. */
export function linearScale(low: number, high: number, count = 5): Scale {
  const span = high - low > 0 ? high - low : Math.max(Math.abs(high), 1e-6);
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
  const bottom = Math.floor(low / step + 1e-9) * step;
  const top = Math.max(bottom + step, Math.ceil(high / step - 1e-9) * step);
  const ticks = Array.from({ length: Math.round((top - bottom) / step) + 1 }, (_, i) =>
    Number((bottom + i * step).toPrecision(12)),
  );
  return { low: bottom, high: top, ticks, place: (value) => (value - bottom) / (top - bottom) };
}

/** Whole decades that hold `low`..`high`, both above zero. */
export function logarithmicScale(low: number, high: number): Scale {
  const bottom = Math.floor(Math.log10(low));
  const top = Math.max(bottom + 1, Math.ceil(Math.log10(high)));
  const ticks = Array.from({ length: top - bottom + 1 }, (_, i) => 10 ** (bottom + i));
  return {
    low: 10 ** bottom,
    high: 10 ** top,
    ticks,
    place: (value) => (Math.log10(value) - bottom) / (top - bottom),
  };
}
