import {
  type CodeAction,
  CodeActionKind,
  type Command,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { Span } from '../../dataset/example.ts';
import type { HumanLabel } from '../../judges/labels/human.ts';
import { askReasonCommand, useColumnCommand } from '../../protocol/messages/editor.ts';
import {
  contentOf,
  examplesIn,
  type JudgedDocument,
  judgementOf,
  type Judgement,
} from '../documents/judgedDocument.ts';
import { insertedRows } from './insertedRows.ts';
import { rangeOf } from './ranges.ts';
import { hasRows, joined, rowSpans } from './rowSpans.ts';
import { counted, labelWords, scoreText, shortened } from '../../judges/verdictWording.ts';

export interface CodeActionOptions {
  /** Whether the client has the command that asks a person for a reason. */
  readonly asksReason: boolean;
  /** Whether the client has the command that stores which column holds the texts. */
  readonly writesColumns?: boolean;
  /** Counterfactuals of the single selected text, where some are known. */
  readonly counterfactuals?: readonly string[] | undefined;
  /** Version of the document, where the client accepts versioned edits. */
  readonly version: number | null;
}

/** Most texts that one action handles. A larger selection gets no actions. */
const mostTexts = 1000;
/** Most columns that are suggested. */
const mostColumns = 10;

/** Actions on the texts that a selection touches. */
export function codeActions(document: JudgedDocument, selection: Span, options: CodeActionOptions): CodeAction[] {
  const indices = examplesIn(document, selection);
  const judgements = indices.slice(0, mostTexts).flatMap((index) => judgementOf(document, index) ?? []);
  const columns = options.writesColumns ? columnActions(document, selection) : [];
  if (judgements.length === 0 || indices.length > mostTexts) return columns;
  return [
    ...columns,
    ...(['toxic', 'benign', 'unsure'] as const).flatMap((label) => labelActions(document, judgements, label, options)),
    ...acceptActions(document, judgements),
    ...withdrawActions(document, judgements),
    ...insertActions(document, judgements, options),
    ...dropActions(document, judgements, options),
  ];
}

/** Suggests columns that may hold the texts, where no column of the selected file has a known name. */
function columnActions({ uri, problems }: JudgedDocument, { start, end }: Span): CodeAction[] {
  const unread = problems.find(
    ({ range, candidates }) => candidates !== undefined && range.start <= end && range.end >= start,
  );
  return (unread?.candidates ?? []).slice(0, mostColumns).map((column) => {
    const title = `Use column ${JSON.stringify(shortened(column, 40))} as completion`;
    return quickFix(title, { title, command: useColumnCommand, arguments: [{ uri, column }] });
  });
}

function quickFix(title: string, command: Command): CodeAction {
  return { title, kind: CodeActionKind.QuickFix, command };
}

function labelActions(
  document: JudgedDocument,
  judgements: readonly Judgement[],
  label: HumanLabel['label'],
  { asksReason }: CodeActionOptions,
): readonly CodeAction[] {
  const others = judgements.filter((judgement) => judgement.label?.label !== label);
  if (others.length === 0) return [];
  const labels = others.map(({ index }) => ({ content: contentOf(document, index), label }));
  const title = `Mark ${ofMany(others)}as ${labelWords[label]}`;
  const given = [{ uri: document.uri, labels }];
  const plain = quickFix(title, { title, command: 'rankscope.label', arguments: given });
  if (!asksReason) return [plain];
  const withReason = `${title}, with a reason…`;
  return [plain, quickFix(withReason, { title: withReason, command: askReasonCommand, arguments: given })];
}

/** Turns the judge's verdicts into a person's labels, each with the judge whose verdict was accepted. */
function acceptActions(document: JudgedDocument, judgements: readonly Judgement[]): readonly CodeAction[] {
  const labels = judgements.flatMap(({ index, verdict, label }) =>
    verdict?.kind !== 'judged' || label !== undefined
      ? []
      : [{ content: contentOf(document, index), label: verdict.toxic ? ('toxic' as const) : ('benign' as const) }],
  );
  if (labels.length === 0) return [];
  const first = judgements.length === 1 ? judgements[0]?.verdict : undefined;
  const what = first?.kind === 'judged' ? ` (${first.toxic ? 'toxic' : 'not toxic'}, ${scoreText(first.score)})` : '';
  const title = labels.length === 1 ? `Accept the verdict${what}` : `Accept ${labels.length} verdicts`;
  const reason = `accepts the verdict of ${document.judge?.name ?? 'the judge'}`;
  return [quickFix(title, { title, command: 'rankscope.label', arguments: [{ uri: document.uri, labels, reason }] })];
}

function withdrawActions(document: JudgedDocument, judgements: readonly Judgement[]): readonly CodeAction[] {
  const contents = judgements.filter(({ label }) => label !== undefined).map(({ index }) => contentOf(document, index));
  if (contents.length === 0) return [];
  const title = contents.length === 1 ? 'Take the label back' : `Take ${contents.length} labels back`;
  return [quickFix(title, { title, command: 'rankscope.withdrawLabel', arguments: [{ uri: document.uri, contents }] })];
}

/** Inserts rows with the counterfactuals below the text's own row, as one edit that the editor can undo. */
function insertActions(
  document: JudgedDocument,
  judgements: readonly Judgement[],
  { counterfactuals = [], version }: CodeActionOptions,
): readonly CodeAction[] {
  const [only] = judgements;
  if (only === undefined || judgements.length !== 1 || counterfactuals.length === 0) return [];
  const inserted = insertedRows(document, only.index, counterfactuals);
  if (inserted === undefined) return [];
  const title = `Insert ${counted(counterfactuals.length, 'counterfactual')} beneath`;
  return [{ title, kind: CodeActionKind.QuickFix, edit: editOf(document, [inserted], version) }];
}

function editOf({ uri }: JudgedDocument, edits: TextEdit[], version: number | null): WorkspaceEdit {
  return version === null
    ? { changes: { [uri]: edits } }
    : { documentChanges: [{ textDocument: { uri, version }, edits }] };
}

function dropActions(
  document: JudgedDocument,
  judgements: readonly Judgement[],
  { version }: CodeActionOptions,
): readonly CodeAction[] {
  if (!hasRows(document)) return [];
  const { text } = document;
  const rows = rowSpans(
    document,
    judgements.map(({ index }) => index),
  );
  const edits = joined(rows).map((span) => ({ range: rangeOf(text, span), newText: '' }));
  const edit = editOf(document, edits, version);
  const title = rows.length === 1 ? 'Drop the line' : `Drop ${counted(rows.length, 'line')}`;
  return [{ title, kind: CodeActionKind.QuickFix, edit }];
}

function ofMany(judgements: readonly Judgement[]): string {
  return judgements.length === 1 ? '' : `${judgements.length} texts `;
}
