import type { WorkspaceEdit } from 'vscode-languageserver';
import { dialectOf } from '../../dataset/columns.ts';
import { readRow } from '../../dataset/delimited.ts';
import { flaggedTexts, type JudgedDocument } from '../documents/judgedDocument.ts';
import { rangeOf } from './ranges.ts';
import { joined, rowSpans } from './rowSpans.ts';

/**
 * The edit that moves the lines of all flagged texts into a new file, with the header of a delimited one; undefined
 * where nothing is flagged. A line goes whole: with the chosen text of a pair goes its rejected one.
 */
export function splitFlagged(document: JudgedDocument, target: string): WorkspaceEdit | undefined {
  const flagged = [...flaggedTexts(document)].map(({ index }) => index);
  if (flagged.length === 0) return undefined;
  const spans = joined(rowSpans(document, flagged));
  const moved = spans.map(({ start, end }) => document.text.slice(start, end)).map(closed);
  const start = { line: 0, character: 0 };
  const newText = header(document) + moved.join('');
  return {
    documentChanges: [
      { kind: 'create', uri: target, options: { overwrite: false, ignoreIfExists: false } },
      { textDocument: { uri: target, version: null }, edits: [{ range: { start, end: start }, newText }] },
      {
        textDocument: { uri: document.uri, version: document.text.version },
        edits: spans.map((span) => ({ range: rangeOf(document.text, span), newText: '' })),
      },
    ],
  };
}

function header({ format, text }: JudgedDocument): string {
  if (format === 'jsonl' || format === 'text') return '';
  const whole = text.getText();
  const start = whole.startsWith('\uFEFF') ? 1 : 0;
  return closed(whole.slice(start, readRow(whole, start, dialectOf(format)).next));
}

function closed(lines: string): string {
  return lines.endsWith('\n') || lines === '' ? lines : `${lines}\n`;
}
