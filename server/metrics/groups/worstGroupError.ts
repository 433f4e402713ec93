import type { BootstrapOptions } from '../estimates/bootstrap.ts';
import type { IntervalEstimate } from '../../protocol/run/estimate.ts';
import type { GroupOutcomes } from './groupOutcomes.ts';
import { overGroups } from './overGroups.ts';

/**
 * The largest error rate of any group, percentage points ("the worst misclassification rate of a model across all
 * protected groups", paper section 3.3). Unmeasured when a group has no example.
 */
export function worstGroupError(outcomes: GroupOutcomes, options: BootstrapOptions): IntervalEstimate {
  return overGroups(outcomes, (all) => 100 * (1 - Math.min(...all.map(({ accuracy }) => accuracy))), options);
}
