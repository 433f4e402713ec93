import type { ArmCatalogue } from '../../server/measures/armMeasures.ts';
import { markdownTable, markdownText } from '../../server/measures/markdown.ts';
import { armTable } from '../../server/measures/measureTable.ts';
import type { ArmMetrics } from '../../server/protocol/run.ts';

/** The arms' figures as a Markdown table under the run's name: what a person copies. Measures that no arm has are left out. */
export function metricsMarkdown(name: string, arms: readonly ArmMetrics[], catalogue?: ArmCatalogue): string {
  return `**${markdownText(name)}**\n\n${markdownTable(armTable(arms, { ...(catalogue && { catalogue }) }))}\n`;
}
