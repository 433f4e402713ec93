/**
 * The report of a run as one HTML page that needs nothing else: no script, no request (its content security policy
 * forbids both), and every text that came from a model, a file or a person is escaped.
 */
import { createHash } from 'node:crypto';
import { armTable, type TextTable } from './tables/armTable.ts';
import { classificationParts, type CaptionedChart } from './classificationSections.ts';
import { escapeHtml, html, htmlString, type Html } from './tables/htmlText.ts';
import { divergenceTable } from './data/klDensity.ts';
import { klDensityChart } from './figures/klDensityChart.ts';
import { claimTable } from './reproduction/paperClaims.ts';
import { printable } from './tables/printable.ts';
import { lensFigure } from './figures/lensFigure.ts';
import { countChart, klChart, toxicityChart } from './figures/reportCharts.ts';
import type { ComparedPrompt, Judgement, ReportData } from './data/reportData.ts';
import { failureLines, judgementText } from './reportMarkdown.ts';
import { figure, list, section, shown, table } from './tables/reportParts.ts';
import { reportStyle } from './reportStyle.ts';
import { reproduction } from './reproduction/reproduction.ts';
import { lossChart, probeChart, roundChart } from './figures/trainingCharts.ts';
import { lossTable, probeTable, roundTable } from './trainingTables.ts';

export function reportHtml(data: ReportData): string {
  const body = [
    html`<h1>${shown(data.title)}</h1>`,
    html`<p class="sub">Rankscope report: ${subject(data)}</p>`,
    html`<p class="answer">${shown(data.conclusion)}</p>`,
    list([...data.notes, ...failureLines(data)]),
    ...reproduced(data),
    ...answers(data),
    ...figures(data),
    ...completions(data),
    section('Provenance', table({ header: ['what', 'value'], rows: data.provenance })),
  ];
  return page(data.title, body.map(htmlString).join('\n'));
}

function subject({ run }: ReportData): string {
  return run.record.sweep.experiment === 'classification'
    ? 'how evenly each way of fine-tuning classifies the groups of a data set'
    : 'toxicity that each way of fine-tuning keeps of its base model';
}

/** Of a run that repeats a result of the paper: its numbers beside the paper's, and what became of the claims. */
function reproduced(data: ReportData): readonly Html[] {
  const found = reproduction(data);
  if (!found) return [];
  const tables = found.tables.map(
    ({ title, table: own }) =>
      html`<h3>${shown(title)}</h3>
        ${table(own)}`,
  );
  return [
    section(
      found.title,
      html`${tables}${table(claimTable(found.claims))}
        <p class="sub">What is not as in the paper:</p>
        ${list(found.differences)}`,
    ),
  ];
}

/** The tables that answer the run's question. */
function answers({ run, arms }: ReportData): readonly Html[] {
  const { classification } = run.metrics ?? {};
  if (classification) {
    return classificationParts(classification).map(({ title, table: own, charts }) =>
      section(title, html`${charts().map(captioned)}${table(own, 'arms')}`),
    );
  }
  if (run.record.sweep.experiment === 'classification') return [];
  return [
    section('Arms', arms.length > 0 ? table(armTable(arms), 'arms') : html`<p>No arm has been measured yet.</p>`),
  ];
}

function captioned({ caption, chart }: CaptionedChart): Html {
  return html`<p class="sub">${shown(caption)}</p>
    <div class="scroll">${chart}</div>`;
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

function figures({ arms, losses, divergences, positions, probes, lenses, run }: ReportData): readonly Html[] {
  const { header, rows } = armTable(arms);
  const columns = (names: readonly string[]): TextTable => {
    const kept = header.flatMap((name, i) => (names.some((start) => name.startsWith(start)) ? [i] : []));
    return { header: pick(header, kept), rows: rows.map((row) => pick(row, kept)) };
  };
  const rounds = run.metrics?.rounds ?? [];
  return [
    ...figure('Toxicity', toxicityChart(arms), columns(['arm', 'toxic', '95', 'judged', 'unjudged'])),
    ...figure('Completions, toxic and not', countChart(arms), columns(['arm', 'toxic', 'judged', 'unjudged'])),
    ...figure('Rounds of mitigation', roundChart(rounds), roundTable(rounds)),
    ...figure('Distance from the base model', klChart(arms), columns(['arm', 'KL'])),
    ...figure('Distance, prompt by prompt', klDensityChart(divergences), divergenceTable(divergences)),
    ...figure(
      'Distance, position by position',
      klDensityChart(positions, 'positions'),
      divergenceTable(positions, 'positions'),
    ),
    ...figure('Distance while training', probeChart(probes), probeTable(probes)),
    ...lenses.map((lens) => section('Logit lens', lensFigure(lens))),
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
