import { noEscapes, type Span } from './example.ts';

/**
 * Finds values inside the source of JSON text. Everything here assumes text that JSON.parse has accepted: it measures
 * and does not validate.
 */

/** Source spans of an object's members by key; of a repeated key the last, as JSON.parse keeps it. */
export function memberSpans(source: string, objectStart: number): ReadonlyMap<string, Span> {
  const members = new Map<string, Span>();
  let at = skipSpace(source, objectStart + 1);
  while (source[at] === '"') {
    const keyEnd = skipString(source, at);
    const key = JSON.parse(source.slice(at, keyEnd)) as string;
    const start = skipSpace(source, skipSpace(source, keyEnd) + 1);
    const end = skipValue(source, start);
    members.set(key, { start, end });
    at = skipSpace(source, skipSpace(source, end) + 1);
  }
  return members;
}

/** Source spans of an array's items. */
export function itemSpans(source: string, arrayStart: number): readonly Span[] {
  const items: Span[] = [];
  let at = skipSpace(source, arrayStart + 1);
  while (at < source.length && source[at] !== ']') {
    const end = skipValue(source, at);
    items.push({ start: at, end });
    at = skipSpace(source, end);
    if (source[at] !== ',') break;
    at = skipSpace(source, at + 1);
  }
  return items;
}

/** Offset of the first character that is no JSON white space. */
export function skipSpace(source: string, from: number): number {
  let at = from;
  for (let code = source.charCodeAt(at); code === 32 || code === 9 || code === 10 || code === 13;) {
    code = source.charCodeAt(++at);
  }
  return at;
}

/** The escapes of a JSON string's inner source, as pairs (offset in the decoded text, length in the source). */
export function jsonEscapes(source: string, inner: Span): readonly number[] {
  let at = source.indexOf('\\', inner.start);
  if (at < 0 || at >= inner.end) return noEscapes;
  const escapes: number[] = [];
  let surplus = 0;
  while (at >= 0 && at < inner.end) {
    const length = source[at + 1] === 'u' ? 6 : 2;
    escapes.push(at - inner.start - surplus, length);
    surplus += length - 1;
    at = source.indexOf('\\', at + length);
  }
  return escapes;
}

const quote = 34;
const backslash = 92;

/** End of the string whose opening quote is at `from`. */
function skipString(source: string, from: number): number {
  let at = from;
  for (;;) {
    at = source.indexOf('"', at + 1);
    if (at < 0) return source.length;
    let backslashes = 0;
    while (source.charCodeAt(at - 1 - backslashes) === backslash) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}

/** End of the value that begins at `from`. */
export function skipValue(source: string, from: number): number {
  const first = source[from];
  if (first === '"') return skipString(source, from);
  if (first === '{' || first === '[') return skipNested(source, from);
  let at = from;
  while (at < source.length && !',]} \t\r\n'.includes(source[at] ?? ' ')) at++;
  return at;
}

function skipNested(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    const code = source.charCodeAt(at);
    if (code === quote) at = skipString(source, at) - 1;
    else if (code === 123 || code === 91) depth++;
    else if ((code === 125 || code === 93) && --depth === 0) return at + 1;
  }
  return source.length;
}
