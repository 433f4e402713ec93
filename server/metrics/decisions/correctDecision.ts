/** Whether a classifier's decision on one text is right. */
import type { DecisionRule, StoredPrediction } from '../../protocol/run/classificationRun.ts';
import { decisionMargin } from './decisionMargin.ts';
import { isMeasured } from '../../protocol/run/estimate.ts';

/** By the rule; `label` counts within `labels`. An answer that contains several labels counts where one is the text's. */
export function isCorrect(
  rule: DecisionRule,
  prediction: Pick<StoredPrediction, 'logProbabilities' | 'answer'>,
  label: number,
  labels: readonly string[],
): boolean {
  if (rule === 'completion') return containsLabel(prediction.answer ?? '', labels[label] ?? '');
  const decision = decisionMargin(prediction.logProbabilities);
  return isMeasured(decision) && decision.predicted === label;
}

export function containsLabel(answer: string, word: string): boolean {
  return word !== '' && answer.toLowerCase().includes(word.toLowerCase());
}
