/** Which texts are reviewed, which one is looked at, and what was said of them. */
import type { ReviewItem } from '../../server/protocol/messages/runsContract.ts';

export type HumanLabel = NonNullable<ReviewItem['label']>;

/** What was said of a text before a label was given. */
export interface Said {
  readonly content: string;
  readonly before: HumanLabel | undefined;
  /** The item that was looked at. */
  readonly at: number;
}

export interface ReviewModel {
  readonly items: readonly ReviewItem[];
  /** The item that is looked at; 0 where there is none. */
  readonly current: number;
  /** Latest last. */
  readonly said: readonly Said[];
}

export function reviewOf(items: readonly ReviewItem[]): ReviewModel {
  const first = items.findIndex(({ label }) => label === undefined);
  return { items, current: Math.max(0, first), said: [] };
}

/** The model `by` items further on, not past the ends. */
export function moved(model: ReviewModel, by: number): ReviewModel {
  return movedTo(model, model.current + by);
}

export function movedTo(model: ReviewModel, index: number): ReviewModel {
  const current = Math.max(0, Math.min(model.items.length - 1, index));
  return current === model.current ? model : { ...model, current };
}

/** The model after the item that is looked at was labelled: the next one is looked at. The same text has one label. */
export function labelled(model: ReviewModel, label: HumanLabel): ReviewModel {
  const item = model.items[model.current];
  if (!item) return model;
  const said = [...model.said, { content: item.content, before: item.label, at: model.current }];
  return moved({ ...model, items: relabelled(model.items, item.content, label), said }, 1);
}

export interface Undone {
  readonly model: ReviewModel;
  /** What was taken back, and the label that it took away. */
  readonly said: Said;
  readonly label: HumanLabel | undefined;
}

/** The model before the latest label, which is looked at again; undefined when there is none to take back. */
export function undone(model: ReviewModel): Undone | undefined {
  const said = model.said.at(-1);
  if (!said) return undefined;
  const { content, before, at } = said;
  const items = relabelled(model.items, content, before);
  const label = model.items.find((item) => item.content === content)?.label;
  return { model: { items, current: at, said: model.said.slice(0, -1) }, said, label };
}

/** The model after the latest label of a text could not be written; what is looked at stays. */
export function unwritten(model: ReviewModel, content: string): ReviewModel {
  const index = model.said.findLastIndex((said) => said.content === content);
  const said = model.said[index];
  if (!said) return model;
  return {
    ...model,
    items: relabelled(model.items, content, said.before),
    said: model.said.filter((_, i) => i !== index),
  };
}

/** The model after a label could not be taken back: it stands again, and can be taken back again. */
export function notTakenBack(model: ReviewModel, said: Said, label: HumanLabel | undefined): ReviewModel {
  return { ...model, items: relabelled(model.items, said.content, label), said: [...model.said, said] };
}

function relabelled(
  items: readonly ReviewItem[],
  content: string,
  label: HumanLabel | undefined,
): readonly ReviewItem[] {
  return items.map((item) => {
    if (item.content !== content) return item;
    const unlabelled: ReviewItem = { ...item };
    delete (unlabelled as { label?: HumanLabel }).label;
    return label === undefined ? unlabelled : { ...unlabelled, label };
  });
}

/** How many of the items have a label. */
export function labelCount({ items }: ReviewModel): number {
  return items.filter(({ label }) => label !== undefined).length;
}
