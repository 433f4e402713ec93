/** How a toxicity run that repeats a result of the paper differs from the paper. */
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';

function batchText({ batchSize, gradientAccumulation }: ToxicitySweep['training']): string {
  if (gradientAccumulation === 'auto') return `${batchSize} times what the number of pairs allows`;
  return String(batchSize * gradientAccumulation);
}

export function toxicityDifferences({ data, judge, training, arms }: ToxicitySweep): readonly string[] {
  const source =
    data.pairs === undefined
      ? `Counterfactuals by ${data.counterfactuals?.model.replace(/^.*[\\/](?=.)/, '') ?? 'a generator'}`
      : 'Given pairs of prompt and completion';
  const rate = arms.learningRate;
  return [
    "The paper gives this figure's numbers as a picture only; its claims are compared.",
    judge.kind === 'llm'
      ? `Judged by ${judge.model.replace(/^.*[\\/](?=.)/, '')}; the paper's judge is Tulu V1 7B.`
      : `Judged by ${judge.kind === 'lexicon' ? 'a word list' : `a ${judge.kind} model`}, which is no reader of meaning; the paper's judge is Tulu V1 7B.`,
    `${source}; the paper's are five for each toxic completion, by Tulu V1 7B.`,
    `Batches of ${batchText(training)}, learning rate ${JSON.stringify(rate)}; the paper's are of 256 (8 by 32), 5e-5 for all arms.`,
    'Measured on held-out templates, which were not trained on; the paper does not say that its were.',
    ...(data.prompts.limit === undefined ? [] : [`${data.prompts.limit} of the prompts, drawn at random.`]),
  ];
}
