/** Sums up what arms made of the test examples: accuracies, gaps, calibration and margins (paper sections 3.3 and 4.2). */
import { accuracyParity } from '../../metrics/groups/accuracyParity.ts';
import { bootstrapMean, type BootstrapOptions } from '../../metrics/estimates/bootstrap.ts';
import { calibration } from '../../metrics/judging/calibration.ts';
import { containsLabel, isCorrect } from '../../metrics/decisions/correctDecision.ts';
import { decisionMargin } from '../../metrics/decisions/decisionMargin.ts';
import { isMeasured, unmeasured, type Estimate } from '../../protocol/run/estimate.ts';
import { groupAccuracies, type GroupOutcomes } from '../../metrics/groups/groupOutcomes.ts';
import { harmfulBiasGap } from '../../metrics/groups/harmfulBiasGap.ts';
import { wilson, wilsonBounds } from '../../metrics/estimates/wilson.ts';
import { worstGroupError } from '../../metrics/groups/worstGroupError.ts';
import type {
  BiasGap,
  ClassificationResult,
  DecisionMargins,
  DecisionRule,
  GroupCalibration,
  RuleResult,
} from '../../protocol/run/classificationRun.ts';
import type { GroupedText } from './classificationData.ts';
import type { Prediction } from './labelModel.ts';

export interface MeasuredTest {
  readonly test: readonly GroupedText[];
  readonly labels: readonly string[];
  readonly groups: readonly string[];
  readonly rules: readonly DecisionRule[];
  readonly bins: number;
  readonly bootstrap: BootstrapOptions;
}

/** One arm, or the arms of several seeds, each with its predictions on all test examples. */
export type Predicted = readonly (readonly Prediction[])[];

/** A fully fine-tuned counterpart: `pairs` are the predictions of an arm and of the reference of the same seed. */
export interface GapReference {
  readonly name: string;
  readonly pairs: readonly { readonly own: readonly Prediction[]; readonly full: readonly Prediction[] }[];
}

const histogramBins = 20;

/** Several seeds count together: each text is one cluster, since they all judged the same. */
export function classificationResult(
  predicted: Predicted,
  references: readonly GapReference[],
  measured: MeasuredTest,
): ClassificationResult {
  return {
    rules: measured.rules.map((rule) => ruleResult(rule, predicted, references, measured)),
    calibration: measured.groups.map((group) => groupCalibration(group, predicted, measured)),
    margins: measured.labels.map((label, index) => decisionMargins(label, index, predicted, measured)),
  };
}

function ruleResult(
  rule: DecisionRule,
  predicted: Predicted,
  references: readonly GapReference[],
  measured: MeasuredTest,
): RuleResult {
  const { groups, bootstrap } = measured;
  const outcomes = outcomesOf(rule, predicted, measured);
  const accuracies = groupAccuracies(outcomes);
  const worst = isMeasured(accuracies)
    ? accuracies.reduce((low, own) => (own.accuracy < low.accuracy ? own : low)).group
    : undefined;
  return {
    rule,
    accuracy: shareOf(outcomes, () => true, 'there are no test examples', bootstrap),
    groups: groups.map((group) => {
      const isMember = (own: string): boolean => own === group;
      const n = measured.test.filter((example) => isMember(example.group)).length;
      return { group, n, accuracy: shareOf(outcomes, isMember, `no example belongs to ${group}`, bootstrap) };
    }),
    accuracyParity: accuracyParity(outcomes, bootstrap),
    worstGroupError: worstGroupError(outcomes, bootstrap),
    ...(worst !== undefined && { worstGroup: worst }),
    biasGaps: references.flatMap((reference) => groups.map((group) => biasGap(rule, group, reference, measured))),
    ...(rule === 'completion' && { answers: answerCounts(predicted, measured.labels) }),
  };
}

function outcomesOf(
  rule: DecisionRule,
  predicted: Predicted,
  { test, groups, labels }: MeasuredTest,
): GroupOutcomes & { readonly clusters: readonly number[] } {
  return {
    correct: predicted.flatMap((own) => test.map(({ label }, i) => correctAt(rule, own[i], label, labels))),
    groups: predicted.flatMap(() => test.map(({ group }) => group)),
    of: groups,
    clusters: predicted.flatMap(() => test.map((_, i) => i)),
  };
}

