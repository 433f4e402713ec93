import type { CalibrationBin } from '../../protocol/run/classificationRun.ts';
import { type Unmeasured, unmeasured } from '../../protocol/run/estimate.ts';

/** One prediction: how sure it was of the class it chose, 0..1, and whether that was right. */
export interface Confidence {
  readonly confidence: number;
  readonly correct: boolean;
}

export interface Calibration {
  /** Expected calibration error, 0..1: mean over predictions of their bin's |accuracy - confidence|. */
  readonly error: number;
  readonly bins: readonly CalibrationBin[];
  readonly n: number;
}

/**
 * Expected calibration error over bins of equal width (Guo et al., "On Calibration of Modern Neural Networks", ICML
 * 2017, equation 3, which uses 15). Unmeasured without predictions and for a confidence outside 0..1.
 */
export function calibration(predictions: readonly Confidence[], bins = 15): Calibration | Unmeasured {
  if (predictions.length === 0) return unmeasured('there are no predictions');
  const odd = predictions.find(({ confidence }) => !(confidence >= 0 && confidence <= 1));
  if (odd) return unmeasured(`a confidence is ${odd.confidence}`);
  const members = Array.from({ length: bins }, (): Confidence[] => []);
  for (const prediction of predictions) {
    members[Math.min(bins - 1, Math.floor(prediction.confidence * bins))]?.push(prediction);
  }
  const filled = members.map((own, index) => binOf(own, index / bins, (index + 1) / bins));
  const gaps = filled.map(({ n, accuracy = 0, confidence = 0 }) => n * Math.abs(accuracy - confidence));
  const error = gaps.reduce((total, gap) => total + gap, 0) / predictions.length;
  return { error, bins: filled, n: predictions.length };
}

function binOf(own: readonly Confidence[], low: number, high: number): CalibrationBin {
  const n = own.length;
  if (n === 0) return { low, high, n };
  const mean = (read: (prediction: Confidence) => number): number =>
    own.reduce((total, prediction) => total + read(prediction), 0) / n;
  return {
    low,
    high,
    n,
    confidence: mean(({ confidence }) => confidence),
    accuracy: mean(({ correct }) => Number(correct)),
  };
}
