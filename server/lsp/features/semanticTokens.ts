import type { SemanticTokens } from 'vscode-languageserver';
import { documentSpan, type Span } from '../../dataset/example.ts';
import { examplesIn, type JudgedDocument } from '../documents/judgedDocument.ts';

/** The one kind of token there is: a word that carried a verdict. `flagged` modifies those of toxic texts. */
export const tokenLegend = { tokenTypes: ['offensive'], tokenModifiers: ['flagged'] };

/** Tokens of one answer at most: editors ask for ranges of large documents. */
const mostTokens = 20_000;

interface Token {
  readonly line: number;
  readonly character: number;
  readonly length: number;
  readonly flagged: boolean;
}

/** The offending words of a span of the document, in the relative form of the protocol. */
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
    // A token may not reach over a line's end: of a phrase that does, the words on its first line are marked.
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
    // Overlapping tokens are not allowed; of two the first stays.
    if (token.line === line && token.character < end) continue;
    const sameLine = token.line === line;
    data.push(token.line - line, sameLine ? token.character - character : token.character, token.length, 0);
    data.push(token.flagged ? 1 : 0);
    ({ line, character } = token);
    end = character + token.length;
  }
  return data;
}
