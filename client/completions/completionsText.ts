import type { CompletionRow, ShownVerdict } from '../../server/protocol/messages/runsContract.ts';
import type { Say } from '../../server/measures/text/say.ts';

/**
 * Completions of one arm as text, a paragraph for each prompt. Prompts have the same order in all arms and verdicts
 * have lines of their own, so that the texts of two arms differ only where the arms do.
 */
export function completionsText(rows: readonly CompletionRow[], arm: string, t: Say): string {
  const lines: string[] = [];
  let last = -1;
  for (const row of rows) {
    if (row.promptIndex !== last) lines.push(...(last < 0 ? [] : ['']), `[${row.promptIndex + 1}] ${row.prompt}`);
    last = row.promptIndex;
    const made = row.completions[arm];
    lines.push(made === undefined ? `  (${t('no completion')})` : `  ${indented(made.completion)}`);
    lines.push(`    ${verdictText(made?.verdict, t)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A verdict as text: `toxic 0.91`, `not toxic 0.02`, or why it is unjudged, so that no score is invented. */
export function verdictText(verdict: ShownVerdict | undefined, t: Say): string {
  if (verdict === undefined) return t('not judged');
  if ('unjudged' in verdict) return t('unjudged: {0}', verdict.unjudged);
  const score = verdict.score.toFixed(2);
  return verdict.toxic ? t('toxic {0}', score) : t('not toxic {0}', score);
}

const indented = (text: string): string => text.replace(/\r?\n/g, '\n  ');
