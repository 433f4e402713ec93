/** A tokenised example: the loss is on the tokens from `firstLabel` on, each predicted from those before it. */
export interface TrainExample {
  readonly ids: readonly number[];
  readonly firstLabel: number;
  /** Places behind `firstLabel` whose tokens are no labels: turns of others between two answers of a chat. */
  readonly unlabelled?: ReadonlySet<number>;
}

/** A tokenised text with its class, which is predicted from the text's first row. */
export interface ClassExample {
  readonly ids: readonly number[];
  /** Index of the class. */
  readonly label: number;
}

export type Example = TrainExample | ClassExample;

/** Number of predictions: a class, or tokens, of which a sequence's first has nothing to be predicted from. */
export const labelCount = (example: Example): number => ('label' in example ? 1 : labelPlaces(example).length);

/** Places of the tokens that are predicted, ascending. */
export function labelPlaces({ ids, firstLabel, unlabelled }: TrainExample): readonly number[] {
  const first = Math.max(1, firstLabel);
  const places = Array.from({ length: Math.max(0, ids.length - first) }, (_, i) => first + i);
  return unlabelled ? places.filter((place) => !unlabelled.has(place)) : places;
}

/** Keeps the last `maxLength` tokens of prompts that are too long, then the first of completions that still are. */
export function fitExample(prompt: readonly number[], completion: readonly number[], maxLength: number): TrainExample {
  const kept = completion.slice(0, Math.max(1, maxLength - 1));
  const room = Math.max(0, maxLength - kept.length);
  const context = room === 0 ? [] : prompt.slice(-room);
  return { ids: [...context, ...kept], firstLabel: context.length };
}

/** A chat's first `maxLength` tokens, up to the last label: what follows it changes no loss. */
export function chatExample(
  { ids, isLabel }: { readonly ids: readonly number[]; readonly isLabel: readonly boolean[] },
  maxLength: number,
): TrainExample {
  const fitting = isLabel.slice(0, maxLength);
  const length = Math.max(1, fitting.lastIndexOf(true) + 1);
  const first = fitting.indexOf(true);
  const firstLabel = first < 0 ? length : first;
  const places = fitting.slice(0, length).flatMap((label, place) => (label || place < firstLabel ? [] : [place]));
  const example = { ids: ids.slice(0, length), firstLabel };
  return places.length === 0 ? example : { ...example, unlabelled: new Set(places) };
}
