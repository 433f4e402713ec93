/** The result of a classification run, made up, of the shape of the paper's second experiment. */
import type {
  CalibrationBin,
  ClassificationKind,
  ClassificationResult,
  ClassificationSummary,
  DecisionMargins,
  RuleResult,
} from '../../server/protocol/run/classificationRun.ts';
import type { Estimate, Interval } from '../../server/protocol/run/estimate.ts';
import type { RunMetrics } from '../../server/protocol/run/run.ts';
import { moved, sampleArms, sampleMetrics } from './sampleArms.ts';

const groups = ['negative', 'positive'];

const kinds = sampleArms.map((arm): ClassificationKind => ({
  name: arm.id,
  method: arm.method,
  ...(arm.rank === undefined ? {} : { rank: arm.rank }),
  arms: [arm.id],
  result: resultOf(arm.id),
}));

const sampleSummary: ClassificationSummary = {
  labels: groups,
  groups,
  test: groups.map((group) => ({ group, n: 400 })),
  training: [{ counts: groups.map((group) => ({ group, n: 1200 })) }],
  kinds,
};

const { rounds, ...common } = sampleMetrics;
export const classificationMetrics: RunMetrics = {
  ...common,
  experiment: 'classification',
  arms: sampleMetrics.arms.map(({ toxicity, unjudged, toxicityVersus, ...arm }) => arm),
  classification: sampleSummary,
};

function resultOf(arm: string): ClassificationResult {
  const share = moved(arm);
  return {
    rules: [ruleOf('completion', arm, 0.55 + 0.3 * share), ruleOf('probability', arm, 0.6 + 0.3 * share)],
    calibration: groups.map((group, i) => ({
      group,
      n: 400,
      error: { value: 0.2 - 0.15 * share + 0.02 * i, n: 400 },
      bins: binsOf(share, i),
    })),
    margins: groups.map((label) => marginsOf(label, share)),
  };
}

/** Half of the bins are empty: nobody who decides between two is less than half sure. */
function binsOf(share: number, group: number): CalibrationBin[] {
  return Array.from({ length: 15 }, (_, bin): CalibrationBin => {
    const [low, high] = [bin / 15, (bin + 1) / 15];
    if (bin < 7) return { low, high, n: 0 };
    const confidence = (low + high) / 2;
    return { low, high, n: 50, confidence, accuracy: confidence - 0.2 * (1 - share) - 0.03 * group };
  });
}

function marginsOf(label: string, share: number): DecisionMargins {
  const histogram = Array.from({ length: 20 }, (_, bin) =>
    bin < 10 ? 0 : Math.round(4 + (bin - 9) ** 2 * (0.3 + share)),
  );
  const n = histogram.reduce((a, b) => a + b, 0);
  return { label, n, margin: around(0.4 + 0.4 * share, 0.03), histogram };
}

function ruleOf(rule: RuleResult['rule'], arm: string, accuracy: number): RuleResult {
  const worst: Estimate =
    arm === 'base' ? { unmeasured: 'a group has no decided example' } : around(100 * (1 - accuracy + 0.06));
  return {
    rule,
    accuracy: around(accuracy, 0.02),
    groups: groups.map((group, i) => ({ group, n: 400, accuracy: around(accuracy + (i - 0.5) * 0.12, 0.03) })),
    accuracyParity: around(12 - 6 * moved(arm)),
    worstGroupError: worst,
    biasGaps: arm.startsWith('r')
      ? groups.map((group, i) => ({ group, reference: 'full', gap: around(8 * (1 - moved(arm)) - 4 * i) }))
      : [],
  };
}

function around(value: number, half = 2): Interval {
  return { value, low: value - half, high: value + half, n: 400 };
}
