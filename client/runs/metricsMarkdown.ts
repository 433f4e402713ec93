import type { ArmCatalogue } from '../../server/measures/catalogue/armMeasures.ts';
import { markdownTable, markdownText } from '../../server/measures/text/markdown.ts';
import { armTable } from '../../server/measures/catalogue/measureTable.ts';
import { verdictFigures } from '../../server/measures/catalogue/verdictFigures.ts';
import type { ArmMetrics } from '../../server/protocol/run/run.ts';
import { exploratoryLine, type RunVerdict } from '../../server/protocol/run/runVerdict.ts';

export interface CopiedRun {
  readonly name: string;
  readonly arms: readonly ArmMetrics[];
  readonly verdict?: RunVerdict | undefined;
  readonly catalogue?: ArmCatalogue;
}

/**
 * The clipboard text of a run: its name, the answer of its verdict, the arms' figures as a Markdown table, and the
 * verdict on each arm with its numbers. Measures that no arm has are left out.
 */
export function metricsMarkdown({ name, arms, verdict, catalogue }: CopiedRun): string {
  const answer = verdict ? [verdict.answer, ...exploratory(verdict)].map(markdownText) : [];
  const figures = markdownTable(armTable(arms, { ...(catalogue && { catalogue }) }));
  const verdicts = verdict && verdict.arms.length > 0 ? [markdownTable(verdictFigures(verdict))] : [];
  return `${[`**${markdownText(name)}**`, ...answer, figures, ...verdicts].join('\n\n')}\n`;
}

function exploratory({ exploratory: reason }: RunVerdict): readonly string[] {
  return reason === undefined ? [] : [exploratoryLine(reason)];
}
