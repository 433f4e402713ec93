/** The examples of a record of a published form. */
import { type Example, type FieldNames, namesTexts } from './example.ts';
import { type Found, textsAt, valueAt } from './jsonPath.ts';
import type { Located } from './locatedText.ts';
import { isObject } from './messages.ts';
import { publishedShape, type Shape, tellingNames } from './shapes.ts';

/** The published form of a record; undefined for none. */
export function recordShape(record: unknown, fields: FieldNames): Shape | undefined {
  if (namesTexts(fields) || !isObject(record)) return undefined;
  // Most records are of no published form, which shows in their own fields.
  const names = Object.keys(record);
  if (!names.some((name) => tellingNames.has(name))) return undefined;
  return publishedShape((path) => valueAt(record, path) !== undefined);
}

/** A text of a record with what belongs to it. */
export interface ShapedText {
  readonly located: Located;
  readonly rest: Partial<Example>;
}

/**
 * The texts of a record, in the order of its form. Of several fields those without a text are left out. A string says why
 * there is none.
 */
export function shapedTexts(
  source: string,
  start: number,
  record: unknown,
  shape: Shape,
  fields: FieldNames,
): readonly ShapedText[] | string {
  const chosen = chosenText(record, shape);
  if (chosen === undefined) return `the field ${JSON.stringify(shape.choice)} names none of ${shape.text.join(', ')}`;
  const texts = chosen.flatMap(({ path, at }) =>
    textsAt(source, record, start, path).flatMap(({ located, indices }): ShapedText[] =>
      located === undefined ? [] : [{ located, rest: restOf(record, shape, fields, { at, indices }) }],
    ),
  );
  return texts.length > 0 ? texts : `${shape.text.map((path) => JSON.stringify(path)).join(', ')} hold no text`;
}

/** The paths that are read, and the place of each among all. */
function chosenText(record: unknown, { text, choice }: Shape): { path: string; at: number }[] | undefined {
  const all = text.map((path, at) => ({ path, at }));
  if (choice === undefined) return all;
  const found = all[Number(scalar(valueAt(record, choice)) ?? NaN)];
  return found && [found];
}

function restOf(
  record: unknown,
  shape: Shape,
  fields: FieldNames,
  { at, indices }: Pick<Found, 'indices'> & { readonly at: number },
): Partial<Example> {
  const prompt = shape.prompt?.map((path) => scalar(valueAt(record, path))).filter((part) => part !== undefined);
  const groupPath = fields.group ?? (typeof shape.group === 'object' ? shape.group[at] : shape.group);
  const labelPath = fields.label ?? shape.label;
  const group = groupPath === undefined ? undefined : scalar(valueAt(record, groupPath, indices));
  const label = labelPath === undefined ? undefined : scalar(valueAt(record, labelPath, indices));
  return {
    shape,
    ...(prompt && prompt.length > 0 && { prompt: prompt.join(' ') }),
    ...(label !== undefined && { label }),
    ...(group !== undefined && { group }),
  };
}

/** A value that is written as one word: a text, a number, or whether. */
export function scalar(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}
