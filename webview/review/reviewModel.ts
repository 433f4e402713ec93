/** The state of a review: its texts, the current one, and the labels that were given. */
import type { ReviewItem } from '../../server/protocol/messages/runsContract.ts';

export type HumanLabel = NonNullable<ReviewItem['label']>;

/** The state of a text before it was labelled. */
export interface Said {
  readonly content: string;
  readonly before: HumanLabel | undefined;
  /** Index of the item that was current. */
  readonly at: number;
}

export interface ReviewModel {
  readonly items: readonly ReviewItem[];
  /** Index of the current item; 0 where there is none. */
  readonly current: number;
  /** Earlier states, the latest last. */
  readonly said: readonly Said[];
}

export function reviewOf(items: readonly ReviewItem[]): ReviewModel {
  const first = items.findIndex(({ label }) => label === undefined);
  return { items, current: Math.max(0, first), said: [] };
}

/** The model with the item `by` places further on, within the list. */
export function moved(model: ReviewModel, by: number): ReviewModel {
  return movedTo(model, model.current + by);
}

export function movedTo(model: ReviewModel, index: number): ReviewModel {
  const current = Math.max(0, Math.min(model.items.length - 1, index));
  return current === model.current ? model : { ...model, current };
}

/** The model after the current item was labelled. The next item becomes current. Equal texts share one label. */
export function labelled(model: ReviewModel, label: HumanLabel): ReviewModel {
  const item = model.items[model.current];
  if (!item) return model;
  const said = [...model.said, { content: item.content, before: item.label, at: model.current }];
  return moved({ ...model, items: relabel(model.items, item.content, label), said }, 1);
}

export interface Undone {
  readonly model: ReviewModel;
  /** The state before the label that was undone, and that label. */
  readonly said: Said;
  readonly label: HumanLabel | undefined;
}

/** The model before the latest label, whose item becomes current. Undefined where there is no label to undo. */
export function undone(model: ReviewModel): Undone | undefined {
  const said = model.said.at(-1);
  if (!said) return undefined;
  const { content, before, at } = said;
  const items = relabel(model.items, content, before);
  const label = model.items.find((item) => item.content === content)?.label;
  return { model: { items, current: at, said: model.said.slice(0, -1) }, said, label };
}

/** The model after the latest label of a text could not be written. The current item stays. */
export function unwritten(model: ReviewModel, content: string): ReviewModel {
  const index = model.said.findLastIndex((said) => said.content === content);
  const said = model.said[index];
  if (!said) return model;
  return {
    ...model,
    items: relabel(model.items, content, said.before),
    said: model.said.filter((_, i) => i !== index),
  };
}

/** The model after undoing a label has failed: the label is back, and can be undone again. */
export function notTakenBack(model: ReviewModel, said: Said, label: HumanLabel | undefined): ReviewModel {
  return { ...model, items: relabel(model.items, said.content, label), said: [...model.said, said] };
}

function relabel(items: readonly ReviewItem[], content: string, label: HumanLabel | undefined): readonly ReviewItem[] {
  return items.map((item) => {
    if (item.content !== content) return item;
    const unlabelled: ReviewItem = { ...item };
    delete (unlabelled as { label?: HumanLabel }).label;
    return label === undefined ? unlabelled : { ...unlabelled, label };
  });
}

/** Number of items that have a label. */
export function labelCount({ items }: ReviewModel): number {
  return items.filter(({ label }) => label !== undefined).length;
}
