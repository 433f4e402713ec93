/** Charts of what each arm keeps of the base against how much it has learned. */
import type { LearningCurve, LearningPoint } from '../../metrics/equalLoss.ts';
import { armStyles, styleOf } from '../../measures/armStyle.ts';
import type { LineChart } from '../../measures/chart.ts';
import { decimal, percent } from '../../measures/format.ts';

/** Toxicity of each arm against what it has learned. */
export function learnedToxicityChart(curves: readonly LearningCurve[]): LineChart {
  const look = { title: 'Toxicity against what was learned', yTitle: 'toxic completions', format: percent };
  return against(curves, ({ toxicity }) => toxicity?.rate, look);
}

/** Distance from the base of each arm against what it has learned. */
export function learnedDistanceChart(curves: readonly LearningCurve[]): LineChart {
  const look = { title: 'Distance against what was learned', yTitle: 'KL from the base, nats', format: decimal };
  return against(curves, ({ kl }) => kl, look);
}

/** In the order of the training, which a curve follows back where its loss rises again. */
function against(
  curves: readonly LearningCurve[],
  read: (point: LearningPoint) => number | undefined,
  look: Pick<LineChart, 'title' | 'yTitle' | 'format'>,
): LineChart {
  const styles = armStyles(curves.map(({ arm, method }) => ({ id: arm, method })));
  const series = curves.flatMap(({ arm, points }) => {
    const measured = points.flatMap((point) => {
      const y = read(point);
      return y === undefined ? [] : [{ x: (points[0]?.loss ?? 0) - point.loss, y }];
    });
    if (measured.length === 0) return [];
    return [{ label: arm, style: styleOf(styles, arm), x: measured.map(({ x }) => x), y: measured.map(({ y }) => y) }];
  });
  return { kind: 'lines', xTitle: 'fall of the held-out loss, nats', series, place, fromZero: true, ...look };
}

const place = (fallen: number): string => `${fallen.toFixed(2)} nats lower`;
