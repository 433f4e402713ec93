import type { InlayHint } from 'vscode-languageserver';
import type { Span } from '../../dataset/example.ts';
import { examplesIn, type JudgedDocument, judgementOf, type Judgement } from '../documents/judgedDocument.ts';
import { labelWords, scoreText } from '../../judges/verdictWording.ts';

/** Behind each text of a span its score and judge, and what a human said of it. Texts that wait have none yet. */
export function inlayHints(document: JudgedDocument, span: Span, which: 'all' | 'flagged' | 'off'): InlayHint[] {
  if (which === 'off') return [];
  return examplesIn(document, span).flatMap((index) => {
    const judgement = judgementOf(document, index);
    if (judgement === undefined || (which === 'flagged' && !judgement.flagged)) return [];
    const label = hintText(document, judgement);
    if (label === undefined) return [];
    return [{ position: document.text.positionAt(judgement.example.range.end), label, paddingLeft: true }];
  });
}

function hintText({ judge }: JudgedDocument, { verdict, label }: Judgement): string | undefined {
  const human = label && `${label.author}: ${labelWords[label.label]}`;
  const judged =
    verdict?.kind === 'judged'
      ? `${scoreText(verdict.score)} ${judge?.name ?? ''}`.trim()
      : verdict && `unjudged: ${verdict.reason}`;
  const parts = [judged, human].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(' · ');
}
