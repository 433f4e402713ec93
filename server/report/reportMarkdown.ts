/** The report of a run as Markdown (GitHub's flavour). */
import { armTable, type TextTable } from './tables/armTable.ts';
import { divergenceTable } from './data/klDensity.ts';
import { classificationParts } from './classificationSections.ts';
import { claimTable } from './reproduction/paperClaims.ts';
import { printable } from './tables/printable.ts';
import type { ComparedPrompt, Judgement, ReportData } from './data/reportData.ts';
import { reproduction } from './reproduction/reproduction.ts';
import { lossTable, probeTable, roundTable } from './trainingTables.ts';

export function reportMarkdown(data: ReportData): string {
  const parts = [
    `# ${markdownText(data.title)}`,
    `**${markdownText(data.conclusion)}**`,
    ...(data.notes.length > 0 ? [data.notes.map((note) => `- ${markdownText(note)}`).join('\n')] : []),
    ...reproduced(data),
    ...answers(data),
    ...failures(data),
    ...titledTable('Rounds of mitigation', roundTable(data.run.metrics?.rounds ?? [])),
    ...titledTable('KL from the base, prompt by prompt', divergenceTable(data.divergences)),
    ...titledTable('KL from the base, position by position', divergenceTable(data.positions, 'positions')),
    ...titledTable('KL from the base over the training, nats', probeTable(data.probes)),
    ...titledTable('Training loss, nats per label token', lossTable(data.losses)),
    ...completions(data),
    '## Provenance',
    markdownTable({ header: ['what', 'value'], rows: data.provenance }),
  ];
  return `${parts.join('\n\n')}\n`;
}

function reproduced(data: ReportData): readonly string[] {
  const found = reproduction(data);
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
  const { classification } = run.metrics ?? {};
  if (classification) {
    return classificationParts(classification).flatMap(({ title, table }) => [
      `## ${markdownText(title)}`,
      markdownTable(table),
    ]);
  }
  if (run.record.sweep.experiment === 'classification') return [];
  return ['## Arms', arms.length > 0 ? markdownTable(armTable(arms)) : 'No arm has been measured yet.'];
}

/**
 * A text shown as it is, in one line: nothing in it is markup, HTML or a link.
 */
export function markdownText(text: string): string {
  return inlineText(text)
    .replace(/^(\s*)([-+=])(?=[\s=-]|$)/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2');
}

/** The same within a line, as in a table's cell, where `-` and `1.` begin no list. */
function inlineText(text: string): string {
  return printable(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~#!$]/g, '\\$&')
    .replace(/:\/\//g, '&#58;//')
    .replace(/@/g, '&#64;')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}

export function markdownTable({ header, rows }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(inlineText).join(' | ')} |`;
  return [line(header), `|${' --- |'.repeat(header.length)}`, ...rows.map(line)].join('\n');
}

/** A table with its heading; nothing where it has no row. */
function titledTable(title: string, table: TextTable): readonly string[] {
  return table.rows.length > 0 ? [`## ${title}`, markdownTable(table)] : [];
}

/** What the judge said of a completion. */
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
