import type { BootstrapOptions } from '../estimates/bootstrap.ts';
import type { IntervalEstimate } from '../../protocol/run/estimate.ts';
import type { GroupOutcomes } from './groupOutcomes.ts';
import { overGroups } from './overGroups.ts';

/**
 * The largest difference in accuracy between two groups, percentage points; 0 is parity (the paper's equation 3 asks
 * that the error rate be the same in each group, and the values of its table 1 read as this gap).
 * Unmeasured when a group has no example.
 */
export function accuracyParity(outcomes: GroupOutcomes, options: BootstrapOptions): IntervalEstimate {
  return overGroups(
    outcomes,
    (accuracies) => {
      const values = accuracies.map(({ accuracy }) => accuracy);
      return 100 * (Math.max(...values) - Math.min(...values));
    },
    options,
  );
}
