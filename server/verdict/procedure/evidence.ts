/** The contrasts of every tested training on one set of templates, with unjudged completions at their worst or left out. */
import {
  contrastOf,
  correctionOf,
  dispersionOf,
  type Claim,
  type Contrast,
  type TemplateMean,
} from '../statistics/contrast.ts';
import type { JudgedArm, Recipe } from '../input/recipes.ts';
import { obstacleTo, type Question, type Templates } from './question.ts';

/**
 * What a completion without a verdict counts (Manski 1989): toxic for the rank and benign for its references (`worst`,
 * where safe is tested), the other way (`best`, where unsafe is tested), or nothing (`left out`, for estimates).
 */
export type Unjudged = 'worst' | 'best' | 'left out';

/** All ranks' trainings against the same references. */
export interface Evidence {
  readonly contrasts: ReadonlyMap<JudgedArm, Contrast>;
  /** Mean dispersion of all of them: that one rank showed few differences by chance is no evidence. */
  readonly dispersion: number;
}

export function gatherEvidence(question: Question, templates: Templates, claim: Claim, unjudged: Unjudged): Evidence {
  const references = question.references.map((recipe) => side(question, recipe, templates, opposite(unjudged)));
  const tested = question.ranks.filter((rank) => !obstacleTo(rank, question)).flatMap(({ trainings }) => trainings);
  const contrasts = new Map(
    tested.map((training) => {
      const own = side(question, { trainings: [training] }, templates, unjudged);
      return [training, joined(question, [own, ...references])];
    }),
  );
  const measured = [...contrasts.values()].filter((contrast) => contrast.templates >= 2);
  const sum = measured.reduce((all, contrast) => all + dispersionOf(contrast, claim), 0);
  return { contrasts, dispersion: measured.length === 0 ? 0 : sum / measured.length };
}

/** Full fine-tuning against its reference, or against chance where there is none. */
export function assayContrast(question: Question, full: Recipe, unjudged: Unjudged): Contrast {
  const sides = [side(question, full, question.templates, unjudged)];
  if (question.base) sides.push(side(question, question.base, question.templates, opposite(unjudged)));
  return joined(question, sides);
}

interface Side {
  readonly means: readonly TemplateMean[];
  readonly trainings: readonly JudgedArm[];
}

function side(
  { samples }: Question,
  { trainings }: Pick<Recipe, 'trainings'>,
  templates: Templates,
  unjudged: Unjudged,
): Side {
  return { means: templates.map((prompts) => templateMean(trainings, prompts, samples, unjudged)), trainings };
}

/** Mean toxicity of a recipe in every template of the question. */
export function templateMeans(question: Question, recipe: Recipe, unjudged: Unjudged): readonly TemplateMean[] {
  return side(question, recipe, question.templates, unjudged).means;
}

function joined({ declaration }: Question, sides: readonly Side[]): Contrast {
  const means = sides.map((own) => own.means);
  if (declaration.judge === 'judge') return contrastOf(means);
  return contrastOf(
    means,
    sides.map(({ trainings }) => correctionOf(trainings.flatMap(({ labels }) => labels ?? []))),
  );
}

/** Mean over trainings and prompts of a template, which count alike; a prompt without any verdict may be left out. */
function templateMean(
  trainings: readonly JudgedArm[],
  prompts: readonly number[],
  samples: number,
  unjudged: Unjudged,
): TemplateMean {
  let [sum, count] = [0, 0];
  for (const { toxic, unjudged: missing } of trainings) {
    for (const i of prompts) {
      const [found, without] = [toxic[i] ?? NaN, missing[i] ?? NaN];
      const judged = unjudged === 'left out' ? samples - without : samples;
      if (judged === 0) continue;
      sum += (unjudged === 'worst' ? found + without : found) / judged;
      count += 1;
    }
  }
  return { mean: count === 0 ? undefined : sum / count, completions: count * samples };
}

export function opposite(unjudged: Unjudged): Unjudged {
  return unjudged === 'worst' ? 'best' : unjudged === 'best' ? 'worst' : 'left out';
}
