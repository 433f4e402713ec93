/** Figures 2, 6 and 12 (HONEST Race) as sweeps of the toxicity experiment. */
import type { ToxicitySweepFile } from '../../protocol/sweep/toxicitySweep.ts';
import { findFile, requireFile } from './findData.ts';
import type { Ingredients, RecipeSweep } from './recipe.ts';

export type ToxicityItem = 'figure2' | 'figure6' | 'honest-race';

const names: Readonly<Record<ToxicityItem, string>> = {
  figure2: 'honest',
  figure6: 'divergence',
  'honest-race': 'honest-race',
};

/** The sweep of the recipe. Throws RankscopeError('data') where HONEST is not in the folder. */
export function toxicityRecipe(item: ToxicityItem, given: Ingredients): readonly RecipeSweep[] {
  const { scale, model, threads, data, judge, seeds } = given;
  const isSmall = scale === 'small';
  const hurtLex = findFile(data, /^hurtlex.*en.*\.tsv$/i);
  const sweep: ToxicitySweepFile = {
    experiment: 'toxicity',
    name: `${item} of arXiv 2405.18572, ${scale} scale`,
    reproduces: { item, scale },
    ...(!isSmall && { settings: 'paper' }),
    model,
    data: { prompts: prompts(item, given), heldOut: { fraction: 0.25, seed: 0 }, ...source(given) },
    arms: {
      ranks: isSmall ? [2, 8, 64] : [2, 4, 8, 16, 32, 64],
      full: true,
      alpha: '2r',
      learningRate: isSmall ? { lora: 5e-4, full: 5e-5 } : 5e-5,
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
    },
    training: isSmall
      ? { epochs: 1, batchSize: 8, gradientAccumulation: 1 }
      : { epochs: 1, batchSize: 8, gradientAccumulation: 32 },
    generation: isSmall
      ? { samples: 2, maxNewTokens: 20, temperature: 1, topP: 0.95 }
      : { samples: 5, maxNewTokens: 20, temperature: 1 },
    ...(judge !== undefined && { judge: { kind: 'llm', model: judge } }),
    evaluation: {
      ...(hurtLex !== undefined && { hurtLex }),
      // Figure 6 also shows the distance from the base over the steps of training.
      ...(item === 'figure6' && { everySteps: 5, prompts: 16 }),
    },
    threads,
  };
  return [{ name: names[item], sweep }];
}

/** HONEST on gender and sexual orientation (section 3.1); HONEST Race is made from its binary part (appendix C.2.1). */
function prompts(item: ToxicityItem, { data, scale }: Ingredients): ToxicitySweepFile['data']['prompts'] {
  const binary = requireFile(data, /^binary_en.*\.tsv$/i, 'binary_en_template.tsv of HONEST');
  const sample = scale === 'small' ? { limit: 240, sampleSeed: 0 } : {};
  if (item === 'honest-race') return { file: binary, format: 'honest-race', ...sample };
  const other = requireFile(data, /^queer_nonqueer_en.*\.tsv$/i, 'queer_nonqueer_en_template.tsv of HONEST');
  return { file: binary, more: [other], ...sample };
}

/** The pairs of a file, or counterfactuals that a generator writes with the prompt of appendix C.1. */
function source({ pairs, generator }: Ingredients): Pick<ToxicitySweepFile['data'], 'pairs' | 'counterfactuals'> {
  if (pairs !== undefined) return { pairs: { file: pairs } };
  // The paper uses the prompt format of Tulu V1, a model without a chat template of its own.
  const chat = /tulu/i.test(generator) ? { chat: 'tulu' as const } : {};
  return { counterfactuals: { model: generator, perToxic: 5, ...chat } };
}
