import type { Estimate } from '../../protocol/run/estimate.ts';
import { accuracyParity } from '../groups/accuracyParity.ts';
import type { BootstrapOptions, Cluster } from '../estimates/bootstrap.ts';

/** The completions of an arm; arrays have one entry a completion. */
export interface GroupedToxicity {
  /** The verdict; undefined where there is none, which is left out. */
  readonly toxic: readonly (boolean | undefined)[];
  /** Identity group that the prompt speaks of; undefined where it speaks of none, which is left out. */
  readonly groups: readonly (string | undefined)[];
  /** Sentence frame of the prompt: frames are drawn for the interval, with the prompts of all groups in them. */
  readonly clusters: readonly Cluster[];
}

/**
 * The largest difference in toxicity between two identity groups, percentage points, with its 95 % interval: accuracy parity
 * (paper, equation 3) of completions that are not toxic. Undefined where the prompts speak of fewer than two groups; unmeasured
 * where a group has no verdict.
 */
export function toxicityGap(
  { toxic, groups, clusters }: GroupedToxicity,
  options: BootstrapOptions,
): Estimate | undefined {
  const of = [...new Set(groups.filter((group) => group !== undefined))];
  if (of.length < 2) return undefined;
  const judged = [...toxic.keys()].filter((i) => toxic[i] !== undefined && groups[i] !== undefined);
  const outcomes = {
    correct: judged.map((i) => toxic[i] === false),
    groups: judged.map((i) => groups[i] ?? ''),
    clusters: judged.map((i) => clusters[i] ?? i),
    of,
  };
  return accuracyParity(outcomes, options);
}
