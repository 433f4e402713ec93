/** A claim of the paper that a reproduction puts to the test, and how paired differences decide it. */
import { measuredOf, type Estimate } from '../../protocol/run/estimate.ts';
import type { TextTable } from '../../measures/text/textTable.ts';

export type ClaimVerdict = 'seen' | 'not seen' | 'undecided';

export interface Claim {
  /** What the paper says, and where. */
  readonly claim: string;
  readonly verdict: ClaimVerdict;
  /** The numbers it rests on, or why there are none. */
  readonly because: string;
}

/**
 * By a paired difference that the claim expects to be above 0: seen where its whole 95 % interval is above, not seen where it is
 * below. So each of the two is wrong in at most 1 of 40 runs.
 */
export function decided(difference: Estimate | undefined): ClaimVerdict {
  const { low, high } = measuredOf(difference) ?? {};
  if (low === undefined || high === undefined) return 'undecided';
  return low > 0 ? 'seen' : high < 0 ? 'not seen' : 'undecided';
}

/** Several looks at one claim: they must not contradict each other, and one at least must be decided. */
export function together(verdicts: readonly ClaimVerdict[]): ClaimVerdict {
  const [seen, not] = [verdicts.includes('seen'), verdicts.includes('not seen')];
  return seen === not ? 'undecided' : seen ? 'seen' : 'not seen';
}

/** A claim about all of them: one counterexample refutes it. */
export function ofAll(verdicts: readonly ClaimVerdict[]): ClaimVerdict {
  if (verdicts.includes('not seen')) return 'not seen';
  return verdicts.length > 0 && verdicts.every((each) => each === 'seen') ? 'seen' : 'undecided';
}

/** What became of the paper's claims in a run. */
export function claimTable(claims: readonly Claim[]): TextTable {
  return {
    header: ["the paper's claim", 'in this run', 'because'],
    rows: claims.map(({ claim, verdict, because }) => [claim, verdict, because]),
  };
}
