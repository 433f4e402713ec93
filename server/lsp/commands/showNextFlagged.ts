import type { Connection, Position, Range } from 'vscode-languageserver';
import type { ClientSupport } from '../session/clientSupport.ts';
import { flaggedTexts, type JudgedDocument, type Judgement } from '../documents/judgedDocument.ts';
import { rangeOf } from '../features/ranges.ts';

/**
 * Shows the first flagged text after a position, or the first of the document where none follows. Resolves with its
 * range, or null where nothing is flagged.
 */
export async function showNextFlagged(
  document: JudgedDocument,
  position: Position | undefined,
  { connection, support }: { readonly connection: Connection; readonly support: ClientSupport },
): Promise<Range | null> {
  const offset = position === undefined ? -1 : document.text.offsetAt(position);
  const next = nextFlagged(document, offset);
  if (next === undefined) return null;
  const range = rangeOf(document.text, next.example.range);
  if (support.showDocument) {
    await connection.window.showDocument({ uri: document.uri, selection: range, takeFocus: true });
  }
  return range;
}

function nextFlagged(document: JudgedDocument, offset: number): Judgement | undefined {
  let first: Judgement | undefined;
  for (const judgement of flaggedTexts(document)) {
    if (judgement.example.range.start > offset) return judgement;
    first ??= judgement;
  }
  return first;
}
