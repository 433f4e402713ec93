/** Divides a text at the words that its verdict rests on. */
import type { ReviewItem } from '../../server/protocol/messages/runsContract.ts';

export interface Segment {
  readonly text: string;
  /** The category of a marked piece; absent for other pieces. */
  readonly category?: string;
}

/** The pieces of `text` in order. Of evidence that overlaps or exceeds the text, the valid part is marked. */
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
