/** How far the judge can be trusted, as text and numbers. */
import { estimateText } from '../../server/measures/text/units.ts';
import type { Estimate } from '../../server/protocol/run/estimate.ts';
import type { JudgeTrust } from '../../server/protocol/messages/runsContract.ts';
import { t } from '../text/strings.ts';

export interface ConfusionCell {
  readonly count: number;
  /** Share of the texts with this label, 0..1; absent where there are none. */
  readonly share?: number;
  readonly agrees: boolean;
}

/**
 * Rows are people's labels (toxic, not toxic), columns are verdicts (toxic, not toxic), as in the paper's figures 9
 * and 10.
 */
export function confusionCells({ confusion }: JudgeTrust): readonly (readonly ConfusionCell[])[] {
  const { truePositive, falseNegative, falsePositive, trueNegative } = confusion;
  return [row(truePositive, falseNegative, 0), row(falsePositive, trueNegative, 1)];
}

function row(first: number, second: number, agreeing: number): readonly ConfusionCell[] {
  const all = first + second;
  return [first, second].map((count, i) => ({
    count,
    ...(all === 0 ? {} : { share: count / all }),
    agrees: i === agreeing,
  }));
}

/** Name and value of every figure. An undefined figure has its reason as value. */
export function trustFigures(trust: JudgeTrust): readonly (readonly [name: string, value: string])[] {
  return [
    [t('labelled'), String(trust.labelled)],
    [t('accuracy of the judge'), rateText(trust.accuracy)],
    [t('sensitivity: toxic texts found'), rateText(trust.sensitivity)],
    [t('specificity: other texts left alone'), rateText(trust.specificity)],
    [t("Cohen's kappa"), estimateText(trust.kappa, 'plain', t)],
    [t('toxicity rate as judged'), rateText(trust.judgedRate)],
    [t("rate corrected for the judge's errors"), rateText(trust.correctedRate)],
  ];
}

function rateText(rate: Estimate): string {
  return estimateText(rate, 'share', t);
}
