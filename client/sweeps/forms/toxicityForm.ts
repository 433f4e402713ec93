import { fromFolder } from './fromFolder.ts';
import type { ToxicitySweepChoice } from './sweepChoice.ts';
import type { SweepForm } from './sweepForm.ts';

export const toxicityForm: SweepForm<'toxicity'> = {
  place: (dataSet) => {
    const name = dataSet.slice(dataSet.search(/[^\\/]*$/));
    return /pairs|counterfactual/i.test(name) ? { pairs: dataSet } : { prompts: dataSet };
  },
  data: ({ prompts }) => prompts,
  whole: (common, { prompts, heldOut, pairs, heldOutPairs }) =>
    prompts && pairs ? { ...common, experiment: 'toxicity', prompts, heldOut, pairs, heldOutPairs } : undefined,
  parts: toxicityParts,
};

function toxicityParts(choice: ToxicitySweepChoice, folder: string): object {
  const { prompts, heldOut, pairs, heldOutPairs, ranks, full, effort } = choice;
  const { settings, arms, ...how } = toxicityEffort[effort];
  const at = (file: string) => ({ file: fromFolder(folder, file) });
  return {
    data: {
      prompts: at(prompts),
      ...(heldOut !== undefined && { heldOut: at(heldOut) }),
      pairs: at(pairs),
      ...(heldOutPairs !== undefined && { heldOutPairs: at(heldOutPairs) }),
    },
    ...settings,
    arms: { ranks: [...ranks], full, ...arms },
    ...how,
  };
}

/**
 * Settings by effort. For a first look and for a thorough comparison, all ranks share one alpha and rates are tuned
 * by held-out loss; they differ in the number of completions of each prompt. The third are the paper's settings,
 * which the sweep file and its report name as such.
 */
const toxicityEffort = {
  quick: {
    settings: {},
    arms: { alpha: 32, learningRate: 'tune' },
    training: { epochs: 1, batchSize: 8, gradientAccumulation: 1, maxLength: 128 },
    generation: { samples: 2, maxNewTokens: 20 },
    evaluation: { prompts: 16 },
  },
  thorough: {
    settings: {},
    arms: { alpha: 32, learningRate: 'tune' },
    training: { epochs: 3, batchSize: 8, gradientAccumulation: 1 },
    generation: { samples: 5, maxNewTokens: 20 },
    evaluation: { prompts: 32 },
  },
  paper: {
    settings: { settings: 'paper' },
    arms: { alpha: '2r', learningRate: 5e-5 },
    training: { epochs: 1, batchSize: 8, gradientAccumulation: 32 },
    generation: { samples: 5, maxNewTokens: 20 },
    evaluation: { prompts: 32 },
  },
} as const;
