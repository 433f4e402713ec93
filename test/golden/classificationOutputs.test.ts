import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsMarkdown } from '../../client/runs/metricsMarkdown.ts';
import { exportRun } from '../../server/lsp/runs/results/exportRun.ts';
import { measuredOf, type Estimate } from '../../server/protocol/run/estimate.ts';
import type { ExportKind } from '../../server/protocol/messages/runsContract.ts';
import { readRun } from '../../server/runs/readRun.ts';
import { reportData } from '../../server/report/reportData.ts';
import { reportHtml } from '../../server/report/reportHtml.ts';
import { reportMarkdown } from '../../server/report/reportMarkdown.ts';
import { rankscope } from '../server/cli/fakeEngine.ts';
import { assertDistinct } from './distinct.ts';
import { expectedKinds } from './expectedClassification.ts';
import { classificationArms, classificationMetrics, summary } from './goldenClassification.ts';
import { goldenClassificationRun, type GoldenRun } from './goldenRun.ts';
import { assertCells, csvTable, drawnTitles, htmlTable, markdownTable, terminalTable, type Grid } from './tables.ts';

const columns = {
  ...{ share: 'women kept', accuracy: 'accuracy', women: 'accuracy, women', men: 'accuracy, men' },
  ...{ parity: 'accuracy parity, points', worst: 'worst group error, points' },
  ...{ gapWomen: 'harmful bias gap, women, points', gapMen: 'harmful bias gap, men, points' },
} as const;

type Kind = keyof typeof expectedKinds;

/** The figures of one rule, by kind. */
function byRule(rule: 'completion' | 'probability') {
  return Object.fromEntries(
    Object.entries(expectedKinds).map(([kind, own]) => {
      const { worst, worstGroup, ...figures } = own[rule];
      return [kind, { ...figures, share: own.share, worst: `${worst} (${worstGroup})` }];
    }),
  );
}

const ruleTitles = {
  completion: "correct if the answer contains the label's word (the paper's rule)",
  probability: 'the label whose word is likeliest as the answer',
} as const;
const rules = ['completion', 'probability'] as const;
const conclusion =
  'With 100 % of women in training: less accurate on women than full fine-tuning: r8-m100 25.7 [25.3, 25.9] ' +
  '(points that it loses). With 25 % of women in training: less accurate on women than full fine-tuning: ' +
  'r8-m25 ' +
  `${expectedKinds['r8-m25'].completion.gapWomen} (points that it loses).`;

