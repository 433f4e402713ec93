/** How a toxicity run that repeats a result of the paper differs from the paper. */
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import { rateText } from './rateText.ts';

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
    `Judged by ${judgeText(judge)}; the paper's judge is Tulu V1 7B.`,
    `${source}; the paper's are five for each toxic completion, by Tulu V1 7B.`,
    `Batches of ${batchText(training)}, learning rate ${rateText(rate)}; the paper's are of 256 (8 by 32), 5e-5 for all arms.`,
    'Measured on held-out templates, which were not trained on; the paper does not say that its were.',
    ...(data.prompts.limit === undefined ? [] : [`${data.prompts.limit} of the prompts, drawn at random.`]),
  ];
}

function judgeText(judge: ToxicitySweep['judge']): string {
  if (judge.kind === 'llm') return judge.model.replace(/^.*[\\/](?=.)/, '');
  if (judge.kind === 'lexicon') return 'a word list, which is no reader of meaning';
  return judge.kind === 'combined' ? 'several judges together' : `a ${judge.kind} model`;
}
