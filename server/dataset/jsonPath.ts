/** Finds the fields of a record by the paths of `shapes.ts`: `a.b`, `a[]` each item of a list, `a[+]` its words as one text. */
import type { Span } from './example.ts';
import { itemSpans, memberSpans } from './jsonSource.ts';
import { locate, type Located, locateWords } from './locatedText.ts';
import { isObject } from './messages.ts';

type Step = { readonly member: string } | 'items' | 'words';

const parsed = new Map<string, readonly Step[]>();

/** Paths are few, and each record has them looked for. */
function stepsOf(path: string): readonly Step[] {
  let steps = parsed.get(path);
  if (steps === undefined) {
    steps = path.split('.').flatMap((part): Step[] => {
      const [, member = part, list] = /^(.*?)(\[\+?\])?$/.exec(part) ?? [];
      return [{ member }, ...(list === undefined ? [] : [list === '[]' ? ('items' as const) : ('words' as const)])];
    });
    parsed.set(path, steps);
  }
  return steps;
}

/** The value at a path, of lists the items with the indices that are given, in order, else the first. */
export function valueAt(record: unknown, path: string, indices: readonly number[] = []): unknown {
  let value = record;
  let list = 0;
  for (const step of stepsOf(path)) {
    if (step === 'items') value = Array.isArray(value) ? (value as unknown[])[indices[list++] ?? 0] : undefined;
    else if (step === 'words') value = Array.isArray(value) ? (value as unknown[])[0] : undefined;
    else value = isObject(value) && Object.hasOwn(value, step.member) ? value[step.member] : undefined;
  }
  return value;
}

/** A text at a path, and the index of each list on the way. */
export interface Found {
  readonly located: Located | undefined;
  readonly indices: readonly number[];
}

/** All texts at a path, in order. A value that is no text is found without a place. */
export function textsAt(source: string, record: unknown, start: number, path: string): readonly Found[] {
  return follow(source, { value: record, span: { start, end: source.length } }, stepsOf(path), []);
}

interface Place {
  readonly value: unknown;
  readonly span: Span | undefined;
}

function follow(source: string, place: Place, steps: readonly Step[], indices: readonly number[]): readonly Found[] {
  const [step, ...rest] = steps;
  const { value, span } = place;
  if (step === undefined)
    return [{ located: typeof value === 'string' ? locate(source, value, span) : undefined, indices }];
  if (span === undefined) return [{ located: undefined, indices }];
  if (step !== 'items' && step !== 'words') {
    if (!isObject(value)) return [{ located: undefined, indices }];
    const member = { value: value[step.member], span: memberSpans(source, span.start).get(step.member) };
    return follow(source, member, rest, indices);
  }
  if (!Array.isArray(value)) return [{ located: undefined, indices }];
  const items = itemSpans(source, span.start);
  if (step === 'words') return [{ located: locateWords(source, value, items), indices }];
  return value.flatMap((item, i) => follow(source, { value: item, span: items[i] }, rest, [...indices, i]));
}
