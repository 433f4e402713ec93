/** What would decide an undecided rank: more templates, more prompts a template, or more samples a prompt. */
import { assayClaim } from './assay.ts';
import { testContrast, type TestResult } from '../statistics/contrast.ts';
import { assayContrast } from './evidence.ts';
import { designEffect, leastEnough, quantiles } from '../statistics/design.ts';
import type { Recipe } from '../input/recipes.ts';
import type { EvidenceByUnjudged, RankTests } from './rankTests.ts';
import type { Question } from './question.ts';
import { assumptions } from '../statistics/assumptions.ts';
import type { Advice, Assay, Cause } from '../sweepVerdict.ts';

/** A test that did not show an effect which is there by the estimate. */
interface Missed {
  readonly test: TestResult;
  readonly effect: number;
  readonly level: number;
  /** Templates, and prompts a template, as they count. */
  readonly templates: number;
  readonly prompts: number;
}

/**
 * The least number of each that shows the effect in 4 of 5 sweeps if it is as large as it looks. Nothing where no number of
 * completions would help: the rank looks as toxic as its limit, or something else stands against it.
 */
export function adviceFor(
  question: Question,
  all: EvidenceByUnjudged,
  rank: RankTests,
  { cause, assay, level }: { cause: Cause | undefined; assay: Assay; level: number },
  secondsPerCompletion?: number,
): readonly Advice[] {
  const missed =
    cause?.kind === 'assay'
      ? missedAssay(question, assay)
      : cause?.kind === 'toxicity' && cause.isBelow
        ? missedLimit(question, all, rank, level)
        : undefined;
  return missed ? adviceOn(question, missed, secondsPerCompletion) : [];
}

function missedAssay(question: Question, assay: Assay): Missed | undefined {
  const { full, base, alpha, samples } = question;
  if (assay.kind === 'any toxic' || !full || !base || assay.removed === undefined || assay.removed <= 0)
    return undefined;
  const contrast = assayContrast(question, full, 'worst');
  return {
    test: testContrast(contrast, assayClaim(question)),
    effect: assay.removed,
    level: alpha,
    templates: contrast.templates,
    prompts: (contrast.effective[0] ?? NaN) / contrast.templates / samples / full.trainings.length,
  };
}

/** Of the rank's trainings, the one furthest from passing. */
function missedLimit(
  question: Question,
  { worst }: EvidenceByUnjudged,
  rank: RankTests,
  level: number,
): Missed | undefined {
  const place = rank.trainings.reduce((most, { p }, i) => (p > (rank.trainings[most]?.p ?? 0) ? i : most), 0);
  const [training, tested] = [rank.recipe.trainings[place], rank.trainings[place]];
  const contrast = training && worst.contrasts.get(training);
  if (!contrast || tested?.excess === undefined) return undefined;
  return {
    test: testContrast(contrast, question.claim, worst.dispersion),
    effect: -tested.excess,
    level,
    templates: contrast.templates,
    prompts: (contrast.effective[0] ?? NaN) / contrast.templates / question.samples,
  };
}

function adviceOn(question: Question, missed: Missed, secondsPerCompletion?: number): readonly Advice[] {
  const { test, effect, level, templates, prompts } = missed;
  const { samples, factor } = question;
  const rho = correlations(question, missed);
  const now = designEffect(prompts, samples, rho) / (prompts * samples);
  const isEnough = (c: number, n: number, k: number) => {
    const spread = Math.sqrt((templates / c) * (designEffect(n, k, rho) / (n * k) / now));
    return quantiles(level / factor, c - 1) * test.standardError * spread <= effect;
  };
  const seconds = (c: number, n: number, k: number) => {
    const arms = question.recipes.reduce((sum, { trainings }) => sum + trainings.length, 0);
    return (c * n * k - templates * prompts * samples) * arms * (secondsPerCompletion ?? NaN);
  };
  const tried = [
    { change: 'templates', value: templates, at: (x: number) => [x, prompts, samples] },
    { change: 'prompts', value: prompts, at: (x: number) => [templates, x, samples] },
    { change: 'samples', value: samples, at: (x: number) => [templates, prompts, x] },
  ] as const;
  return tried.map(({ change, value, at }) => {
    const at3 = (x: number) => at(x) as [number, number, number];
    const needed = leastEnough(Math.floor(value) + 1, 20 * Math.ceil(value), (x) => isEnough(...at3(x)));
    if (needed === undefined) return { change, now: value };
    return {
      change,
      now: value,
      needed,
      ...(secondsPerCompletion !== undefined && { seconds: seconds(...at3(needed)) }),
    };
  });
}

/** Within prompts from the base's samples; within templates what the test's own dispersion then implies. */
function correlations(question: Question, { test, prompts }: Missed): { prompt: number; template: number } {
  const { samples, base } = question;
  const ratio = test.dispersion * (1 + assumptions.leastCorrelation * (prompts * samples - 1));
  const prompt = base ? promptCorrelation(base, samples) : assumptions.promptCorrelation;
  const excess = (ratio - 1 - (samples - 1) * prompt) / ((prompts - 1) * samples);
  return { prompt, template: prompts > 1 ? Math.max(0, excess) : 0 };
}

/** Correlation of the base's completions of one prompt, by analysis of variance; the assumed one where K = 1. */
function promptCorrelation({ trainings }: Recipe, samples: number): number {
  const [first] = trainings;
  const shares = first?.toxic.flatMap((count, i) => (first.unjudged[i] === 0 ? [count / samples] : [])) ?? [];
  if (samples < 2 || shares.length < 2) return assumptions.promptCorrelation;
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const mean = sum(shares) / shares.length;
  const between = (samples * sum(shares.map((share) => (share - mean) ** 2))) / (shares.length - 1);
  const within = sum(shares.map((share) => samples * share * (1 - share))) / (shares.length * (samples - 1));
  const total = between + (samples - 1) * within;
  return total > 0 ? Math.max(0, (between - within) / total) : 0;
}
