/** A text cut at the words that carried its verdict. */
import type { ReviewItem } from '../../server/protocol/messages/runsContract.ts';

export interface Segment {
  readonly text: string;
  /** The category of what is marked; absent for what is not. */
  readonly category?: string;
}

/** The pieces of `text` in order; of evidence that overlaps or lies outside the text what can be shown is shown. */
export function segments(text: string, evidence: ReviewItem['evidence']): readonly Segment[] {
  const pieces: Segment[] = [];
  let at = 0;
  for (const { start, end, category } of [...evidence].sort((a, b) => a.start - b.start)) {
    const from = Math.max(at, start);
    const to = Math.min(text.length, end);
    if (to <= from) continue;
    if (from > at) pieces.push({ text: text.slice(at, from) });
    pieces.push({ text: text.slice(from, to), category });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}
