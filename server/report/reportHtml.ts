/**
 * The report of a run as one self-contained HTML page. It has no script and makes no request, and its content
 * security policy forbids both. Every text that comes from a model, a file or a person is escaped.
 */
import { createHash } from 'node:crypto';
import { armStyles } from '../measures/charts/armStyle.ts';
import { chartTable } from '../measures/charts/chart.ts';
import { armBars, drawnMeasures } from '../measures/charts/measureCharts.ts';
import { learningCharts } from '../measures/charts/learningCharts.ts';
import type { CaptionedChart } from './experiments/experimentReport.ts';
import { experimentReportOf } from './experiments/experimentReports.ts';
import { escapeHtml, html, htmlString, type Html } from './tables/htmlText.ts';
import { divergenceTable } from './data/klDensity.ts';
import { klDensityChart } from './figures/klDensityChart.ts';
import { claimTable } from './reproduction/claim.ts';
import { printable } from '../measures/text/printable.ts';
import { equalLossTable, learningTable, rankOrDistance } from './data/learningCurves.ts';
import { trialTable } from './data/tuningTrials.ts';
import { lensFigure } from './figures/lensFigure.ts';
import { drawLines } from './figures/lineChart.ts';
import { countChart, countTable, drawBars } from './figures/reportCharts.ts';
import type { ComparedPrompt, Judgement, ReportData } from './reportData.ts';
import { failureLines, judgementText } from './reportMarkdown.ts';
import { figure, list, section, shown, table } from './tables/reportParts.ts';
import { reportStyle } from './reportStyle.ts';
import { verdictHtml } from './verdict/verdictSections.ts';
import type { Report } from './report.ts';
import { roundCharts, roundTable, stepTable } from './data/trainingCharts.ts';

export function reportHtml(data: Report): string {
  const body = [
    html`<h1>${shown(data.title)}</h1>`,
    html`<p class="sub">Rankscope report: ${experimentReportOf(data.run.record.sweep).subject}</p>`,
    ...answerSection(data),
    list([...data.notes, ...failureLines(data)]),
    ...reproductionSection(data),
    ...answers(data),
    ...learningSection(data),
    ...figures(data),
    ...completions(data),
    section('Provenance', table({ header: ['what', 'value'], rows: data.provenance })),
  ];
  return page(data.title, body.map(htmlString).join('\n'));
}

/** The verdict; in a run without one, what the differences allow to say. */
function answerSection({ verdict, conclusion }: ReportData): readonly Html[] {
  if (!verdict) return [html`<p class="answer">${shown(conclusion)}</p>`];
  return [
    html`<p class="answer"><strong>${shown(verdict.answer)}</strong></p>`,
    verdictHtml(verdict),
    section('Differences', html`<p>${shown(conclusion)}</p>`),
  ];
}

/** For a run that repeats a result of the paper: the paper's numbers beside its own, and what it shows of each claim. */
function reproductionSection({ reproduction: found }: Report): readonly Html[] {
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
  const parts = experimentReportOf(run.record.sweep).parts({ arms, metrics: run.metrics });
  return parts.map(({ title, table: own, charts, instead }) =>
    section(
      title,
      instead !== undefined && own.rows.length === 0
        ? html`<p>${instead}</p>`
        : html`${charts().map(captioned)}${table(own, 'arms')}`,
    ),
  );
}

function captioned({ caption, chart }: CaptionedChart): Html {
  return html`<p class="sub">${shown(caption)}</p>
    <div class="scroll">${chart}</div>`;
}

/** The content security policy allows the style sheet alone, by its hash. */
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

function figures({ arms, curves, divergences, positions, lenses, run }: ReportData): readonly Html[] {
  const styles = armStyles(arms);
  const rounds = run.metrics?.rounds ?? [];
  return [
    ...drawnMeasures(arms).flatMap((measure) => {
      const chart = armBars(measure, arms, styles);
      return figure(chart.title, drawBars(chart), chartTable(chart));
    }),
    ...figure('Completions, toxic and not', countChart(arms), countTable(arms)),
    ...roundCharts(rounds).flatMap((chart) => figure(chart.title, drawLines(chart), stepTable(chart))),
    ...(rounds.length > 0 ? [section('Rounds of mitigation', table(roundTable(rounds)))] : []),
    ...figure('Distance, prompt by prompt', klDensityChart(divergences), divergenceTable(divergences)),
    ...figure(
      'Distance, position by position',
      klDensityChart(positions, 'positions'),
      divergenceTable(positions, 'positions'),
    ),
    ...lenses.map((lens) => section('Logit lens', lensFigure(lens))),
    ...curves.flatMap((chart) => figure(chart.title, drawLines(chart), stepTable(chart))),
  ];
}

/** Each arm's distance from the base against what it has learned. */
function learningSection({ learning, run }: ReportData): readonly Html[] {
  const said = rankOrDistance(learning);
  const trials = trialTable(run);
  const equal = equalLossTable(learning);
  const atEqualLoss = html`<p class="sub">At the least held-out loss that all arms reached:</p>
    ${table(equal)}`;
  return [
    ...(said.length === 0
      ? []
      : [section('Rank, or distance?', html`${list(said)}${equal.rows.length > 0 ? atEqualLoss : html``}`)]),
    ...learningCharts(learning).flatMap((chart) => figure(chart.title, drawLines(chart), learningTable(learning))),
    ...(trials.rows.length > 0 ? [section('Learning rates that were tried', table(trials))] : []),
  ];
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
