/** Texts inside the source of a JSON record, with the place of each of their units. */
import { noEscapes, type Span } from './example.ts';
import { itemSpans, jsonEscapes, memberSpans } from './jsonSource.ts';
import { answerIndex, contentKey, isParts, isTextPart, type Json } from './messages.ts';

/** A text of a record and its source, both relative to the line. */
export interface Located {
  readonly text: string;
  readonly inner: Span;
  /** As in an `Example`, where they are not those of one JSON string: the text is put together from several. */
  readonly escapes?: readonly number[];
  /** What stands before it in the same string, where that is a conversation. */
  readonly before?: string;
}

/**
 * The text of a value that is a string, a message, a list of messages (its last assistant message, else its last) or of
 * content parts, which are one text; undefined where there is none, or a part that is no text.
 */
export function locate(source: string, value: unknown, span: Span | undefined): Located | undefined {
  if (span === undefined) return undefined;
  if (typeof value === 'string') return { text: value, inner: { start: span.start + 1, end: span.end - 1 } };
  if (Array.isArray(value)) {
    const items = itemSpans(source, span.start);
    if (isParts(value)) return locateParts(source, value, items);
    const index = answerIndex(value);
    return locate(source, value[index], items[index]);
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const name = contentKey(value as Json);
  return locate(source, (value as Json)[name], memberSpans(source, span.start).get(name));
}

function locateParts(source: string, parts: readonly unknown[], spans: readonly Span[]): Located | undefined {
  if (!parts.every(isTextPart)) return undefined;
  const pieces = parts.flatMap((part, i) => locate(source, part, spans[i]) ?? []);
  return pieces.length === parts.length ? joined(source, pieces, () => '') : undefined;
}

/** The words of a list as one text: a space between two, but before punctuation. */
export function locateWords(source: string, words: readonly unknown[], spans: readonly Span[]): Located | undefined {
  const pieces = words.flatMap((word, i) => (typeof word === 'string' ? (locate(source, word, spans[i]) ?? []) : []));
  const isTight = (word: string): boolean => /^[.,;:!?)\]}%']|^n't$/.test(word);
  return pieces.length === words.length ? joined(source, pieces, (next) => (isTight(next) ? '' : ' ')) : undefined;
}

/**
 * One text from several strings. The source between two stands for the space between them, or belongs to the first unit
 * behind it where there is none.
 */
function joined(source: string, all: readonly Located[], before: (next: string) => '' | ' '): Located | undefined {
  const pieces = all.filter(({ text }) => text !== '');
  const [first] = pieces;
  if (first === undefined || pieces.length === 1) return first ?? all[0];
  let text = '';
  let end = first.inner.start;
  const escapes: number[] = [];
  for (const { text: piece, inner } of pieces) {
    const separator = text === '' ? '' : before(piece);
    if (separator !== '') escapes.push(text.length, inner.start - end);
    const gap = separator === '' ? inner.start - end : 0;
    text += separator;
    const own = inner.end - inner.start === piece.length ? noEscapes : jsonEscapes(source, inner);
    const isEscaped = own[0] === 0;
    if (gap > 0) escapes.push(text.length, gap + (isEscaped ? (own[1] ?? 1) : 1));
    for (let i = gap > 0 && isEscaped ? 2 : 0; i < own.length; i += 2)
      escapes.push(text.length + (own[i] ?? 0), own[i + 1] ?? 1);
    text += piece;
    end = inner.end;
  }
  return { text, inner: { start: first.inner.start, end }, escapes };
}
