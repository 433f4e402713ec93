import { type DocumentSymbol, SymbolKind } from 'vscode-languageserver';
import { flaggedTexts, type JudgedDocument } from '../documents/judgedDocument.ts';
import { rangeOf } from './ranges.ts';
import { scoreText, shortened, topCategory } from '../../judges/verdictWording.ts';

/** A symbol for each flagged text, so that the outline lists them and "next symbol" steps through them. */
export function documentSymbols(document: JudgedDocument, limit: number): DocumentSymbol[] {
  const symbols: DocumentSymbol[] = [];
  for (const { example, verdict, label } of flaggedTexts(document)) {
    if (symbols.length === limit) break;
    const judged = verdict?.kind === 'judged' ? `${scoreText(verdict.score)} ${topCategory(verdict)}` : 'not judged';
    const range = rangeOf(document.text, example.range);
    symbols.push({
      name: shortened(example.text) || '(blank)',
      detail: label === undefined ? judged : `${judged}, ${label.author}: ${label.label}`,
      kind: SymbolKind.String,
      range,
      selectionRange: range,
    });
  }
  return symbols;
}
