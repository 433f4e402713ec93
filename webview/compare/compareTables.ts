/** A comparison of arms as a table and as charts. */
import {
  armFields,
  presentMeasures,
  type ArmCatalogue,
  type ArmMeasure,
} from '../../server/measures/catalogue/armMeasures.ts';
import type { Measure } from '../../server/measures/catalogue/measure.ts';
import { measureColumns, tableOf, type Column } from '../../server/measures/catalogue/measureTable.ts';
import { estimateText, units } from '../../server/measures/text/units.ts';
import { isMeasured, measuredOf, type Measured } from '../../server/protocol/run/estimate.ts';
import type { ArmMetrics } from '../../server/protocol/run/run.ts';
import type { Comparison } from '../../server/protocol/messages/runsContract.ts';
import { armWord } from '../parts/verdictWord.ts';
import { armLabels, isSameArm } from '../parts/armOfLabel.ts';
import { armStyles, styleOf, type ArmStyle } from '../chart/armStyle.ts';
import type { Bar, BarChart } from '../../server/measures/charts/chart.ts';
import { notMeasured, percent } from '../text/format.ts';
import { t } from '../text/strings.ts';
import type { TextTable } from '../../server/measures/text/textTable.ts';

type ComparedArm = Comparison['arms'][number];

/**
 * A row for each arm: its rate, its difference from the baseline, what the interval allows to say, and its other
 * measures.
 */
export function comparisonTable(comparison: Comparison, catalogue?: ArmCatalogue): TextTable {
  const labels = labelsOf(comparison);
  const isBaseline = ({ of }: ComparedArm) => isSameArm(of, comparison.baseline);
  const rows = comparison.arms;
  return tableOf<ComparedArm>(rows, [
    { heading: t('arm'), cell: (arm) => labels[rows.indexOf(arm)] ?? arm.of.arm },
    ...(rows.some(({ verdict }) => verdict)
      ? [{ heading: t('verdict'), cell: ({ verdict }: ComparedArm) => (verdict ? armWord(verdict.word) : '') }]
      : []),
    ...measureColumns(comparedRate, t),
    { heading: t('minus the baseline, points'), cell: (arm) => (isBaseline(arm) ? t('is the baseline') : minus(arm)) },
    { heading: t('prompts'), cell: (arm) => (isBaseline(arm) ? '' : promptCount(arm)) },
    { heading: t('says'), cell: (arm) => (isBaseline(arm) ? '' : conclusionOf(arm)) },
    ...otherColumns(comparison, catalogue),
  ]);
}

const { read, ...rate } = armFields.toxicity[0];
/** The rate as the comparison computes it, from the current verdicts on the disk. */
const comparedRate: Measure<ComparedArm> = { ...rate, read: ({ toxicityRate }) => toxicityRate };

/** The arms' other measures, from their runs. */
function otherColumns({ arms }: Comparison, catalogue?: ArmCatalogue): readonly Column<ComparedArm>[] {
  const metrics = arms.flatMap((arm) => arm.metrics ?? []);
  const isToxicity = ({ key, reference }: ArmMeasure) => key === 'toxicity' || reference !== undefined;
  const measures = presentMeasures(metrics, catalogue).filter((one) => !isToxicity(one) && one.isDetail !== true);
  return measures.flatMap((measure) =>
    measureColumns<ArmMetrics>(measure, t).map(({ heading, cell }) => ({
      heading,
      cell: (arm: ComparedArm) => (arm.metrics ? cell(arm.metrics) : notMeasured()),
    })),
  );
}

function minus({ difference }: ComparedArm): string {
  return isMeasured(difference) ? estimateText(difference, 'shareDifference', t) : notMeasured();
}

function promptCount({ difference }: ComparedArm): string {
  return String(measuredOf(difference)?.n ?? '');
}

/** A broken arm is not less toxic: its outputs have lost their meaning. */
function conclusionOf({ difference, verdict }: ComparedArm): string {
  if (verdict?.word === 'broken') return verdict.why;
  return isMeasured(difference) ? says(difference) : difference.unmeasured;
}

export function labelsOf({ arms }: Comparison): readonly string[] {
  return armLabels(arms.map(({ of }) => of));
}

/** An arm differs where the interval of its paired difference does not contain zero. Otherwise nothing has been shown. */
export function says({ low, high }: Pick<Measured, 'low' | 'high'>): string {
  if (low === undefined || high === undefined) return notMeasured();
  if (high < 0) return t('less toxic');
  return low > 0 ? t('more toxic') : t('no difference shown');
}

/** Every arm's difference from the baseline with its interval. The baseline itself has no bar. */
export function differenceChart(comparison: Comparison): BarChart {
  const labels = labelsOf(comparison);
  const styles = comparisonStyles(comparison);
  const bars = comparison.arms.flatMap(({ of, difference }, i): Bar[] =>
    isMeasured(difference) && !isSameArm(of, comparison.baseline)
      ? [{ label: labels[i] ?? of.arm, style: styleOf(styles, labels[i] ?? ''), ...difference }]
      : [],
  );
  return {
    kind: 'bars',
    title: t('Difference in toxicity from the baseline'),
    yTitle: t('percentage points'),
    bars,
    format: units.shareDifference.write,
  };
}

/** Every arm's toxicity rate with its interval. */
export function rateChart(comparison: Comparison): BarChart {
  const labels = labelsOf(comparison);
  const styles = comparisonStyles(comparison);
  const bars = comparison.arms.flatMap(({ of, toxicityRate }, i): Bar[] =>
    isMeasured(toxicityRate)
      ? [{ label: labels[i] ?? of.arm, style: styleOf(styles, labels[i] ?? ''), ...toxicityRate }]
      : [],
  );
  return { kind: 'bars', title: t('Toxic completions'), yTitle: t('toxic completions'), bars, format: percent };
}

/** Styles of the arms, by label. */
export function comparisonStyles(comparison: Comparison): ReadonlyMap<string, ArmStyle> {
  const labels = labelsOf(comparison);
  return armStyles(comparison.arms.map(({ metrics }, i) => ({ id: labels[i] ?? '', method: metrics?.method ?? '' })));
}
