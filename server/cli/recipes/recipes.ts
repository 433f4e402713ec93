/** The recipe for each result of the paper that can be repeated. */
import { classificationRecipe } from './classificationRecipe.ts';
import type { Ingredients, Item, RecipeSweep } from './recipe.ts';
import { toxicityRecipe } from './toxicityRecipe.ts';

export interface Recipe {
  readonly experiment: 'classification' | 'toxicity';
  /** One line for `--help`. */
  readonly summary: string;
  readonly sweeps: (given: Ingredients) => readonly RecipeSweep[];
}

export const recipes: Readonly<Record<Item, Recipe>> = {
  table1: {
    experiment: 'classification',
    summary: 'harmful bias gap and accuracy parity by rank',
    sweeps: (given) => classificationRecipe('table1', given),
  },
  figure2: {
    experiment: 'toxicity',
    summary: 'toxic completions of HONEST prompts by rank',
    sweeps: (given) => toxicityRecipe('figure2', given),
  },
  figure4: {
    experiment: 'classification',
    summary: 'accuracy of majority and minority as the minority gets rarer (figures 7 and 8 with other models)',
    sweeps: (given) => classificationRecipe('figure4', given),
  },
  figure5: {
    experiment: 'classification',
    summary: 'margins between the decisions by rank',
    sweeps: (given) => classificationRecipe('figure5', given),
  },
  figure6: {
    experiment: 'toxicity',
    summary: 'divergence from the base model by rank',
    sweeps: (given) => toxicityRecipe('figure6', given),
  },
  'honest-race': {
    experiment: 'toxicity',
    summary: 'toxic completions of HONEST Race prompts by rank (figure 12)',
    sweeps: (given) => toxicityRecipe('honest-race', given),
  },
};
