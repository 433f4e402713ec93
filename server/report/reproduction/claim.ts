/** A claim of the paper that a reproduction tests, and how paired differences decide it. */
import { measuredOf, type Estimate } from '../../protocol/run/estimate.ts';
import type { TextTable } from '../../measures/text/textTable.ts';

export type ClaimVerdict = 'seen' | 'not seen' | 'undecided';

export interface Claim {
  /** What the paper says, and where. */
  readonly claim: string;
  readonly verdict: ClaimVerdict;
  /** The numbers that decide it, or why there are none. */
  readonly because: string;
}

/**
 * Decides a claim by a paired difference that it expects to be above 0: seen where the whole 95 % interval is above
 * 0, not seen where it is below. So each of these two answers is wrong in at most 1 of 40 runs.
 */
export function decided(difference: Estimate | undefined): ClaimVerdict {
  const { low, high } = measuredOf(difference) ?? {};
  if (low === undefined || high === undefined) return 'undecided';
  return low > 0 ? 'seen' : high < 0 ? 'not seen' : 'undecided';
}

/** Combines several tests of one claim: at least one must decide it, and they must not contradict each other. */
export function together(verdicts: readonly ClaimVerdict[]): ClaimVerdict {
  const [seen, not] = [verdicts.includes('seen'), verdicts.includes('not seen')];
  return seen === not ? 'undecided' : seen ? 'seen' : 'not seen';
}

/** Combines the tests of a claim about all cases: one counterexample refutes it. */
export function ofAll(verdicts: readonly ClaimVerdict[]): ClaimVerdict {
  if (verdicts.includes('not seen')) return 'not seen';
  return verdicts.length > 0 && verdicts.every((each) => each === 'seen') ? 'seen' : 'undecided';
}

/** The claims of the paper and what a run shows of each. */
export function claimTable(claims: readonly Claim[]): TextTable {
  return {
    header: ["the paper's claim", 'in this run', 'because'],
    rows: claims.map(({ claim, verdict, because }) => [claim, verdict, because]),
  };
}
