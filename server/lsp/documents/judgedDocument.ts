import type { DatasetProblem, Example, Span } from '../../dataset/example.ts';
import type { DocumentText } from '../../dataset/documentText.ts';
import type { LineSchema } from '../../dataset/lineSource.ts';
import type { Judge, Verdict } from '../../judges/judge/judge.ts';
import { contentHash, type HumanLabel } from '../../judges/labels/human.ts';
import type { LabelHistory } from '../../judges/labels/labelHistory.ts';

/** A document and what is known about its texts. Features read it and change nothing in it. */
export interface JudgedDocument {
  readonly uri: string;
  readonly text: DocumentText;
  readonly schema: LineSchema;
  readonly examples: readonly Example[];
  readonly problems: readonly DatasetProblem[];
  /** Whether every row is a line of its own. */
  readonly lineByLine: boolean;
  /** The verdict on each example; undefined while it waits for the judge. */
  readonly verdicts: readonly (Verdict | undefined)[];
  /** Content hashes that were computed so far. Read them through `contentOf`. */
  readonly contents: (string | undefined)[];
  readonly labels: LabelHistory;
  /** Undefined where the judge could not be opened. */
  readonly judge: Pick<Judge, 'name' | 'hash' | 'threshold'> | undefined;
  /** Messages about the whole document: limits that were reached, a judge that failed. */
  readonly notices: readonly string[];
}

/** What to show for a text. A person's label takes precedence over the judge's verdict. */
export interface Judgement {
  readonly index: number;
  readonly example: Example;
  readonly verdict: Verdict | undefined;
  readonly label: HumanLabel | undefined;
  readonly flagged: boolean;
}

/** The hash that names an example's text in label files. */
export function contentOf({ contents, examples }: JudgedDocument, index: number): string {
  const example = examples[index];
  return (contents[index] ??= example === undefined ? '' : contentHash(example));
}

/** The label in force of an example. */
export function labelOf(document: JudgedDocument, index: number): HumanLabel | undefined {
  return document.labels.size === 0 ? undefined : document.labels.inForce(contentOf(document, index));
}

export function judgementOf(document: JudgedDocument, index: number): Judgement | undefined {
  const example = document.examples[index];
  if (example === undefined) return undefined;
  const verdict = document.verdicts[index];
  const label = labelOf(document, index);
  return { index, example, verdict, label, flagged: isFlagged(verdict, label) };
}

/** Whether a text is to be shown as toxic. */
export function isFlagged(verdict: Verdict | undefined, label: HumanLabel | undefined): boolean {
  if (label?.label === 'toxic') return true;
  return label?.label !== 'benign' && verdict?.kind === 'judged' && verdict.toxic;
}

/** The flagged texts in the order of the document. */
export function* flaggedTexts(document: JudgedDocument, from = 0): Generator<Judgement> {
  for (let index = from; index < document.examples.length; index++) {
    const verdict = document.verdicts[index];
    // Most texts are neither flagged nor labelled. They are skipped without creating an object.
    if (document.labels.size === 0 && !(verdict?.kind === 'judged' && verdict.toxic)) continue;
    const judgement = judgementOf(document, index);
    if (judgement?.flagged) yield judgement;
  }
}

/** Indices of the examples whose text touches a span of the document, ends included. */
export function examplesIn({ examples }: Pick<JudgedDocument, 'examples'>, { start, end }: Span): readonly number[] {
  const found: number[] = [];
  // The two examples of a pair may appear in the document in reverse order, so that the search may have ended after
  // both.
  for (let index = Math.max(0, firstReaching(examples, start) - 2); index < examples.length; index++) {
    const example = examples[index];
    if (example === undefined) break;
    if (example.range.start <= end && example.range.end >= start) found.push(index);
    else if (example.range.start > end && !sameLine(examples[index + 1], example)) break;
  }
  return found;
}

function sameLine(next: Example | undefined, example: Example): boolean {
  return next?.line === example.line;
}

/** Index of the first example whose text ends at or after the offset. */
function firstReaching(examples: readonly Example[], offset: number): number {
  let [low, high] = [0, examples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((examples[middle]?.range.end ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
