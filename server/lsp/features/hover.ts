import { type Hover, MarkupKind, type Position } from 'vscode-languageserver';
import type { Verdict } from '../../judges/judge/judge.ts';
import {
  contentOf,
  examplesIn,
  type JudgedDocument,
  judgementOf,
  type Judgement,
} from '../documents/judgedDocument.ts';
import type { Counterfactuals } from './counterfactualPairs.ts';
import { escapeMarkdown } from './markdown.ts';
import { rangeOf } from './ranges.ts';
import { dateText, labelWords, scoreText, shortened } from '../../judges/verdictWording.ts';

type Judged = Extract<Verdict, { kind: 'judged' }>;

export interface HoverOptions {
  readonly markdown: boolean;
  readonly counterfactuals?: Counterfactuals | undefined;
}

/** Most counterfactuals that are shown for one text. */
const mostShown = 10;

/** What is known about the text under the cursor: score of each category, judge, threshold, and people's labels. */
export function hover(
  document: JudgedDocument,
  position: Position,
  { markdown, counterfactuals }: HoverOptions,
): Hover | undefined {
  const offset = document.text.offsetAt(position);
  const judgement = examplesIn(document, { start: offset, end: offset })
    .map((index) => judgementOf(document, index))
    .find((found) => found !== undefined);
  if (judgement === undefined) return undefined;
  const escape = markdown ? escapeMarkdown : (text: string) => shortened(text, Infinity);
  const parts = [
    ...verdictParts(document, judgement, escape),
    ...labelParts(document, judgement, escape),
    ...counterfactualParts(counterfactuals, escape),
  ];
  return {
    range: rangeOf(document.text, judgement.example.range),
    contents: { kind: markdown ? MarkupKind.Markdown : MarkupKind.PlainText, value: parts.join('\n\n') },
  };
}

type Escape = (text: string) => string;

function verdictParts({ judge }: JudgedDocument, { verdict, example }: Judgement, escape: Escape): readonly string[] {
  if (verdict === undefined) return ['Not judged yet.'];
  if (verdict.kind === 'unjudged') return [`Unjudged: ${escape(verdict.reason)}.`];
  const name = escape(judge?.name ?? 'its judge');
  const threshold = judge === undefined ? '' : `, threshold ${scoreText(judge.threshold)}`;
  const decision = verdict.toxic ? 'Toxic' : 'Not toxic';
  return [
    `${decision}: ${scoreText(verdict.score)} by ${name}${threshold}.`,
    ...categoryList(verdict, escape),
    ...evidenceList(verdict, example.text, escape),
    ...(verdict.why === undefined ? [] : [`Why: ${escape(verdict.why)}`]),
  ];
}

function categoryList({ categories }: Judged, escape: Escape): readonly string[] {
  const lines = Object.entries(categories)
    .sort(([, a], [, b]) => b - a)
    .map(([name, score]) => `- ${escape(name)}: ${scoreText(score)}`);
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function evidenceList({ evidence }: Judged, text: string, escape: Escape): readonly string[] {
  const words = evidence
    .slice(0, 20)
    .map(({ start, end, category }) => `“${escape(text.slice(start, end))}” (${escape(category)})`);
  return words.length === 0 ? [] : [`Words: ${words.join(', ')}`];
}

function counterfactualParts(given: Counterfactuals | undefined, escape: Escape): readonly string[] {
  if (given?.fault !== undefined) return [`No counterfactuals: ${escape(given.fault)}.`];
  const { texts = [] } = given ?? {};
  if (texts.length === 0) return [];
  const shown = texts.slice(0, mostShown).map((text) => `- ${escape(shortened(text, 200))}`);
  const more = texts.length > mostShown ? [`- and ${texts.length - mostShown} more`] : [];
  return ['Counterfactuals:', [...shown, ...more].join('\n')];
}

/** The label in force and earlier labels, the latest first. */
function labelParts(document: JudgedDocument, { index, label }: Judgement, escape: Escape): readonly string[] {
  if (document.labels.size === 0) return [];
  const history = document.labels.of(contentOf(document, index));
  if (history.length === 0) return [];
  const told = history.toReversed().map(({ label: word, author, time, reason }) => {
    const said = word === 'none' ? 'took the label back' : `said ${labelWords[word]}`;
    return `- ${escape(dateText(time))} ${escape(author)} ${said}${reason === undefined ? '' : `: ${escape(reason)}`}`;
  });
  const present = label === undefined ? 'no label' : `${labelWords[label.label]}, by ${escape(label.author)}`;
  return [`Human: ${present}.`, told.join('\n')];
}
