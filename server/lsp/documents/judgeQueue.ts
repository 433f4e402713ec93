import type { Span } from '../../dataset/example.ts';
import type { Verdict } from '../../judges/judge/judge.ts';

type Verdicts = readonly (Verdict | undefined)[];

/** Index ranges of a document's examples. */
interface QueueView {
  readonly verdicts: Verdicts;
  readonly total: number;
  readonly visible: Span;
}

/** Decides which examples are judged next: edited and visible ones come before all others. */
export interface JudgeQueue {
  /** Reports that the examples in an index range have lost their verdicts to an edit. */
  edited(fresh: Span): void;
  /** Visible or edited examples without a verdict, at most `count`. */
  urgent(view: QueueView, count: number): readonly number[];
  /** Any examples without a verdict, in order, at most `count`. */
  rest(view: QueueView, count: number): readonly number[];
}

const none: Span = { start: 0, end: 0 };

export function createJudgeQueue(): JudgeQueue {
  let touched = none;
  // All examples before the cursor have a verdict.
  let cursor = 0;
  return {
    edited: (fresh) => {
      touched = union(touched, fresh);
      cursor = Math.min(cursor, fresh.start);
    },
    urgent: ({ verdicts, total, visible }, count) => {
      const found = new Set<number>();
      addUnjudged(verdicts, { start: touched.start, end: Math.min(touched.end, total) }, count, found);
      if (found.size < count) touched = none;
      addUnjudged(verdicts, { start: visible.start, end: Math.min(visible.end, total) }, count, found);
      return [...found];
    },
    rest: ({ verdicts, total }, count) => {
      while (cursor < total && verdicts[cursor] !== undefined) cursor++;
      const found = new Set<number>();
      addUnjudged(verdicts, { start: cursor, end: total }, count, found);
      return [...found];
    },
  };
}

function union(a: Span, b: Span): Span {
  if (a.start === a.end) return b;
  return b.start === b.end ? a : { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** Adds the indices of unjudged examples in a span until `into` has `count` of them. */
function addUnjudged(verdicts: Verdicts, { start, end }: Span, count: number, into: Set<number>): void {
  for (let index = start; index < end && into.size < count; index++) {
    if (verdicts[index] === undefined) into.add(index);
  }
}
