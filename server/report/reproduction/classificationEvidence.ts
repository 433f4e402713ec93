/** What the arms of a classification run answered on the test texts, and paired comparisons of these answers. */
import { bootstrapStatistic, type BootstrapOptions } from '../../metrics/estimates/bootstrap.ts';
import { isCorrect } from '../../metrics/decisions/correctDecision.ts';
import { decisionMargin } from '../../metrics/decisions/decisionMargin.ts';
import { pairedDifference } from '../../metrics/estimates/pairedDifference.ts';
import type {
  ClassificationKind,
  ClassificationSummary,
  DecisionRule,
  StoredPrediction,
} from '../../protocol/run/classificationRun.ts';
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import { isMeasured, unmeasured, type Estimate } from '../../protocol/run/estimate.ts';
import { readPredictions } from '../../runs/readRun.ts';
import type { RunFolder } from '../../runs/runFolder.ts';

/** The answers of all seeds of a kind. Arrays have one entry for each test text, and all kinds have the same texts. */
export interface KindAnswers {
  readonly name: string;
  /** For each text, the share of the seeds that answered correctly, 0..1. */
  readonly correct: readonly number[];
  /** For each text, the margins of the seeds that decided for the last of the labels. */
  readonly margins: readonly (readonly number[])[];
}

export interface ClassificationEvidence {
  readonly groups: readonly string[];
  /** The group of each test text. */
  readonly of: readonly string[];
  /** Whether each test text has the most frequent label. */
  readonly isMajority: readonly boolean[];
  readonly answers: (kind: ClassificationKind | undefined) => KindAnswers | undefined;
  readonly bootstrap: BootstrapOptions;
}

/** Reads the evidence. Throws RankscopeError('run') where predictions are damaged. */
export async function classificationEvidence(
  { folder, sweep }: { readonly folder: RunFolder; readonly sweep: ClassificationSweep },
  { kinds, labels, groups }: ClassificationSummary,
  rule: DecisionRule,
): Promise<ClassificationEvidence> {
  const { seed, resamples } = sweep.evaluation;
  const answers = new Map<ClassificationKind, KindAnswers>();
  let texts: readonly StoredPrediction[] = [];
  for (const kind of kinds) {
    const seeds = await Promise.all(kind.arms.map((arm) => readPredictions(folder, arm)));
    texts = seeds[0] ?? texts;
    if (seeds.length > 0) answers.set(kind, answersOf(kind.name, seeds, labels, rule));
  }
  return {
    groups,
    of: texts.map(({ group }) => group),
    isMajority: majorityOf(texts),
    answers: (kind) => kind && answers.get(kind),
    bootstrap: { seed, resamples },
  };
}

function answersOf(
  name: string,
  seeds: readonly (readonly StoredPrediction[])[],
  labels: readonly string[],
  rule: DecisionRule,
): KindAnswers {
  const texts = seeds[0] ?? [];
  const last = labels.length - 1;
  return {
    name,
    correct: texts.map((_, i) => {
      const right = seeds.filter((own) => {
        const line = own[i];
        return line !== undefined && isCorrect(rule, line, labels.indexOf(line.label), labels);
      });
      return right.length / seeds.length;
    }),
    margins: texts.map((_, i) =>
      seeds.flatMap((own) => {
        const decision = decisionMargin(own[i]?.logProbabilities ?? []);
        return isMeasured(decision) && decision.predicted === last ? [decision.margin] : [];
      }),
    ),
  };
}

function majorityOf(texts: readonly StoredPrediction[]): readonly boolean[] {
  const counts = new Map<string, number>();
  for (const { label } of texts) counts.set(label, (counts.get(label) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? [];
  return texts.map(({ label }) => label === most);
}

/** How often each test text was drawn in a bootstrap resample. */
export type Drawn = ArrayLike<number>;

/**
 * Ten agreeing texts show with 97.5 % confidence that at least 0.025^(1/10) = 69 % of their group agree. Smaller
 * groups show too little.
 */
const leastTexts = 10;

/**
 * A statistic over the test texts with its 95 % bootstrap interval: texts are drawn with replacement, and all kinds
 * are compared on the same drawn texts. `statistic` returns undefined where it is not defined for a draw.
 * Unmeasured where a group has fewer than 10 texts.
 */
export function overTexts(
  { of, groups, bootstrap }: ClassificationEvidence,
  statistic: (drawn: Drawn) => number | undefined,
): Estimate {
  const small = groups.find((group) => of.filter((own) => own === group).length < leastTexts);
  if (small !== undefined) return unmeasured(`fewer than ${leastTexts} texts belong to ${small}`);
  return bootstrapStatistic([...of.keys()], statistic, bootstrap);
}

/** Accuracy on the drawn texts of the matching groups, percentage points; undefined where none is drawn. */
export function accuracyOn(
  { of }: ClassificationEvidence,
  { correct }: KindAnswers,
  drawn: Drawn,
  isMember: (group: string) => boolean,
): number | undefined {
  let [right, n] = [0, 0];
  for (let i = 0; i < of.length; i++) {
    if (!isMember(of[i] ?? '')) continue;
    const times = drawn[i] ?? 0;
    right += times * (correct[i] ?? NaN);
    n += times;
  }
  return n === 0 ? undefined : (100 * right) / n;
}

/** Largest difference in accuracy between two groups on the drawn texts, percentage points. */
export function parityOn(evidence: ClassificationEvidence, answers: KindAnswers, drawn: Drawn): number | undefined {
  const all = evidence.groups.map((group) => accuracyOn(evidence, answers, drawn, (own) => own === group));
  const known = all.filter((accuracy) => accuracy !== undefined);
  return known.length < all.length ? undefined : Math.max(...known) - Math.min(...known);
}

/** Mean margin of the decisions for the last label on the drawn texts, 0..1. */
export function marginOn({ margins }: KindAnswers, drawn: Drawn): number | undefined {
  let [sum, n] = [0, 0];
  margins.forEach((own, i) => {
    const times = drawn[i] ?? 0;
    for (const margin of own) sum += times * margin;
    n += times * own.length;
  });
  return n === 0 ? undefined : sum / n;
}

/**
 * Why full fine-tuning is no valid reference (assay sensitivity): nothing shows that it is right more often than
 * the base model, if the run has one, or than always answering the most frequent label. Both comparisons are paired
 * by text.
 */
export function assayGapOf(
  evidence: ClassificationEvidence,
  full: KindAnswers | undefined,
  base: KindAnswers | undefined,
): string | undefined {
  if (!full) return 'there is no full fine-tuning with a result to compare with';
  const isBetter = (than: readonly number[]): boolean => {
    const difference = pairedDifference(full.correct, than, undefined, evidence.bootstrap);
    return isMeasured(difference) && difference.low > 0;
  };
  if (base && !isBetter(base.correct)) return `${full.name} is not shown to be more accurate than the base`;
  if (isBetter(evidence.isMajority.map(Number))) return undefined;
  return `${full.name} is not shown to be more accurate than always the most frequent label`;
}
