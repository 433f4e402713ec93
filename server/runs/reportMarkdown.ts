/** The report of a run as Markdown (GitHub's flavour). */
import { armTable, decimal, type TextTable } from './armTable.ts';
import { evenly } from './evenly.ts';
import { printable } from './printable.ts';
import type { ComparedPrompt, Judgement, LossCurve, ReportData } from './reportData.ts';

/** Rows of a table of losses. */
const lossRows = 10;

export function reportMarkdown(data: ReportData): string {
  const parts = [
    `# ${markdownText(data.title)}`,
    `**${markdownText(data.conclusion)}**`,
    ...(data.notes.length > 0 ? [data.notes.map((note) => `- ${markdownText(note)}`).join('\n')] : []),
    '## Arms',
    data.arms.length > 0 ? markdownTable(armTable(data.arms)) : 'No arm has been measured yet.',
    ...failures(data),
    ...(data.losses.length > 0
      ? ['## Training loss, nats per label token', markdownTable(lossTable(data.losses))]
      : []),
    ...completions(data),
    '## Provenance',
    markdownTable({ header: ['what', 'value'], rows: data.provenance }),
  ];
  return `${parts.join('\n\n')}\n`;
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

/** Losses of every arm at steps spread over its training. */
export function lossTable(losses: readonly LossCurve[]): TextTable {
  const all = [...new Set(losses.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b);
  const at = losses.map(({ points }) => new Map(points.map(({ step, loss }) => [step, loss])));
  return {
    header: ['step', ...losses.map(({ arm }) => arm)],
    rows: evenly(all, lossRows).map((step) => [String(step), ...at.map((curve) => stepLoss(curve.get(step)))]),
  };
}

function stepLoss(loss: number | undefined): string {
  return loss === undefined ? 'no such step' : decimal(loss);
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
