/** Charts of the catalogue's measures and curves, as data. */
import { measuredOf } from '../../protocol/run/estimate.ts';
import type { ClassificationSummary, DecisionRule } from '../../protocol/run/classificationRun.ts';
import type { ArmMetrics } from '../../protocol/run/run.ts';
import { armFields, presentMeasures, type ArmCatalogue, type ArmMeasure } from '../catalogue/armMeasures.ts';
import { styleOf, type ArmStyle } from './armStyle.ts';
import type { Bar, BarChart, LineChart } from './chart.ts';
import type { CurveLook } from '../catalogue/curves.ts';
import { ruleMeasures, type DecisionMeasure } from '../catalogue/decisionMeasures.ts';
import { percent } from '../text/format.ts';
import { shapeOf } from '../catalogue/kindTable.ts';
import type { Measure } from '../catalogue/measure.ts';
import { english, sayText, type Say } from '../text/say.ts';
import { unitForm } from '../text/units.ts';

type Styles = ReadonlyMap<string, ArmStyle>;

/** Measures that are drawn as bars. */
export function drawnMeasures(arms: readonly ArmMetrics[], catalogue: ArmCatalogue = armFields): readonly ArmMeasure[] {
  return presentMeasures(arms, catalogue).filter(({ barTitle }) => barTitle !== undefined);
}

/** A bar an arm, with its interval (paper figures 2 and 6, left). Arms without the figure have none. */
export function armBars(
  measure: ArmMeasure,
  arms: readonly ArmMetrics[],
  styles: Styles,
  say: Say = english,
): BarChart {
  const bars = arms.flatMap((arm): Bar[] => {
    const measured = measuredOf(measure.read(arm));
    return measured ? [{ label: arm.id, style: styleOf(styles, arm.id), method: arm.method, ...measured }] : [];
  });
  return barChart(measure, bars, say);
}

/** Measures of a rule that are drawn as bars. */
export function drawnRuleMeasures(summary: ClassificationSummary, rule: DecisionRule): readonly DecisionMeasure[] {
  return ruleMeasures(rule, shapeOf(summary)).filter(({ barTitle }) => barTitle !== undefined);
}

/** A bar a kind of arm, with its interval. Kinds without the figure have none. */
export function kindBars(
  measure: DecisionMeasure,
  { kinds }: ClassificationSummary,
  styles: Styles,
  say: Say = english,
): BarChart {
  const bars = kinds.flatMap((kind): Bar[] => {
    const measured = measuredOf(measure.read(kind.result));
    const style = styleOf(styles, kind.arms[0] ?? kind.name);
    return measured ? [{ label: kindLabel(kind), style, method: kind.method, ...measured }] : [];
  });
  return barChart(measure, bars, say);
}

/** A kind of arm in charts: with the share of the minority that it was trained on, where there are several. */
export function kindLabel({ name, minority }: ClassificationSummary['kinds'][number]): string {
  return minority === undefined ? name : `${name} ${percent(minority)}`;
}

function barChart<Source>(measure: Measure<Source>, bars: readonly Bar[], say: Say): BarChart {
  const { title, barTitle = title, unit, most } = measure;
  const { axis, write } = unitForm(unit);
  return {
    kind: 'bars',
    title: sayText(barTitle, say),
    yTitle: sayText(axis, say),
    bars,
    ...(most !== undefined && { most }),
    format: write,
  };
}

/** One curve over the steps of training, of every arm in `series`. NaN where nothing was measured. */
export function curveChart(
  { title, unit, axis, isLogarithmic = false }: CurveLook,
  series: LineChart['series'],
  say: Say = english,
): LineChart {
  const form = unitForm(unit);
  return {
    kind: 'lines',
    title: sayText(title, say),
    xTitle: say('step'),
    yTitle: sayText(axis ?? form.axis, say),
    series,
    ...(isLogarithmic && { logarithmicY: true }),
    place: (step) => say('step {0}', step),
    format: form.write,
  };
}
