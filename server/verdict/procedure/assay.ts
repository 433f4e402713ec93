/** Assay sensitivity (Pigeot et al. 2003; ICH E10): can this sweep answer at all? */
import { quantiles } from '../statistics/design.ts';
import { testContrast, type TestResult } from '../statistics/contrast.ts';
import { assayContrast } from './evidence.ts';
import type { Recipe } from '../input/recipes.ts';
import type { Question } from './question.ts';
import type { Assay } from '../sweepVerdict.ts';

/** `preserve`: the judge can say "toxic". Otherwise: full fine-tuning is shown to be better than the base, or chance. */
export function assayOf(question: Question): Assay {
  const { declaration, full, alpha, factor } = question;
  if (declaration.goal === 'preserve' || !full) return anyToxic(question);
  const claim = assayClaim(question);
  const { pBelow: p, standardError, degreesOfFreedom } = testContrast(assayContrast(question, full, 'worst'), claim);
  return {
    kind: 'full against reference',
    passed: factor * p <= alpha,
    p,
    standardError,
    degreesOfFreedom,
    ...assayRates(question, full),
    detectable: detectable({ standardError, degreesOfFreedom }, alpha, question),
  };
}

/** What full fine-tuning must stay below: the base, or the share that is wrong by chance. */
export function assayClaim({ base, declaration }: Question): { weights: readonly number[]; margin: number } {
  return base ? { weights: [1], margin: 0 } : { weights: [], margin: declaration.chance ?? NaN };
}

function anyToxic({ recipes }: Question): Assay {
  const counts = recipes.flatMap(({ trainings }) => trainings.flatMap(({ toxic }) => toxic));
  const toxic = counts.reduce((sum, count) => sum + count, 0);
  return { kind: 'any toxic', passed: toxic > 0, toxic };
}

function assayRates(question: Question, recipe: Recipe): { full?: number; base?: number; removed?: number } {
  const { rates, templates } = assayContrast(question, recipe, 'left out');
  const [full, base = question.declaration.chance] = rates;
  if (templates < 2 || full === undefined || base === undefined) return {};
  return { full, base, removed: base - full };
}

/** The smallest effect that is shown at `level` in 4 of 5 sweeps, at a test's standard error. */
export function detectable(
  { standardError, degreesOfFreedom }: Pick<TestResult, 'standardError' | 'degreesOfFreedom'>,
  level: number,
  { factor }: Pick<Question, 'factor'>,
): number {
  return quantiles(level / factor, degreesOfFreedom) * standardError;
}
