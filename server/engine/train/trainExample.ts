/** A tokenised example: the loss is on the tokens from `firstLabel` on, each predicted from those before it. */
export interface TrainExample {
  readonly ids: readonly number[];
  readonly firstLabel: number;
}

/** A tokenised text with its class, which is predicted from the text's first row. */
export interface ClassExample {
  readonly ids: readonly number[];
  /** Index of the class. */
  readonly label: number;
}

export type Example = TrainExample | ClassExample;

/** Number of predictions: a class, or tokens, of which a sequence's first has nothing to be predicted from. */
export const labelCount = (example: Example): number =>
  'label' in example ? 1 : example.ids.length - Math.max(1, example.firstLabel);

/** Keeps the last `maxLength` tokens of prompts that are too long, then the first of completions that still are. */
export function fitExample(prompt: readonly number[], completion: readonly number[], maxLength: number): TrainExample {
  const kept = completion.slice(0, Math.max(1, maxLength - 1));
  const room = Math.max(0, maxLength - kept.length);
  const context = room === 0 ? [] : prompt.slice(-room);
  return { ids: [...context, ...kept], firstLabel: context.length };
}
