/** Figures of a classification run's HTML report: accuracy over imbalance (paper figures 4, 7, 8) and margins (figure 5). */
import type { ClassificationKind, ClassificationSummary, DecisionRule } from '../../protocol/run/classificationRun.ts';
import { armStyles, styleOf } from '../../measures/charts/armStyle.ts';
import type { LineSeries } from '../../measures/charts/chart.ts';
import { percent } from '../../measures/text/format.ts';
import { measuredOf } from '../../protocol/run/estimate.ts';
import { chartWidth, n, plot, shortened } from './chartParts.ts';
import { resultOf } from '../tables/classificationTables.ts';
import { html, type Html } from '../tables/htmlText.ts';
import { drawLines } from './lineChart.ts';

/**
 * Accuracy of one group over the share of the minority that training kept, with a curve for each rank; undefined
 * where the run has fewer than two shares.
 */
export function imbalanceChart(summary: ClassificationSummary, rule: DecisionRule, group: string): Html | undefined {
  const { kinds, minority } = summary;
  if (minority === undefined) return undefined;
  return drawLines({
    kind: 'lines',
    title: `Accuracy on ${group} by the share of ${minority} that training kept`,
    xTitle: `percent of ${minority} kept`,
    yTitle: '',
    series: curvesOf(kinds, rule, group).filter(({ x }) => x.length > 1),
    format: percent,
    place: (share) => `${Number(share.toPrecision(6))} %`,
    fromZero: true,
  });
}

function curvesOf(kinds: readonly ClassificationKind[], rule: DecisionRule, group: string): readonly LineSeries[] {
  const curves = new Map<string, { x: number; y: number }[]>();
  for (const kind of kinds) {
    const accuracy = resultOf(kind, rule)?.groups.find((own) => own.group === group)?.accuracy;
    const measured = measuredOf(accuracy);
    if (kind.minority === undefined || !measured) continue;
    const name = kind.name.replace(/-m[\d.]+$/, '');
    curves.set(name, [...(curves.get(name) ?? []), { x: kind.minority * 100, y: measured.value }]);
  }
  const styles = armStyles([...curves.keys()].map((id) => ({ id, method: '' })));
  return [...curves].map(([label, unsorted]) => {
    const points = unsorted.sort((a, b) => a.x - b.x);
    return { label, style: styleOf(styles, label), x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
  });
}

const rowHeight = 34;

/**
 * How sure each arm was of the decisions for one label: a row for each arm, with the share of its decisions at each
 * probability of the label. Undefined where no arm decided for the label.
 */
export function marginChart({ kinds }: ClassificationSummary, label: string): Html | undefined {
  const rows = kinds.flatMap(({ name, method, result }) => {
    const own = result.margins.find((margins) => margins.label === label);
    return own && own.n > 0 ? [{ name, method, ...own }] : [];
  });
  if (rows.length === 0) return undefined;
  const bottom = plot.top + rows.length * rowHeight;
  const title = `Probability of "${label}" where an arm decided for it: share of its decisions`;
  const drawn = rows.map((row, i) => histogramRow(row, plot.top + (i + 1) * rowHeight));
  return html`<svg viewBox="0 0 ${chartWidth} ${bottom + 40}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${[0, 0.25, 0.5, 0.75, 1].map((at) => tickAt(at, bottom))}${drawn}
  </svg>`;
}

interface HistogramRow {
  readonly name: string;
  readonly method: string;
  readonly n: number;
  readonly histogram: readonly number[];
}

function histogramRow({ name, method, n: count, histogram }: HistogramRow, base: number): Html {
  const size = (plot.right - plot.left) / histogram.length;
  const bars = histogram.flatMap((own, bin) => {
    const tall = (own / count) * (rowHeight - 6);
    const left = plot.left + bin * size;
    return own === 0
      ? []
      : [
          html`<rect
            class="bar-${method}"
            x="${n(left + 1)}"
            y="${n(base - tall)}"
            width="${n(size - 2)}"
            height="${n(tall)}"
          />`,
        ];
  });
  return html`<g
    ><title>${name}: ${count} decisions</title>${bars}
    <path class="grid" d="M${plot.left} ${base}H${plot.right}" />
    <text class="tick" x="${plot.left - 8}" y="${base}">${shortened(name)}</text></g
  >`;
}

function tickAt(at: number, bottom: number): Html {
  const x = plot.left + at * (plot.right - plot.left);
  return html`<path class="grid" d="M${n(x)} ${plot.top}V${bottom}" />
    <text class="label" x="${n(Math.min(x, plot.right - 8))}" y="${bottom + 20}">${at}</text>`;
}