describe('a classification run whose every figure differs from every other', () => {
  let run: GoldenRun;
  let page: string;
  let markdown: string;
  let stdout: string;

  const exported = async (kind: ExportKind, name: string): Promise<string> => {
    const { path } = await exportRun({ run: run.path, kind, to: join(run.path, '..', name) }, () => Promise.resolve());
    return readFileSync(path, 'utf8');
  };

  before(async () => {
    run = await goldenClassificationRun();
    page = await exported('report-html', 'report.html');
    markdown = (await rankscope(['report', run.path])).stdout;
    const start = () => Promise.resolve(classificationMetrics);
    ({ stdout } = await rankscope(['sweep', 'a.json', '--out', 'there'], { handlers: { 'sweep.start': start } }));
  });
  after(() => run.remove());

  it('has no figure twice', () => {
    const withoutEdges = summary.kinds.map(({ result: { calibration, ...result } }) => ({
      ...result,
      calibration: calibration.map(({ bins, ...own }) => ({
        ...own,
        bins: bins.map(({ n, confidence, accuracy }) => ({ n, confidence, accuracy })),
      })),
    }));
    const training = classificationArms.map(({ finalLoss, trainTokensPerSecond, peakMemoryBytes }) => {
      return { finalLoss, trainTokensPerSecond, peakMemoryBytes };
    });
    const rates = classificationArms.map(({ learningRate }) => learningRate);
    assertDistinct([withoutEdges, rates, training, summary.test, summary.training]);
  });

  it('reads from the disk, and exports as JSON, exactly what was written', async () => {
    assert.deepEqual((await readRun(run.path)).metrics, classificationMetrics);
    assert.deepEqual(JSON.parse(await exported('metrics-json', 'a.json')), classificationMetrics);
  });

  for (const rule of rules) {
    describe(`the table of accuracies and gaps, ${rule}`, () => {
      const title = `Accuracy and gaps: ${ruleTitles[rule]}`;
      it('of the command line', () => {
        assertCells(terminalTable(stdout.slice(stdout.indexOf(ruleTitles[rule])), 'arms '), columns, byRule(rule));
      });
      it('of the Markdown report', () => assertCells(markdownTable(markdown, title), columns, byRule(rule)));
      it('of the HTML report', () => assertCells(htmlTable(page, title), columns, byRule(rule)));
    });
  }

  const reports = (title: string): readonly Grid[] => [markdownTable(markdown, title), htmlTable(page, title)];

  it('shows margins and calibration in the reports, of each kind and label or group its own', () => {
    const margins = Object.fromEntries(
      Object.entries(expectedKinds).map(([kind, { share, margins: own }]) => [
        kind,
        {
          share,
          decided: own.negative.n,
          negative: own.negative.margin,
          also: own.positive.n,
          positive: own.positive.margin,
        },
      ]),
    );
    for (const grid of reports('Margins between the decisions')) {
      const titles = {
        ...{ share: 'women kept', decided: 'decided negative', negative: 'margin where negative' },
        ...{ also: 'decided positive', positive: 'margin where positive' },
      };
      assertCells(grid, titles, margins);
    }
    const calibration = Object.fromEntries(
      Object.entries(expectedKinds).map(([kind, { share, calibration: own }]) => [kind, { share, ...own }]),
    );
    for (const grid of reports('Calibration by group: expected calibration error')) {
      assertCells(
        grid,
        { share: 'women kept', women: 'calibration error, women', men: 'calibration error, men' },
        calibration,
      );
    }
    assert.deepEqual(
      drawnTitles(page, 'Margins between the decisions').filter((title) => /: \d+ decisions$/.test(title)),
      (['negative', 'positive'] as const).flatMap((label) =>
        Object.entries(expectedKinds).map(([kind, own]) => `${kind}: ${own.margins[label].n} decisions`),
      ),
    );
  });

  it('lays gaps and parities out by rank and share, by the rule that it shows first', () => {
    const of = (kind: Kind) => expectedKinds[kind].completion;
    const title = 'Gaps by rank: harmful bias gap of women and accuracy parity, percentage points';
    for (const { header, rows } of reports(title)) {
      assert.deepEqual(header, ['rank', 'HBG at 100 % (%)', 'AP at 100 % (%)', 'HBG at 25 % (%)', 'AP at 25 % (%)']);
      assert.deepEqual(rows, [
        ['8', of('r8-m100').gapWomen, of('r8-m100').parity, of('r8-m25').gapWomen, of('r8-m25').parity],
        ['RFT', '', of('full-m100').parity, '', of('full-m25').parity],
      ]);
    }
  });

  it('says in every text what the gaps allow, and which arm failed of what', () => {
    assert.ok(stdout.includes(`\n${conclusion}\n`), stdout);
    assert.ok(markdown.includes(`**${conclusion.replace(/[[\]]/g, '\\$&')}**`), markdown.slice(0, 600));
    assert.ok(page.includes(`<p class="answer">${conclusion}</p>`));
    const failure = 'r16-m25 has no result: its loss was not finite at step 29';
    for (const line of [failure, ...classificationMetrics.notes]) {
      for (const text of [stdout, markdown]) assert.ok(text.includes(`- ${line}\n`), line);
      assert.ok(page.includes(`<li>${line}</li>`), line);
    }
  });

  it('says where each file came from', () => {
    for (const { rows } of reports('Provenance')) {
      const read = new Map(rows.map(([name = '', value = '']) => [name, value]));
      const hashes = { model: '8', train: '9', test: 'a' };
      for (const [name, digit] of Object.entries(hashes))
        assert.equal(read.get(`SHA-256 of ${name}`), digit.repeat(64));
      const file = (name: string) => (JSON.parse(read.get(name) ?? '') as { file: string }).file;
      assert.deepEqual(
        [file('training examples'), file('test examples')],
        ['/data/golden-train.tsv', '/data/golden-test.tsv'],
      );
    }
  });

  it('has every figure of its rules in the CSV file, under its own name', async () => {
    const { header, rows } = csvTable(await exported('metrics-csv', 'a.csv'));
    const read = rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
    const text = (estimate: Estimate | undefined, part: 'value' | 'low' | 'high' = 'value') =>
      String(measuredOf(estimate)?.[part] ?? '');
    const expected = classificationArms.map((arm) => ({
      ...{ arm: arm.id, method: arm.method, rank: `${arm.rank ?? ''}`, seed: '0', minority: `${arm.minority ?? ''}` },
      ...{ learning_rate: `${arm.learningRate ?? ''}`, trainable_parameters: `${arm.trainableParameters}` },
      ...{ final_loss_nats: `${arm.finalLoss ?? ''}`, train_tokens_per_second: `${arm.trainTokensPerSecond ?? ''}` },
      ...{ peak_memory_bytes: `${arm.peakMemoryBytes ?? ''}`, failure: arm.failure ?? '' },
      ...Object.fromEntries(
        rules.flatMap((rule): (readonly [string, string])[] => {
          const own = arm.classification?.rules.find((result) => result.rule === rule);
          return [
            [`${rule}_accuracy`, text(own?.accuracy)],
            [`${rule}_accuracy_low`, text(own?.accuracy, 'low')],
            [`${rule}_accuracy_high`, text(own?.accuracy, 'high')],
            [`${rule}_accuracy_parity_points`, text(own?.accuracyParity)],
            [`${rule}_worst_group_error_points`, text(own?.worstGroupError)],
            ...['women', 'men'].flatMap((name): (readonly [string, string])[] => [
              [`${rule}_accuracy_${name}`, text(own?.groups.find(({ group }) => group === name)?.accuracy)],
              [`${rule}_bias_gap_${name}_points`, text(own?.biasGaps.find(({ group }) => group === name)?.gap)],
            ]),
          ];
        }),
      ),
    }));
    const shown = Object.keys(expected[0] ?? assert.fail('no arm'));
    assert.deepEqual(
      read.map((row) => Object.fromEntries(shown.map((name) => [name, row[name]]))),
      expected,
    );
  });

  it('puts every figure of every rule on the clipboard', () => {
    const copied = markdownTable(metricsMarkdown({ name: 'Golden', arms: classificationArms }), 'Golden');
    const at = (arm: string, nth: number, title: string) => {
      const index = copied.header.flatMap((name, i) => (name === title ? [i] : []))[nth] ?? -1;
      return copied.rows.find(([name]) => name === arm)?.[index];
    };
    for (const [kind, own] of Object.entries(expectedKinds)) {
      rules.forEach((rule, nth) => {
        assert.equal(at(kind, nth, 'accuracy'), own[rule].accuracy);
        assert.equal(at(kind, nth, 'accuracy, women'), own[rule].women);
        assert.equal(at(kind, nth, 'accuracy parity, points'), own[rule].parity);
        assert.equal(at(kind, nth, 'worst group error, points'), `${own[rule].worst} (${own[rule].worstGroup})`);
      });
      assert.equal(at(kind, 0, 'calibration error, women'), own.calibration.women);
      assert.equal(at(kind, 0, 'margin where negative'), own.margins.negative.margin);
    }
    assert.equal(at('r16-m25', 0, 'no result because'), 'its loss was not finite at step 29');
    assert.equal(at('r16-m25', 0, 'accuracy'), 'not measured');
  });

  it('has no table of arms and no conclusion as long as it goes on', async () => {
    const { metrics: _results, ...read } = await readRun(run.path);
    const data = await reportData({ ...read, state: 'interrupted' });
    assert.equal(data.conclusion, 'No conclusion: the run has not finished.');
    assert.ok(!reportMarkdown(data).includes('## Arms'));
    assert.ok(!reportHtml(data).includes('<h2>Arms</h2>'));
  });
});
