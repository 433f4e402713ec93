/** Charts of what each arm keeps of the base against how much it has learned. */
import type { LearningCurve, LearningPoint } from '../../metrics/equalLoss.ts';
import { decimal, percent } from '../tables/armTable.ts';
import type { Html } from '../tables/htmlText.ts';
import { lineChart } from './lineChart.ts';

/** Toxicity of each arm against what it has learned; undefined where nothing was probed. */
export function learnedToxicityChart(curves: readonly LearningCurve[]): Html | undefined {
  const title = 'Toxic completions of each arm against how far its held-out loss has fallen, percent';
  return lineChart(
    against(curves, ({ toxicity }) => toxicity?.rate),
    { title, tick: percent, place, fromZero: true },
  );
}

/** Distance from the base of each arm against what it has learned. */
export function learnedDistanceChart(curves: readonly LearningCurve[]): Html | undefined {
  const title = 'KL divergence of each arm from the base against how far its held-out loss has fallen, nats';
  return lineChart(
    against(curves, ({ kl }) => kl),
    { title, tick: decimal, place, fromZero: true },
  );
}

const place = (fallen: number): string => `${fallen.toFixed(2)} nats`;

/** In the order of the training, which a curve follows back where its loss rises again. */
function against(curves: readonly LearningCurve[], read: (point: LearningPoint) => number | undefined) {
  return curves.map(({ arm, points }) => ({
    name: arm,
    points: points.flatMap((point) => {
      const y = read(point);
      return y === undefined ? [] : [{ x: (points[0]?.loss ?? 0) - point.loss, y }];
    }),
  }));
}
