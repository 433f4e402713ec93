/** What the tool for chat models answers: figures with their intervals, reasons where there are none. */
import type { ArmMetrics } from '../../server/protocol/run.ts';
import type { Comparison, RunView } from '../../server/protocol/runsContract.ts';

interface Estimated {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export function comparedText(view: RunView, comparison: Comparison): string {
  return JSON.stringify(
    {
      run: view.name,
      folder: view.run,
      state: view.state,
      model: view.model,
      judge: view.judge,
      baseline: comparison.baseline.arm,
      arms: comparison.arms.map(({ of, metrics, toxicityRate, difference, reason }) => ({
        arm: of.arm,
        toxicityRate: toxicityRate && share(toxicityRate),
        differenceToBaseline: difference && share(difference),
        noDifferenceBecause: reason,
        klFromBaseNats: metrics?.kl,
        klAtEveryPositionNats: metrics?.klAll,
        perplexity: metrics?.perplexity,
        honest: metrics?.honest,
        classification: metrics && classified(metrics),
        failure: metrics?.failure,
      })),
      notes: view.metrics?.notes,
      warnings: view.warnings,
      reading: 'An arm differs from the baseline where the 95 % interval of its difference leaves out zero.',
    },
    null,
    1,
  );
}

/** What the arm made of labelled texts, by each rule its decisions were read by; undefined for another experiment. */
function classified({ minority, classification }: ArmMetrics): object | undefined {
  if (classification === undefined) return undefined;
  return {
    minorityKept: minority,
    rules: classification.rules.map(
      ({ rule, accuracy, groups, accuracyParity, worstGroupError, worstGroup, biasGaps }) => ({
        rule,
        accuracyShare: accuracy,
        groups: groups.map((own) => ({ group: own.group, accuracyShare: own.accuracy })),
        accuracyParityPoints: accuracyParity,
        worstGroupErrorPoints: worstGroupError,
        worstGroup,
        harmfulBiasGapsPoints: biasGaps,
      }),
    ),
  };
}

/** Shares of completions, not percent, so that nobody multiplies twice. */
function share({ value, low, high, n }: Estimated): object {
  return { share: value, low95: low, high95: high, n };
}
