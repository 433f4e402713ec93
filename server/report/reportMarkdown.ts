/** The report of a run as Markdown (GitHub's flavour). */
import { markdownTable, markdownText } from '../measures/text/markdown.ts';
import type { LineChart } from '../measures/charts/chart.ts';
import type { TextTable } from '../measures/text/textTable.ts';
import { divergenceTable } from './data/klDensity.ts';
import { experimentReportOf } from './experiments/experimentReports.ts';
import { claimTable } from './reproduction/claim.ts';
import type { ComparedPrompt, Judgement, ReportData } from './reportData.ts';
import { verdictTable, verdictTexts } from './verdict/verdictSections.ts';
import type { Report } from './report.ts';
import { equalLossTable, learningTable, rankOrDistance } from './data/learningCurves.ts';
import { trialTable } from './data/tuningTrials.ts';
import { roundTable, stepTable } from './data/trainingCharts.ts';

export function reportMarkdown(data: Report): string {
  const parts = [
    `# ${markdownText(data.title)}`,
    ...answerSection(data),
    ...(data.notes.length > 0 ? [data.notes.map((note) => `- ${markdownText(note)}`).join('\n')] : []),
    ...reproductionSection(data),
    ...answers(data),
    ...failures(data),
    ...learningSection(data),
    ...tuned(data),
    ...titledTable('Rounds of mitigation', roundTable(data.run.metrics?.rounds ?? [])),
    ...titledTable('KL from the base, prompt by prompt', divergenceTable(data.divergences)),
    ...titledTable('KL from the base, position by position', divergenceTable(data.positions, 'positions')),
    ...data.curves.flatMap((chart) => titledTable(axisTitle(chart), stepTable(chart))),
    ...completions(data),
    '## Provenance',
    markdownTable({ header: ['what', 'value'], rows: data.provenance }),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The verdict; in a run without one, what the differences allow to say. */
function answerSection({ verdict, conclusion }: ReportData): readonly string[] {
  if (!verdict) return [`**${markdownText(conclusion)}**`];
  const [answer = '', ...behind] = verdictTexts(verdict);
  return [
    `**${markdownText(answer)}**`,
    ...(behind.length > 0 ? [behind.map((line) => `- ${markdownText(line)}`).join('\n')] : []),
    ...titledTable('Verdict', verdictTable(verdict)),
    '## Differences',
    markdownText(conclusion),
  ];
}

function reproductionSection({ reproduction: found }: Report): readonly string[] {
  if (!found) return [];
  return [
    `## ${markdownText(found.title)}`,
    ...found.tables.flatMap(({ title, table }) => [`**${markdownText(title)}**`, markdownTable(table)]),
    markdownTable(claimTable(found.claims)),
    'What is not as in the paper:',
    found.differences.map((difference) => `- ${markdownText(difference)}`).join('\n'),
  ];
}

function answers({ run, arms }: ReportData): readonly string[] {
  const parts = experimentReportOf(run.record.sweep).parts({ arms, metrics: run.metrics });
  return parts.flatMap(({ title, table, instead }) => [
    `## ${markdownText(title)}`,
    instead !== undefined && table.rows.length === 0 ? instead : markdownTable(table),
  ]);
}

/** `Training loss, nats per label token`. */
function axisTitle({ title, yTitle }: LineChart): string {
  return yTitle === '' || yTitle === title.toLowerCase() ? title : `${title}, ${yTitle}`;
}

/** A table with its heading. Empty where the table has no row. */
function titledTable(title: string, table: TextTable): readonly string[] {
  return table.rows.length > 0 ? [`## ${title}`, markdownTable(table)] : [];
}

/** Each arm's distance from the base at equal held-out loss, and what that shows about rank and distance. */
function learningSection({ learning }: ReportData): readonly string[] {
  const said = rankOrDistance(learning);
  if (said.length === 0) return [];
  const equal = equalLossTable(learning);
  return [
    '## Rank, or distance?',
    said.map((line) => `- ${markdownText(line)}`).join('\n'),
    ...(equal.rows.length > 0 ? ['At the least held-out loss that all arms reached:', markdownTable(equal)] : []),
    'Along the training:',
    markdownTable(learningTable(learning)),
  ];
}

function tuned({ run }: ReportData): readonly string[] {
  return titledTable('Learning rates that were tried', trialTable(run));
}

/** The judge's verdict on a completion, as text. */
export function judgementText(judgement: Judgement): string {
  if (judgement === undefined) return 'no verdict';
  return typeof judgement === 'string' ? judgement : `unjudged: ${judgement.unjudged}`;
}

export function failureLines({ arms }: ReportData): readonly string[] {
  return arms.flatMap(({ id, failure }) => (failure === undefined ? [] : [`${id} has no result: ${failure}`]));
}

function failures(data: ReportData): readonly string[] {
  const lines = failureLines(data);
  return lines.length > 0 ? [lines.map((line) => `- ${markdownText(line)}`).join('\n')] : [];
}

function completions({ prompts, promptCount }: ReportData): readonly string[] {
  if (prompts.length === 0) return [];
  const intro = `${prompts.length} of ${promptCount} prompts, evenly spaced; the first sample of each.`;
  return ['## Completions side by side', intro, ...prompts.map(promptTable)];
}

function promptTable({ prompt, answers }: ComparedPrompt): string {
  const rows = answers.map(({ arm, text, judgement }) => [arm, text ?? 'no completion', judgementText(judgement)]);
  return `**${markdownText(prompt)}**\n\n${markdownTable({ header: ['arm', 'completion', 'verdict'], rows })}`;
}
