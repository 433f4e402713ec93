/** The verdict on a finished sweep: which ranks are safe, unsafe or undecided, with error control over all of them. */
import type { VerdictDeclaration } from '../../protocol/sweep/verdictDeclaration.ts';
import { adviceFor } from './advice.ts';
import { assayOf, detectable } from './assay.ts';
import { decide } from './decide.ts';
import { fallback, holm, startingShares, type Tested } from '../statistics/manyRanks.ts';
import { askQuestion, obstacleTo, obstacleToAll, type Question } from './question.ts';
import { boundsAt, gatherSweepEvidence, testRank, type RankTests, type SweepEvidence } from './rankTests.ts';
import type { Recipe } from '../input/recipes.ts';
import type { Assay, Cause, RankEvidence, RankVerdict, SweepVerdict, TrainingClaim } from '../sweepVerdict.ts';
import type { Circumstances, VerdictInput } from '../input/verdictInput.ts';

/**
 * The declared verdict. The chance that any rank is wrongly called safe on average is at most alpha; so is the chance that
 * any is wrongly called safe in every group, and that any is wrongly called unsafe, each by itself and whatever the order
 * of the true toxicities. Templates are taken to be independent draws.
 *
 * @throws RankscopeError where input or declaration make no sense
 */
export function judgeSweep(
  input: VerdictInput,
  declaration: VerdictDeclaration,
  circumstances: Circumstances = {},
): SweepVerdict {
  const question = askQuestion(input, declaration);
  const obstacle = obstacleToAll(question);
  const judged = obstacle ? undefined : judgeRanks(question, circumstances);
  const ranks = question.ranks.map(
    (recipe) => judged?.ranks.get(recipe) ?? untested(recipe, obstacle ?? obstacleTo(recipe, question)),
  );
  const smallest = (...kinds: readonly RankVerdict['verdict'][]) =>
    ranks.flatMap(({ verdict, rank }) => (kinds.includes(verdict) ? [rank] : [])).sort((a, b) => a - b)[0];
  const [smallestSafe, smallestSafeOnAverage] = [smallest('safe'), smallest('safe', 'safe on average')];
  return {
    declaration,
    alpha: question.alpha,
    ...(circumstances.exploratory !== undefined && { exploratory: circumstances.exploratory }),
    templates: question.templates.length,
    prompts: question.prompts / question.templates.length,
    samples: question.samples,
    ...(judged && { assay: judged.assay }),
    ...(judged?.recipeShare !== undefined && { recipeShare: judged.recipeShare }),
    ...(smallestSafe !== undefined && { smallestSafe }),
    ...(smallestSafeOnAverage !== undefined && { smallestSafeOnAverage }),
    ranks,
  };
}

function untested({ rank = 0, arm }: Recipe, cause: Cause | undefined): RankVerdict {
  return { rank, arm, verdict: 'undecided', ...(cause && { cause }), advice: [] };
}

interface JudgedRanks {
  readonly assay: Assay;
  readonly ranks: ReadonlyMap<Recipe, RankVerdict>;
  readonly recipeShare?: number;
}

function judgeRanks(question: Question, circumstances: Circumstances): JudgedRanks {
  const { alpha, ranks, declaration } = question;
  const assay = assayOf(question);
  const evidence = gatherSweepEvidence(question);
  const tests = ranks.filter((rank) => !obstacleTo(rank, question)).map((rank) => testRank(question, evidence, rank));
  const shares = startingShares(
    ranks.map(({ rank = 0 }) => rank),
    tests.map(({ recipe }) => recipe.rank ?? 0),
    declaration.starts,
  );
  // One chain for "safe on average", one for "safe in every group".
  const onAverage = fallback(
    tests.map(({ p }) => p),
    shares,
    alpha,
  );
  const inEvery = fallback(
    tests.map(({ pEvery }) => pEvery),
    shares,
    alpha,
  );
  const adjusted = holm(tests.map(({ pAgainst }) => pAgainst));
  const least = Math.min(1, ...shares.filter((share) => share > 0)) * alpha;
  const verdicts = tests.map((own, i) => {
    const [average, every, pHolm] = [onAverage[i], inEvery[i], adjusted[i] ?? NaN] as [Tested, Tested, number];
    const level = average.level > 0 ? average.level : least;
    const found = evidenceOf(question, evidence, own, { average, every, pHolm, level });
    const decision = decide(found, assay, alpha, question.factor);
    const hopes = { cause: decision.cause, assay, level };
    const advice =
      decision.verdict === 'undecided'
        ? adviceFor(question, evidence.all, own, hopes, circumstances.secondsPerCompletion)
        : [];
    const { recipe } = own;
    return [recipe, { rank: recipe.rank ?? 0, arm: recipe.arm, ...decision, evidence: found, advice }] as const;
  });
  const trainings = Math.min(...tests.map((own) => own.trainings.length));
  const isClaimed = declaration.scope === 'recipe' && tests.length > 0;
  return { assay, ranks: new Map(verdicts), ...(isClaimed && { recipeShare: (least / 2) ** (1 / trainings) }) };
}

/** `level` is the rank's own, or the least starting one where nothing was left for it: bounds need one. */
function evidenceOf(
  question: Question,
  { all }: SweepEvidence,
  tests: RankTests,
  { average, every, pHolm, level }: { average: Tested; every: Tested; pHolm: number; level: number },
): RankEvidence {
  const { recipe, groups, learned, p, pEvery, pAgainst, against } = tests;
  const trainings = recipe.trainings.flatMap((training, i): TrainingClaim[] => {
    const claim = tests.trainings[i];
    if (!claim) return [];
    const highestSafe = claim.limit - detectable(claim, level, question);
    return [{ ...claim, ...boundsAt(question, all, training, level), highestSafe }];
  });
  return {
    trainings,
    groups,
    learned,
    p,
    level: average.level,
    isShown: average.isRejected,
    pEvery,
    levelEvery: every.level,
    isShownEvery: every.isRejected,
    pAgainst,
    against,
    pHolm,
  };
}
