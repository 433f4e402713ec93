/** JSON files whose records are not a line each: one array, or objects over several lines one after another. */
import type { Span } from './example.ts';
import { skipSpace, skipValue } from './jsonSource.ts';
import type { JsonLayout } from './lineSource.ts';

/** Units that a first record over several lines may have: whether it is one is looked at after every edit of it. */
const longestFirst = 2_000_000;

/** How the records of a JSON file stand, by its beginning. A first line that is no JSON is a broken line, unless what begins there is a whole record. */
export function layoutOf(text: string, start: number): JsonLayout {
  const first = skipSpace(text, text.startsWith('\uFEFF') ? Math.max(start, 1) : start);
  if (text[first] === '[') return 'array';
  if (text[first] !== '{') return 'lines';
  const feed = text.indexOf('\n', first);
  if (feed < 0 || isJson(text.slice(first, feed))) return 'lines';
  const beginning = text.slice(first, first + longestFirst);
  const value = beginning.slice(0, skipValue(beginning, 0));
  return value.includes('\n') && isJson(value) ? 'values' : 'lines';
}

/** A record of such a file, and where the next one begins. */
export interface JsonItem {
  /** Undefined where there is none. */
  readonly span?: Span;
  readonly next: number;
  /** Why reading ends here, and where. */
  readonly fault?: { readonly what: string; readonly at: number };
}

/** The record that begins at an offset: behind the bracket of an array, or behind the comma or end of the record before. */
export function jsonItem(text: string, from: number, layout: 'array' | 'values'): JsonItem {
  const start = skipSpace(text, from);
  if (start === text.length)
    return layout === 'array' ? ending(text, start, 'the array is not closed') : { next: start };
  if (layout === 'array' && text[start] === ']') return afterArray(text, start + 1);
  const end = skipValue(text, start);
  if (end === start) return ending(text, start, 'there is no JSON value here');
  if (layout === 'values') return { span: { start, end }, next: end };
  const after = skipSpace(text, end);
  const span = { start, end };
  if (text[after] === ']') return { span, next: after };
  if (skipSpace(text, after + Number(text[after] === ',')) === text.length)
    return { ...ending(text, text.length, 'the array is not closed'), span };
  if (text[after] !== ',') return { ...ending(text, after, 'a comma or the end of the array is missing'), span };
  const following = skipSpace(text, after + 1);
  if (text[following] !== ']') return { span, next: after + 1 };
  return { ...ending(text, after, 'a comma stands before the end of the array'), span };
}

/** Nothing may stand behind an array. */
function afterArray(text: string, from: number): JsonItem {
  const rest = skipSpace(text, from);
  return rest === text.length ? { next: rest } : ending(text, rest, 'text follows the end of the array');
}

function ending(text: string, at: number, what: string): JsonItem {
  return { next: text.length, fault: { what, at } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
