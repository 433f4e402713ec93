import type { SemanticTokens } from 'vscode-languageserver';
import { documentSpan, type Span } from '../../dataset/example.ts';
import { examplesIn, type JudgedDocument } from '../documents/judgedDocument.ts';

/** The only type of token: a word that contributed to a verdict. The modifier `flagged` marks words of toxic texts. */
export const tokenLegend = { tokenTypes: ['offensive'], tokenModifiers: ['flagged'] };

/** Most tokens in one answer, since editors request ranges of large documents. */
const mostTokens = 20_000;

interface Token {
  readonly line: number;
  readonly character: number;
  readonly length: number;
  readonly flagged: boolean;
}

/** The offensive words in a span of the document, in the relative encoding of the protocol. */
export function semanticTokens(document: JudgedDocument, span: Span): SemanticTokens {
  const tokens: Token[] = [];
  for (const index of examplesIn(document, span)) {
    if (tokens.length >= mostTokens) break;
    tokens.push(...tokensOf(document, index));
  }
  tokens.sort((a, b) => a.line - b.line || a.character - b.character);
  return { data: relative(tokens) };
}

function tokensOf({ examples, verdicts, text }: JudgedDocument, index: number): readonly Token[] {
  const [example, verdict] = [examples[index], verdicts[index]];
  if (example === undefined || verdict?.kind !== 'judged') return [];
  return verdict.evidence.flatMap((part) => {
    const span = documentSpan(example, part);
    const start = text.positionAt(span.start);
    const end = text.positionAt(span.end);
    // A token must not cross a line end. Of a phrase that does, only the part on the first line is marked.
    const length = start.line === end.line ? span.end - span.start : restOfLine(text.slice(span.start, span.end));
    return length > 0 ? [{ ...start, length, flagged: verdict.toxic }] : [];
  });
}

function restOfLine(stretch: string): number {
  const at = stretch.search(/[\r\n]/);
  return at < 0 ? stretch.length : at;
}

function relative(tokens: readonly Token[]): number[] {
  const data: number[] = [];
  let [line, character] = [0, 0];
  let end = -1;
  for (const token of tokens) {
    // Overlapping tokens are not allowed. The first of two remains.
    if (token.line === line && token.character < end) continue;
    const sameLine = token.line === line;
    data.push(token.line - line, sameLine ? token.character - character : token.character, token.length, 0);
    data.push(token.flagged ? 1 : 0);
    ({ line, character } = token);
    end = character + token.length;
  }
  return data;
}
