/** The table of a run's arms, and their differences from the pinned baseline. */
import type { ArmCatalogue } from '../../../server/measures/catalogue/armMeasures.ts';
import { armTable } from '../../../server/measures/catalogue/measureTable.ts';
import type { TextTable } from '../../../server/measures/text/textTable.ts';
import { estimateText } from '../../../server/measures/text/units.ts';
import { isMeasured, measuredOf, type Estimate } from '../../../server/protocol/run/estimate.ts';
import type { ArmMetrics } from '../../../server/protocol/run/run.ts';
import type { Comparison } from '../../../server/protocol/messages/runsContract.ts';
import { notMeasured } from '../../text/format.ts';
import { t } from '../../text/strings.ts';

/** Paired differences of shares, arm minus baseline, by arm. An arm that was not compared (yet) is absent. */
export type Differences = ReadonlyMap<string, Estimate>;

/** The differences from `baseline` that the metrics contain. */
export function storedDifferences(arms: readonly ArmMetrics[], baseline: string): Differences {
  return new Map(
    arms.flatMap(({ id, toxicityVersus }) => {
      const found = toxicityVersus?.find(({ reference }) => reference === baseline);
      return found ? [[id, found.difference] as const] : [];
    }),
  );
}

/** The differences that a comparison contains. */
export function comparedDifferences({ arms }: Comparison): Differences {
  return new Map(arms.map(({ of: { arm }, difference }) => [arm, difference]));
}

/** Arms with a rate but without a difference from `baseline`. */
export function uncompared(arms: readonly ArmMetrics[], baseline: string, differences: Differences): readonly string[] {
  const judged = arms.filter(({ toxicity }) => measuredOf(toxicity)).map(({ id }) => id);
  if (!judged.includes(baseline)) return [];
  return judged.filter((id) => id !== baseline && !differences.has(id));
}

/** A row for each arm, in the order of `arms`. The first cell is the arm's id. */
export function metricsTable(
  arms: readonly ArmMetrics[],
  baseline: string,
  differences: Differences,
  catalogue?: ArmCatalogue,
): TextTable {
  const column = {
    heading: t('minus {0}, points', baseline),
    cell: (arm: ArmMetrics) => differenceText(arm, baseline, differences),
  };
  return armTable(arms, { say: t, differences: [column], ...(catalogue && { catalogue }) });
}

function differenceText({ id, toxicity }: ArmMetrics, baseline: string, differences: Differences): string {
  if (id === baseline) return t('is the baseline');
  const found = differences.get(id);
  if (found === undefined) return measuredOf(toxicity) ? t('not compared') : notMeasured();
  return isMeasured(found) ? estimateText(found, 'shareDifference', t) : found.unmeasured;
}