function correctAt(rule: DecisionRule, prediction: Prediction | undefined, label: number, labels: readonly string[]) {
  return prediction !== undefined && isCorrect(rule, prediction, label, labels);
}

/** Share of correct decisions: Wilson's interval for one model, the bootstrap over texts for several. */
function shareOf(
  { correct, groups, clusters }: GroupOutcomes & { readonly clusters: readonly number[] },
  isMember: (group: string) => boolean,
  empty: string,
  bootstrap: BootstrapOptions,
): Estimate {
  const members = [...correct.keys()].filter((i) => isMember(groups[i] ?? ''));
  if (members.length === 0) return unmeasured(empty);
  const texts = new Set(members.map((i) => clusters[i])).size;
  const hits = members.filter((i) => correct[i] === true).length;
  const rate = hits / members.length;
  if (texts === members.length) return wilson(hits, members.length);
  if (rate === 0 || rate === 1) {
    const [low, high] = wilsonBounds(rate, texts);
    return { value: rate, low, high, n: members.length };
  }
  return bootstrapMean(
    members.map((i) => Number(correct[i] === true)),
    members.map((i) => clusters[i] ?? i),
    bootstrap,
  );
}

function biasGap(rule: DecisionRule, group: string, reference: GapReference, measured: MeasuredTest): BiasGap {
  const own = outcomesOf(
    rule,
    reference.pairs.map((pair) => pair.own),
    measured,
  );
  const full = outcomesOf(
    rule,
    reference.pairs.map((pair) => pair.full),
    measured,
  );
  const sample = { full: full.correct, lowRank: own.correct, groups: own.groups, clusters: own.clusters };
  return { group, reference: reference.name, gap: harmfulBiasGap(sample, group, measured.bootstrap) };
}

function answerCounts(predicted: Predicted, labels: readonly string[]): NonNullable<RuleResult['answers']> {
  const answers = predicted
    .flat()
    .map(({ answer = '' }) => labels.filter((word) => containsLabel(answer, word)).length);
  return {
    none: answers.filter((count) => count === 0).length,
    several: answers.filter((count) => count > 1).length,
    n: answers.length,
  };
}

/** Of the label probabilities, whatever rule the report shows first. */
function groupCalibration(group: string, predicted: Predicted, { test, bins }: MeasuredTest): GroupCalibration {
  const confidences = predicted.flatMap((own) =>
    test.flatMap((example, i) => {
      const decision = decisionMargin(own[i]?.logProbabilities ?? []);
      if (example.group !== group || !isMeasured(decision)) return [];
      return [{ confidence: Math.min(1, decision.confidence), correct: decision.predicted === example.label }];
    }),
  );
  const result = calibration(confidences, bins);
  if (isMeasured(result)) return { group, n: result.n, error: { value: result.error, n: result.n }, bins: result.bins };
  return { group, n: 0, error: unmeasured(`no example belongs to ${group}`), bins: [] };
}

/** How sure the arms were where they decided for one label (paper figure 5). */
function decisionMargins(
  label: string,
  index: number,
  predicted: Predicted,
  { bootstrap }: MeasuredTest,
): DecisionMargins {
  const decided = predicted.flatMap((own) =>
    own.flatMap((prediction, example) => {
      const decision = decisionMargin(prediction.logProbabilities);
      return isMeasured(decision) && decision.predicted === index ? [{ ...decision, example }] : [];
    }),
  );
  const histogram = new Array<number>(histogramBins).fill(0);
  for (const { confidence } of decided) {
    const bin = Math.min(histogramBins - 1, Math.floor(confidence * histogramBins));
    histogram[bin] = (histogram[bin] ?? 0) + 1;
  }
  const margin =
    decided.length === 0
      ? unmeasured(`nothing was decided to be ${label}`)
      : bootstrapMean(
          decided.map((decision) => decision.margin),
          decided.map(({ example }) => example),
          bootstrap,
        );
  return { label, n: decided.length, margin, histogram };
}
