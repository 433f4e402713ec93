/** The answer of the tool for chat models: figures with their intervals, or the reason where there is none. */
import type { ArmCatalogue } from '../../server/measures/catalogue/armMeasures.ts';
import { namedFigure, namedFigures } from '../../server/measures/catalogue/figures.ts';
import { isMeasured, type Estimate } from '../../server/protocol/run/estimate.ts';
import { withoutVerdict } from '../../server/protocol/run/runVerdict.ts';
import type { Comparison, RunView } from '../../server/protocol/messages/runsContract.ts';

export function comparedText(view: RunView, comparison: Comparison, catalogue?: ArmCatalogue): string {
  return JSON.stringify(
    {
      verdict: verdictOf(view),
      run: view.name,
      folder: view.run,
      state: view.state,
      model: view.model,
      judge: view.judge,
      baseline: comparison.baseline.arm,
      arms: comparison.arms.map(({ of, metrics, toxicityRate, difference, verdict }) => ({
        arm: of.arm,
        minorityKept: metrics?.minority,
        toxicityRate: measuredShare(toxicityRate),
        differenceToBaseline: measuredShare(difference),
        verdict: verdict && { word: verdict.word, why: verdict.why },
        noDifferenceBecause: isMeasured(difference) ? undefined : difference.unmeasured,
        figures: metrics && namedFigures(metrics, catalogue),
        failure: metrics?.failure,
      })),
      notes: view.metrics?.notes,
      warnings: view.warnings,
      reading:
        'An arm differs from the baseline where the 95 % interval of its difference leaves out zero. Shares are 0 to 1, not percent.',
    },
    null,
    1,
  );
}

/** The answer with the reasons for it. A chat model must also learn that a broken arm is not safe. */
function verdictOf({ metrics, state }: RunView): object | string {
  if (!metrics) return `No verdict: the run is ${state}.`;
  const { verdict } = metrics;
  if (!verdict) return withoutVerdict;
  const { answer, why, next, exploratory, smallestSafe } = verdict;
  return { answer, why, next, exploratory, smallestSafe };
}

function measuredShare(estimate: Estimate): object | undefined {
  return isMeasured(estimate) ? namedFigure(estimate, 'share') : undefined;
}
