import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readClassificationData } from '../../../server/experiments/classification/classificationData.ts';
import { runClassificationFairness } from '../../../server/experiments/classification/classificationFairness.ts';
import { resolveSweep } from '../../../server/experiments/resolveSweep.ts';
import type { ClassificationSweepFile } from '../../../server/protocol/sweep/classificationSweep.ts';
import { classificationConclusion } from '../../../server/report/data/classificationConclusion.ts';
import { calibrationTable, marginTable, ruleTable } from '../../../server/measures/catalogue/kindTable.ts';
import { metricsCsv } from '../../../server/measures/catalogue/metricsCsv.ts';
import { table1 } from '../../../server/report/tables/classificationTables.ts';
import { imbalanceChart, marginChart } from '../../../server/report/figures/classificationCharts.ts';
import { htmlString } from '../../../server/report/tables/htmlText.ts';
import { readRun } from '../../../server/runs/readRun.ts';
import { reportOf } from '../../../server/report/report.ts';
import { reportHtml } from '../../../server/report/reportHtml.ts';
import { reportMarkdown } from '../../../server/report/reportMarkdown.ts';
import { reproduction } from '../../../server/report/reproduction.ts';
import { RunStore } from '../../../server/runs/runStore.ts';
import { classificationFolder, type ClassificationFolder } from '../experiments/classification/classificationFolder.ts';
import { describedArms, FakeLabelModel } from '../experiments/fakeLabelModel.ts';
import { sampleRecord } from '../runs/sampleRun.ts';
import { hostile } from './reportRun.ts';

describe('report of a classification run', () => {
  const folders: ClassificationFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  async function finished(over: Partial<ClassificationSweepFile> = {}) {
    const folder = classificationFolder(over);
    folders.push(folder);
    const { sweep, arms } = await resolveSweep(folder.file);
    if (sweep.experiment !== 'classification') assert.fail(sweep.experiment);
    const descriptions = describedArms(arms);
    const path = join(folder.path, 'run');
    const writer = await RunStore.create(path, { ...sampleRecord, sweep, arms: descriptions });
    const data = await readClassificationData(sweep);
    const control = { whilePaused: () => Promise.resolve(), stopped: new Set<string>() };
    const ports = { model: new FakeLabelModel(), writer, control, signal: new AbortController().signal };
    await writer.finish(await runClassificationFairness({ sweep, descriptions, data }, ports));
    const run = await readRun(path);
    return { run, summary: run.metrics?.classification ?? assert.fail('no summary') };
  }

  it('lays gaps out as table 1 does: a row a rank, the gap of the minority and the parity at each share', async () => {
    const { summary } = await finished();
    const table = table1(summary, 'completion');
    assert.deepEqual(table?.header, [
      'rank',
      'HBG at 100 % (%)',
      'AP at 100 % (%)',
      'HBG at 10 % (%)',
      'AP at 10 % (%)',
    ]);
    assert.deepEqual(
      table.rows.map(([rank, , , gap, parity]) => [rank, gap, parity]),
      [
        ['2', '100.0 [38.3, 100.0]', '100.0 [44.5, 100.0]'],
        ['8', '100.0 [38.3, 100.0]', '100.0 [44.5, 100.0]'],
        ['RFT', '', '0.0 [0.0, 27.8]'],
      ],
    );
  });

  it('has a table behind each figure', async () => {
    const { summary } = await finished();
    const accuracies = ruleTable(summary, 'probability');
    assert.equal(accuracies.rows.length, summary.kinds.length);
    assert.ok(accuracies.rows.every((row) => row.length === accuracies.header.length));
    assert.deepEqual(accuracies.rows[0]?.slice(0, 2), ['base', 'not trained']);
    const margins = marginTable(summary);
    assert.deepEqual(margins.rows.at(-3)?.slice(-2), ['0', 'not measured: nothing was decided to be positive']);
    assert.deepEqual(calibrationTable(summary).rows.at(-3), ['r2-m10', '10 %', '20.0 %', '80.0 %']);
    for (const group of summary.groups) {
      const chart = imbalanceChart(summary, 'probability', group);
      assert.equal(htmlString(chart ?? assert.fail('no chart')).match(/<polyline/g)?.length, 3);
    }
    assert.match(htmlString(marginChart(summary, 'negative') ?? assert.fail('no chart')), /r2-m10: 20 decisions/);
  });

  it('says which ranks lose accuracy on the minority', async () => {
    const { summary } = await finished();
    assert.match(
      classificationConclusion(summary),
      /With 10 % of positive in training: less accurate on positive than full fine-tuning: r2-m10 100\.0/,
    );
    const without = await finished({ arms: { ranks: [2], full: false } });
    assert.match(classificationConclusion(without.summary), /^No conclusion/);
  });

  it('decides the claims of each item by differences paired by text, and leaves the others undecided', async () => {
    const verdicts = async (item: 'table1' | 'figure4' | 'figure5') => {
      const { run } = await finished({ reproduces: { item, scale: 'small' } });
      return (await reproduction(run))?.claims.map(({ verdict }) => verdict);
    };
    assert.deepEqual(await verdicts('table1'), ['undecided', 'seen']);
    assert.deepEqual(await verdicts('figure4'), ['seen', 'seen', 'seen']);
    assert.deepEqual(await verdicts('figure5'), ['undecided']);
  });

  it("stands with the paper's numbers where it repeats its table 1", async () => {
    const { run } = await finished({ reproduces: { item: 'table1', scale: 'small', dataset: 'SST2' } });
    const found = await reproduction(run);
    assert.equal(found?.title, 'Table 1 of arXiv 2405.18572 on SST2');
    const paper = found.tables[1]?.table;
    assert.deepEqual(paper?.rows[0], ['2', '1.8', '17.4', '0.3', '6.9', '1.8', '11.5', '0.7', '3.8']);
    assert.deepEqual(paper.rows[3], ['RFT', '', '8.8', '', '7.4', '', '2.1', '', '3.4']);
    assert.ok(found.differences.some((text) => text.includes('the paper on 67,300')));
    const markdown = reportMarkdown(await reportOf(run));
    assert.match(markdown, /## Table 1 of arXiv 2405\.18572 on SST2/);
    assert.match(markdown, /\| seen \|/);
  });

  it('has its accuracies in the CSV of the metrics, a row an arm', async () => {
    const { run } = await finished();
    const [header = '', base = '', ...rows] = metricsCsv(run.metrics?.arms ?? [])
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','));
    const column = (name: string): number => header.indexOf(name);
    assert.equal(base[column('probability_accuracy')], '0.5');
    assert.equal(base[column('minority')], '');
    const rank2 = rows.find(([arm]) => arm === 'r2-m10') ?? [];
    assert.deepEqual(
      ['minority', 'completion_accuracy_parity_points', 'probability_worst_group_error_points'].map(
        (name) => rank2[column(name)],
      ),
      ['0.1', '100', '100'],
    );
  });

  it('escapes what a file brought in', async () => {
    const { run } = await finished({ name: hostile, instruction: `${hostile} {text}` });
    const page = reportHtml(await reportOf(run));
    assert.ok(!page.includes('<img src=x'));
    assert.ok(!page.includes('<script>'));
    assert.match(page, /Accuracy on positive, the minority, by the share of positive that training kept/);
    assert.match(page, /how evenly each way of fine-tuning classifies/);
  });
});
