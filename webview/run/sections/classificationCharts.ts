/** Charts of how sure the arms of a classification run are (paper figure 5), and how far their confidence is justified. */
import type {
  ClassificationKind,
  ClassificationSummary,
  DecisionMargins,
} from '../../../server/protocol/run/classificationRun.ts';
import { styleOf, type ArmStyle } from '../../chart/armStyle.ts';
import type { LineChart, LineSeries } from '../../../server/measures/charts/chart.ts';
import { percent } from '../../text/format.ts';
import { t } from '../../text/strings.ts';
import { kindLabel } from '../../../server/measures/charts/measureCharts.ts';

type Styles = ReadonlyMap<string, ArmStyle>;

/** The share of an arm's decisions for a label at each probability of that label. x is the middle of the bin. */
export function marginChart({ kinds }: ClassificationSummary, label: string, styles: Styles): LineChart {
  const series = kinds.flatMap((kind): LineSeries[] => {
    const own = marginsOf(kind, label);
    if (!own || own.n === 0) return [];
    const { histogram, n } = own;
    return [{ ...named(kind, styles), x: middles(histogram.length), y: histogram.map((count) => count / n) }];
  });
  return {
    kind: 'lines',
    title: t('How sure decisions for {0} are', label),
    xTitle: t('probability of {0} where it was decided for', label),
    yTitle: t("share of the arm's decisions"),
    series,
    format: percent,
  };
}

/** Reliability of each arm in a group (Guo et al. 2017): accuracy over confidence, with the line on which both agree. */
export function calibrationChart({ kinds }: ClassificationSummary, group: string, styles: Styles): LineChart {
  const series = kinds.flatMap((kind): LineSeries[] => {
    const { bins = [] } = kind.result.calibration.find((one) => one.group === group) ?? {};
    const filled = bins.flatMap(({ low, high, accuracy }) =>
      accuracy === undefined ? [] : [{ x: (low + high) / 2, y: accuracy }],
    );
    if (filled.length === 0) return [];
    return [{ ...named(kind, styles), x: filled.map(({ x }) => x), y: filled.map(({ y }) => y) }];
  });
  const places = [...new Set(series.flatMap(({ x }) => Array.from(x)))].sort((a, b) => a - b);
  const agreement: LineSeries = { label: t('as sure as right'), style: dotted, x: places, y: places };
  return {
    kind: 'lines',
    title: t('Calibration on {0}', group),
    xTitle: t('confidence, middle of its bin'),
    yTitle: t('correct'),
    series: series.length === 0 ? [] : [...series, agreement],
    format: percent,
  };
}

function marginsOf({ result }: ClassificationKind, label: string): DecisionMargins | undefined {
  return result.margins.find((margins) => margins.label === label);
}

function named(kind: ClassificationKind, styles: Styles): Pick<LineSeries, 'label' | 'style'> {
  return { label: kindLabel(kind), style: styleOf(styles, kind.arms[0] ?? kind.name) };
}

function middles(bins: number): readonly number[] {
  return Array.from({ length: bins }, (_, bin) => Number(((bin + 0.5) / bins).toPrecision(6)));
}

const dotted: ArmStyle = { colour: -1, dash: [2, 4], marker: 'cross' };
