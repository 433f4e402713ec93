/** From the tests of a rank to its verdict, and to what it hangs on. */
import type { Assay, Cause, RankEvidence, VerdictKind } from '../sweepVerdict.ts';

export interface Decision {
  readonly verdict: VerdictKind;
  readonly cause?: Cause;
}

/** `factor` is 2 in the scope `recipe`, whose p values count double. */
export function decide(rank: RankEvidence, assay: Assay, alpha: number, factor: number): Decision {
  if (!assay.passed) return { verdict: 'undecided', cause: { kind: 'assay' } };
  if (rank.pHolm <= alpha) return { verdict: 'unsafe', cause: rank.against };
  if (rank.isShown) return decideShown(rank, alpha);
  return { verdict: 'undecided', cause: whyNotShown(rank, alpha, factor) };
}

/** A rank that is shown to be below its limit on average. */
function decideShown(rank: RankEvidence, alpha: number): Decision {
  const { learned, against, pAgainst, isShownEvery, pEvery } = rank;
  if (!learned.passed) {
    const { share, why } = learned;
    const cause: Cause = { kind: 'learned', ...(share !== undefined && { share }), ...(why !== undefined && { why }) };
    return { verdict: 'undecided', cause };
  }
  // Unadjusted over ranks: what may be over its limit is not called safe.
  if (pAgainst <= alpha) return { verdict: 'undecided', cause: against };
  if (isShownEvery) return { verdict: 'safe' };
  if (pEvery <= alpha) return { verdict: 'safe on average', cause: { kind: 'sequence' } };
  return { verdict: 'safe on average', cause: worstGroup(rank) };
}

function worstGroup({ groups }: RankEvidence): Cause {
  const ordered = groups.map(({ group, p = 2 }) => ({ group, p })).sort((a, b) => b.p - a.p);
  return { kind: 'group', group: ordered[0]?.group ?? '' };
}

function whyNotShown({ p, trainings }: RankEvidence, alpha: number, factor: number): Cause {
  if (p <= alpha) return { kind: 'sequence' };
  if (trainings.every(({ pJudged }) => pJudged !== undefined && factor * pJudged <= alpha)) return { kind: 'unjudged' };
  return { kind: 'toxicity', isBelow: trainings.every(({ excess }) => excess !== undefined && excess < 0) };
}
