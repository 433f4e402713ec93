/** WinoBias as its authors publish it: a numbered sentence a line, its two mentions in brackets. */
import type { Span } from './example.ts';
import type { Shape } from './shapes.ts';

export const winoBiasSentences: Shape = { name: 'WinoBias', tells: [], text: ['the sentence'] };

const numbered = /^\s*\d+ (?=[^[\]]*\[[^[\]]+\][^[\]]*\[[^[\]]+\][^[\]]*$)/;

/** A sentence without its number and brackets, where it stands in its line, and its escapes as an `Example` has them. */
export interface WinoBiasSentence {
  readonly text: string;
  readonly inner: Span;
  readonly escapes: readonly number[];
}

/** The sentence of a line; undefined for any other line. */
export function winoBiasSentence(line: string): WinoBiasSentence | undefined {
  const start = numbered.exec(line)?.[0].length;
  if (start === undefined) return undefined;
  const source = line.slice(start).trimEnd();
  // A bracket belongs to the unit behind it, and one at the end to none.
  const isLast = source.endsWith(']');
  const end = source.length - Number(isLast);
  const escapes: number[] = [];
  let text = '';
  for (let at = 0; at < end; at++) {
    let length = 1;
    while (at < end - 1 && '[]'.includes(source[at] ?? '')) {
      at++;
      length++;
    }
    if (length > 1) escapes.push(text.length, length);
    text += source[at] ?? '';
  }
  return { text, inner: { start, end: start + end }, escapes };
}
