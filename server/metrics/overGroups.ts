import { bootstrapStatistic, type BootstrapOptions } from './bootstrap.ts';
import { type Estimate, isMeasured } from './estimate.ts';
import { type GroupAccuracy, groupAccuracies, type GroupOutcomes } from './groupOutcomes.ts';

/**
 * A number made of the groups' accuracies, with a 95 % bootstrap interval over examples. A largest difference or a
 * worst rate is biased upwards in resamples of small groups, so that its interval may lie above the value itself.
 */
export function overGroups(
  outcomes: GroupOutcomes,
  statistic: (accuracies: readonly GroupAccuracy[]) => number,
  options: BootstrapOptions,
): Estimate {
  const whole = groupAccuracies(outcomes);
  if (!isMeasured(whole)) return whole;
  const kept = [...outcomes.groups.keys()].filter((i) => outcomes.of.includes(outcomes.groups[i] ?? ''));
  const examples: GroupOutcomes = {
    correct: kept.map((i) => outcomes.correct[i] === true),
    groups: kept.map((i) => outcomes.groups[i] ?? ''),
    of: outcomes.of,
  };
  const drawn = (multiplicity: Uint32Array): number | undefined => {
    const accuracies = groupAccuracies(examples, multiplicity);
    return isMeasured(accuracies) ? statistic(accuracies) : undefined;
  };
  return bootstrapStatistic(kept, drawn, options);
}
