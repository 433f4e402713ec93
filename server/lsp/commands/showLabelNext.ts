import type { Connection } from 'vscode-languageserver';
import type { LabelSuggestion } from '../../protocol/messages/editorCommands.ts';
import type { ClientSupport } from '../session/clientSupport.ts';
import { contentOf, type JudgedDocument } from '../documents/judgedDocument.ts';
import { rangeOf } from '../features/ranges.ts';
import { documentCandidates } from './documentCandidates.ts';
import { labelNext } from '../../trust/labelNext.ts';

/** Shows the text whose label would help most; null where every text has one. */
export async function showLabelNext(
  document: JudgedDocument,
  { connection, support }: { readonly connection: Connection; readonly support: ClientSupport },
): Promise<LabelSuggestion | null> {
  const candidates = documentCandidates(document);
  const [first] = labelNext(candidates, 1);
  const at = first && candidates[first.index]?.at;
  const example = at === undefined ? undefined : document.examples[at];
  if (first === undefined || at === undefined || example === undefined) return null;
  const range = rangeOf(document.text, example.range);
  if (support.showDocument) {
    await connection.window.showDocument({ uri: document.uri, selection: range, takeFocus: true });
  }
  return { range, content: contentOf(document, at), reason: first.reason };
}
