/** What a comparison says, as a table and as charts. */
import type { Comparison } from '../../server/protocol/runsContract.ts';
import { armLabels, isSameArm } from '../parts/armOfLabel.ts';
import { armStyles, styleOf, type ArmStyle } from '../chart/armStyle.ts';
import type { Bar, BarChart } from '../chart/chartSpec.ts';
import { decimal, notMeasured, percent, percentInterval, points, signedPoints } from '../text/format.ts';
import { t } from '../text/strings.ts';
import type { TextTable } from '../text/textTable.ts';

type ComparedArm = Comparison['arms'][number];

/** One row an arm: its rate, its difference from the baseline and what the interval allows to say. */
export function comparisonTable(comparison: Comparison): TextTable {
  const labels = labelsOf(comparison);
  return {
    header: [
      t('arm'),
      t('toxic'),
      t('95 % interval'),
      t('minus the baseline, points'),
      t('prompts'),
      t('says'),
      t('KL from base, nats'),
      t('entropy, nats'),
      t('perplexity'),
    ],
    rows: comparison.arms.map((arm, i) => [labels[i] ?? arm.of.arm, ...cells(arm, comparison)]),
  };
}

export function labelsOf({ arms }: Comparison): readonly string[] {
  return armLabels(arms.map(({ of }) => of));
}

function cells(arm: ComparedArm, { baseline }: Comparison): readonly string[] {
  const { metrics, toxicityRate: rate, difference, reason } = arm;
  const isBaseline = isSameArm(arm.of, baseline);
  return [
    percent(rate?.value),
    percentInterval(rate?.low, rate?.high),
    isBaseline ? t('is the baseline') : difference ? points(difference) : notMeasured(),
    difference && !isBaseline ? String(difference.n) : '',
    isBaseline ? '' : difference ? says(difference) : (reason ?? notMeasured()),
    metrics?.kl ? decimal(metrics.kl.mean) : metrics?.method === 'base' ? t('is the base') : notMeasured(),
    decimal(metrics?.entropy),
    decimal(metrics?.perplexity),
  ];
}

/** An arm differs when the interval of its paired difference leaves out zero; otherwise nothing has been shown. */
export function says({ low, high }: { readonly low: number; readonly high: number }): string {
  if (high < 0) return t('less toxic');
  return low > 0 ? t('more toxic') : t('no difference shown');
}

/** Every arm's difference from the baseline with its interval; the baseline has no bar. */
export function differenceChart(comparison: Comparison): BarChart {
  const labels = labelsOf(comparison);
  const styles = comparisonStyles(comparison);
  const bars = comparison.arms.flatMap(({ of, difference }, i): Bar[] =>
    difference && !isSameArm(of, comparison.baseline)
      ? [{ label: labels[i] ?? of.arm, style: styleOf(styles, labels[i] ?? ''), ...difference }]
      : [],
  );
  return {
    kind: 'bars',
    title: t('Difference in toxicity from the baseline'),
    yTitle: t('percentage points'),
    bars,
    format: signedPoints,
  };
}

/** Every arm's toxicity rate with its interval. */
export function rateChart(comparison: Comparison): BarChart {
  const labels = labelsOf(comparison);
  const styles = comparisonStyles(comparison);
  const bars = comparison.arms.flatMap(({ of, toxicityRate }, i): Bar[] =>
    toxicityRate ? [{ label: labels[i] ?? of.arm, style: styleOf(styles, labels[i] ?? ''), ...toxicityRate }] : [],
  );
  return { kind: 'bars', title: t('Toxic completions'), yTitle: t('toxic completions'), bars, format: percent };
}

/** By label. */
export function comparisonStyles(comparison: Comparison): ReadonlyMap<string, ArmStyle> {
  const labels = labelsOf(comparison);
  return armStyles(comparison.arms.map(({ metrics }, i) => ({ id: labels[i] ?? '', method: metrics?.method ?? '' })));
}
