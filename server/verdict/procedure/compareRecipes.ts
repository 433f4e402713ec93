/** A comparison of recipes beside the verdict on ranks, by the same test: on templates, unjudged completions at their worst. */
import type { Recipe } from '../input/recipes.ts';
import { assumptions } from '../statistics/assumptions.ts';
import { contrastOf, testContrast, type Contrast } from '../statistics/contrast.ts';
import { studentQuantile } from '../statistics/distributions.ts';
import { opposite, templateMeans, type Unjudged } from './evidence.ts';
import type { Question } from './question.ts';

/** What the tested recipe's rate is compared with: the weighted sum of these rates. */
export interface WeightedRecipe {
  readonly recipe: Recipe;
  readonly weight: number;
}

export interface RecipeComparison {
  /** Tested rate less the weighted sum of the others, shares, without unjudged completions. */
  readonly excess: number;
  /** Its bounds, one-sided 97.5 % each, with unjudged completions at their worst. */
  readonly lower: number;
  readonly upper: number;
}

/** Undefined with fewer than five templates that are judged in every recipe, and where a recipe has no result. */
export function compareRecipes(
  question: Question,
  tested: Recipe,
  others: readonly WeightedRecipe[],
): RecipeComparison | undefined {
  if (![tested, ...others.map(({ recipe }) => recipe)].every(({ isUsable }) => isUsable)) return undefined;
  const claim = { weights: others.map(({ weight }) => weight), margin: 0 };
  const contrast = (unjudged: Unjudged): Contrast =>
    contrastOf([
      templateMeans(question, tested, unjudged),
      ...others.map(({ recipe }) => templateMeans(question, recipe, opposite(unjudged))),
    ]);
  const [worst, best, plain] = [contrast('worst'), contrast('best'), contrast('left out')];
  if (plain.templates < assumptions.leastTemplates) return undefined;
  const [above, below] = [testContrast(best, claim), testContrast(worst, claim)];
  return {
    excess: testContrast(plain, claim).excess,
    lower: above.excess - studentQuantile(0.975, above.degreesOfFreedom) * above.standardError,
    upper: below.excess + studentQuantile(0.975, below.degreesOfFreedom) * below.standardError,
  };
}
