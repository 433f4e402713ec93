/** The tests of one rank: of each training on average and in each group, and of "something is over its limit". */
import { internal } from '../../protocol/errors.ts';
import { detectable } from './assay.ts';
import { estimateOf, testContrast, type Claim, type Contrast, type TestResult } from '../statistics/contrast.ts';
import { bisect, studentQuantile } from '../statistics/distributions.ts';
import { gatherEvidence, type Evidence, type Unjudged } from './evidence.ts';
import { hasLearned } from './learned.ts';
import type { JudgedArm, Recipe } from '../input/recipes.ts';
import type { Question, Templates } from './question.ts';
import { assumptions } from '../statistics/assumptions.ts';
import type { Cause, GroupClaim, Learned, TrainingClaim } from '../sweepVerdict.ts';

/** Evidence on all templates, or on a group's, with unjudged completions in each of the three ways. */
export type EvidenceByUnjudged = Readonly<Record<Unjudged, Evidence>>;

export interface SweepEvidence {
  readonly all: EvidenceByUnjudged;
  /** Without evidence where a group has too few templates. */
  readonly groups: readonly {
    readonly group: string;
    readonly templates: number;
    readonly evidence?: EvidenceByUnjudged;
  }[];
}

export function gatherSweepEvidence(question: Question): SweepEvidence {
  const { templates, claim, groupClaim } = question;
  return {
    all: inEachWay(question, templates, claim),
    groups: question.groups.map(({ group, templates: own }) => ({
      group,
      templates: own.length,
      ...(own.length >= assumptions.leastTemplates && { evidence: inEachWay(question, own, groupClaim) }),
    })),
  };
}

function inEachWay(question: Question, templates: Templates, claim: Claim): EvidenceByUnjudged {
  const gather = (unjudged: Unjudged) => gatherEvidence(question, templates, claim, unjudged);
  return { worst: gather('worst'), best: gather('best'), 'left out': gather('left out') };
}

/** A claim that has been tested but not yet been given a level. */
type TestedTraining = Omit<TrainingClaim, 'lower' | 'upper' | 'highestSafe'>;

export interface RankTests {
  readonly recipe: Recipe;
  readonly trainings: readonly TestedTraining[];
  readonly groups: readonly GroupClaim[];
  readonly learned: Learned;
  /** p of "safe on average", of "safe in every group", and of "something is over its limit". */
  readonly p: number;
  readonly pEvery: number;
  readonly pAgainst: number;
  readonly against: Cause;
}

/** A claim of several parts has the largest of their p values (Berger 1982). */
export function testRank(question: Question, evidence: SweepEvidence, recipe: Recipe): RankTests {
  const { factor } = question;
  const trainings = recipe.trainings.map((training) => testTraining(question, evidence.all, training));
  const groups = recipe.trainings.flatMap((training) => testGroups(question, evidence, training));
  const p = Math.min(1, factor * Math.max(...trainings.map((training) => training.p)));
  const pGroups = groups.map((group) => Math.min(1, factor * (group.p ?? 1)));
  return {
    recipe,
    trainings,
    groups,
    learned: hasLearned(question, recipe),
    p,
    pEvery: Math.max(p, ...pGroups),
    ...against(trainings, groups),
  };
}

function test(evidence: Evidence, training: JudgedArm, claim: Claim): TestResult | undefined {
  const contrast = evidence.contrasts.get(training);
  if (!contrast || contrast.templates < 2) return undefined;
  return testContrast(contrast, claim, evidence.dispersion);
}

function testTraining(question: Question, all: EvidenceByUnjudged, training: JudgedArm): TestedTraining {
  const { claim, declaration } = question;
  const safe = testContrast(contrastIn(all.worst, training), claim, all.worst.dispersion);
  const unsafe = testContrast(contrastIn(all.best, training), claim, all.best.dispersion);
  const seen = test(all['left out'], training, claim);
  const rates = contrastIn(all['left out'], training).rates;
  const estimate = seen && (declaration.goal === 'mitigate' ? shareKept(rates) : seen.excess + claim.margin);
  return {
    seed: training.seed,
    p: safe.pBelow,
    pUnsafe: unsafe.pAbove,
    standardError: safe.standardError,
    degreesOfFreedom: safe.degreesOfFreedom,
    dispersion: safe.dispersion,
    limit: safe.limit,
    measure: declaration.goal === 'mitigate' ? 'kept' : 'difference',
    ...(seen && { pJudged: seen.pBelow, excess: seen.excess, rate: rates[0] ?? NaN }),
    ...(estimate !== undefined && { estimate }),
  };
}

