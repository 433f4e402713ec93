/** A tokenised example: the loss is on the tokens from `firstLabel` on, each predicted from those before it. */
export interface TrainExample {
  readonly ids: readonly number[];
  readonly firstLabel: number;
}

/** Number of tokens that are predicted; the first token of a sequence has nothing to be predicted from. */
export const labelCount = ({ ids, firstLabel }: TrainExample): number => ids.length - Math.max(1, firstLabel);

/** Keeps the last `maxLength` tokens of prompts that are too long, then the first of completions that still are. */
export function fitExample(prompt: readonly number[], completion: readonly number[], maxLength: number): TrainExample {
  const kept = completion.slice(0, Math.max(1, maxLength - 1));
  const room = Math.max(0, maxLength - kept.length);
  const context = room === 0 ? [] : prompt.slice(-room);
  return { ids: [...context, ...kept], firstLabel: context.length };
}
