/** The charts of a run, as data. */
import type { ArmMetrics } from '../../../server/protocol/run/run.ts';
import type { ArmStyle } from '../../chart/armStyle.ts';
import { styleOf } from '../../chart/armStyle.ts';
import type { ArmMeasure } from '../../../server/measures/catalogue/armMeasures.ts';
import type { BarChart, LineChart } from '../../../server/measures/charts/chart.ts';
import type { CurveLook } from '../../../server/measures/catalogue/curves.ts';
import { armBars, curveChart as catalogueChart } from '../../../server/measures/charts/measureCharts.ts';
import { filled, type Column } from '../../chart/column.ts';
import { decimal } from '../../text/format.ts';
import { t } from '../../text/strings.ts';
import type { Series } from './runModel.ts';

/** The arms that are drawn, and their styles. */
export interface Drawn {
  readonly styles: ReadonlyMap<string, ArmStyle>;
  readonly isShown: (arm: string) => boolean;
}

/** A curve over the training steps of every shown arm. An arm without measurements has no line. */
export function curveChart(curve: CurveLook, all: ReadonlyMap<string, Series>, { styles, isShown }: Drawn): LineChart {
  const series = [...all].flatMap(([arm, columns]) => {
    const own = columns[curve.key];
    if (!isShown(arm) || !own || !hasValue(own)) return [];
    return [{ label: arm, style: styleOf(styles, arm), x: filled(columns.step), y: filled(own) }];
  });
  return catalogueChart(curve, series, t);
}

function hasValue(column: Column): boolean {
  return filled(column).some((value) => !Number.isNaN(value));
}

/** A bar for every shown arm with the figure, and its interval (paper figures 2 and 6, left). */
export function barsOf(measure: ArmMeasure, arms: readonly ArmMetrics[], { styles, isShown }: Drawn): BarChart {
  const shown = arms.filter(({ id }) => isShown(id));
  return armBars(measure, shown, styles, t);
}

/** For each arm, density at each value of KL in nats. */
export type Densities = Readonly<
  Record<string, { readonly nats: readonly number[]; readonly density: readonly number[] }>
>;

/**
 * The distribution of the prompts over KL (paper figure 6, right). The axis is logarithmic if the values span more
 * than a decade.
 */
export function densityChart(densities: Densities, { styles, isShown }: Drawn): LineChart {
  const shown = Object.entries(densities).filter(([arm]) => isShown(arm));
  const nats = shown.flatMap(([, density]) => density.nats);
  const least = nats.reduce((a, b) => Math.min(a, b), Infinity);
  const most = nats.reduce((a, b) => Math.max(a, b), 0);
  return {
    kind: 'lines',
    title: t('Distribution of KL over prompts'),
    xTitle: t('KL from the base, nats'),
    yTitle: t('density'),
    series: shown.map(([arm, { nats: x, density }]) => ({ label: arm, style: styleOf(styles, arm), x, y: density })),
    logarithmicX: least > 0 && most > 10 * least,
    format: decimal,
  };
}
