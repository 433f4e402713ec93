import type { InlayHint } from 'vscode-languageserver';
import type { Span } from '../../dataset/example.ts';
import { examplesIn, type JudgedDocument, judgementOf, type Judgement } from '../documents/judgedDocument.ts';
import { labelWords, scoreText } from '../../judges/verdictWording.ts';

/**
 * Hints with the score after each flagged text of a span, or after all texts. The tooltip names the judge and
 * people's labels. Texts that wait for the judge have no hint.
 */
export function inlayHints(document: JudgedDocument, span: Span, which: 'all' | 'flagged' | 'off'): InlayHint[] {
  if (which === 'off') return [];
  return examplesIn(document, span).flatMap((index) => {
    const judgement = judgementOf(document, index);
    if (judgement === undefined || (which === 'flagged' && !judgement.flagged)) return [];
    const label = hintText(judgement);
    if (label === undefined) return [];
    const position = document.text.positionAt(judgement.example.range.end);
    return [{ position, label, tooltip: tooltipText(document, judgement), paddingLeft: true }];
  });
}

/** The score. For a text without one, the reason or the person's label. */
function hintText({ verdict, label }: Judgement): string | undefined {
  if (verdict?.kind === 'judged') return scoreText(verdict.score);
  if (verdict !== undefined) return `unjudged: ${verdict.reason}`;
  return label && labelWords[label.label];
}

function tooltipText({ judge }: JudgedDocument, { verdict, label }: Judgement): string {
  const judged =
    verdict?.kind === 'judged' ? `${scoreText(verdict.score)} by ${judge?.name ?? 'its judge'}` : 'not judged';
  return label === undefined ? judged : `${judged}; ${label.author} says ${labelWords[label.label]}`;
}