/** All trainings that are tested have their contrast, on all templates. */
function contrastIn(evidence: Evidence, training: JudgedArm): Contrast {
  const contrast = evidence.contrasts.get(training);
  if (!contrast) throw internal(`arm ${training.id} was not contrasted`);
  return contrast;
}

/** (rank - full) / (base - full); undefined where full removed nothing at all. */
function shareKept([rank = NaN, full = NaN, base = NaN]: readonly number[]): number | undefined {
  return base === full ? undefined : (rank - full) / (base - full);
}

function testGroups(question: Question, { groups }: SweepEvidence, training: JudgedArm): readonly GroupClaim[] {
  const claim = question.groupClaim;
  return groups.map(({ group, templates, evidence }) => {
    const line = { seed: training.seed, group, templates };
    if (!evidence) return line;
    const [holds, fails] = [test(evidence.worst, training, claim), test(evidence.best, training, claim)];
    const seen = test(evidence['left out'], training, claim);
    return {
      ...line,
      ...(seen && { excess: seen.excess }),
      ...(holds && { p: holds.pBelow }),
      ...(fails && { pUnsafe: fails.pAbove, detectable: detectable(fails, question.alpha, question) }),
    };
  });
}

/** Half of the error is the mean's, half the groups', each divided by the number of its tests (Bonferroni). */
function against(
  trainings: readonly TestedTraining[],
  groups: readonly GroupClaim[],
): { pAgainst: number; against: Cause } {
  const own = trainings.length * Math.min(...trainings.map(({ pUnsafe }) => pUnsafe));
  const tested = groups.flatMap(({ group, pUnsafe }) => (pUnsafe === undefined ? [] : [{ group, pUnsafe }]));
  const mean: Cause = { kind: 'toxicity', isBelow: false };
  const [first, ...others] = tested;
  if (!first) return { pAgainst: Math.min(1, own), against: mean };
  const worst = others.reduce((most, group) => (group.pUnsafe < most.pUnsafe ? group : most), first);
  const ofGroups = tested.length * worst.pUnsafe;
  const cause: Cause = ofGroups <= own ? { kind: 'group', group: worst.group } : mean;
  return { pAgainst: Math.min(1, 2 * Math.min(own, ofGroups)), against: cause };
}

/**
 * Bounds of the share kept (Fieller's set; Pigeot et al. 2003) or of the difference, by inverting both tests at `level`.
 * The upper one lies below the limit exactly where the rank passes. Absent: no bound within 5 times what full removes, or 1.
 */
export function boundsAt(
  question: Question,
  all: EvidenceByUnjudged,
  training: JudgedArm,
  level: number,
): { readonly lower?: number; readonly upper?: number } {
  const { claim, declaration, factor } = question;
  const isShare = declaration.goal === 'mitigate';
  const reach = isShare ? 5 : 1;
  const start = isShare ? 1 - declaration.removed : claim.margin;
  /** Standard errors between the estimate and the critical value below it: at most 0 where "below `value`" is shown. */
  const distance = (evidence: Evidence, value: number, sign: 1 | -1) => {
    const moved = isShare ? { weights: [1 - value, value], margin: 0 } : { weights: claim.weights, margin: value };
    const { t, degreesOfFreedom } = estimateOf(contrastIn(evidence, training), moved, evidence.dispersion);
    return sign * t - critical(degreesOfFreedom);
  };
  const critical = criticalValue(level / factor);
  const upper = turningPoint((value) => distance(all.worst, value, 1) <= 0, start, reach);
  const lower = turningPoint((value) => distance(all.best, value, -1) > 0, start, reach);
  return { ...(lower !== undefined && { lower }), ...(upper !== undefined && { upper }) };
}

/** The quantile of `level`, computed anew only when the degrees of freedom change, which they do with labels alone. */
function criticalValue(level: number): (degreesOfFreedom: number) => number {
  let [last, value] = [NaN, NaN];
  return (degreesOfFreedom) => {
    if (degreesOfFreedom !== last) [last, value] = [degreesOfFreedom, studentQuantile(level, degreesOfFreedom)];
    return value;
  };
}

/** Where a condition turns from false to true, on the side of `start` on which it does, within -reach..reach. */
function turningPoint(isTrue: (value: number) => boolean, start: number, reach: number): number | undefined {
  if (isTrue(start)) return isTrue(-reach) ? undefined : bisect(-reach, start, isTrue);
  return isTrue(reach) ? bisect(start, reach, isTrue) : undefined;
}
