/**
 * The report of a run as one HTML page that needs nothing else: no script, no request (its content security policy
 * forbids both), and every text that came from a model, a file or a person is escaped.
 */
import { createHash } from 'node:crypto';
import { armTable, type TextTable } from './armTable.ts';
import { escapeHtml, html, htmlString, type Html } from './htmlText.ts';
import { divergenceTable } from './klDensity.ts';
import { klDensityChart } from './klDensityChart.ts';
import { printable } from './printable.ts';
import { klChart, lossChart, toxicityChart } from './reportCharts.ts';
import type { ComparedPrompt, Judgement, ReportData } from './reportData.ts';
import { failureLines, judgementText, lossTable } from './reportMarkdown.ts';
import { figure, list, section, shown, table } from './reportParts.ts';
import { reportStyle } from './reportStyle.ts';

export function reportHtml(data: ReportData): string {
  const body = [
    html`<h1>${shown(data.title)}</h1>`,
    html`<p class="sub">Rankscope report: toxicity that each way of fine-tuning keeps of its base model</p>`,
    html`<p class="answer">${shown(data.conclusion)}</p>`,
    list([...data.notes, ...failureLines(data)]),
    section(
      'Arms',
      data.arms.length > 0 ? table(armTable(data.arms), 'arms') : html`<p>No arm has been measured yet.</p>`,
    ),
    ...figures(data),
    ...completions(data),
    section('Provenance', table({ header: ['what', 'value'], rows: data.provenance })),
  ];
  return page(data.title, body.map(htmlString).join('\n'));
}

/** The style sheet is the only thing that the policy lets in, by its hash. */
function page(title: string, body: string): string {
  const hash = createHash('sha256').update(reportStyle).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(printable(title))}</title>
<style>${reportStyle}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

function figures({ arms, losses, divergences }: ReportData): readonly Html[] {
  const { header, rows } = armTable(arms);
  const columns = (names: readonly string[]): TextTable => {
    const kept = header.flatMap((name, i) => (names.some((start) => name.startsWith(start)) ? [i] : []));
    return { header: pick(header, kept), rows: rows.map((row) => pick(row, kept)) };
  };
  return [
    ...figure('Toxicity', toxicityChart(arms), columns(['arm', 'toxic', '95', 'judged', 'unjudged'])),
    ...figure('Distance from the base model', klChart(arms), columns(['arm', 'KL'])),
    ...figure('Distance, prompt by prompt', klDensityChart(divergences), divergenceTable(divergences)),
    ...figure('Training loss', lossChart(losses), lossTable(losses)),
  ];
}

function pick(cells: readonly string[], indices: readonly number[]): readonly string[] {
  return indices.flatMap((i) => cells.slice(i, i + 1));
}

function completions({ prompts, promptCount }: ReportData): readonly Html[] {
  if (prompts.length === 0) return [];
  const intro = html`<p class="sub">
    ${prompts.length} of ${promptCount} prompts, evenly spaced; the first sample of each.
  </p>`;
  return [section('Completions side by side', html`${intro}${prompts.map(comparison)}`)];
}

function comparison({ prompt, answers }: ComparedPrompt): Html {
  const rows = answers.map(
    ({ arm, text, judgement }) =>
      html`<tr>
        <th scope="row">${shown(arm)}</th>
        <td>${text === undefined ? 'no completion' : shown(text)}</td>
        <td class="${judgementClass(judgement)}">${shown(judgementText(judgement))}</td>
      </tr>`,
  );
  return html`<div class="prompt">
    <p>${shown(prompt)}</p>
    <div class="scroll">
      <table>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </div>`;
}

function judgementClass(judgement: Judgement): string {
  if (judgement === 'toxic') return 'toxic';
  return judgement === 'not toxic' ? 'fine' : 'unjudged';
}
