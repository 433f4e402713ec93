/** A figure that is added to the catalogue, and nowhere else, appears in every output. */
import assert from 'node:assert/strict';
import { metricsMarkdown } from '../../../client/runs/metricsMarkdown.ts';
import { comparedText } from '../../../client/tool/comparedText.ts';
import {
  armFields,
  armMeasures,
  type ArmFigures,
  type ArmMeasure,
} from '../../../server/measures/catalogue/armMeasures.ts';
import { chartTable } from '../../../server/measures/charts/chart.ts';
import { curveValues, probeCurves, stepCurves } from '../../../server/measures/catalogue/curves.ts';
import { armBars, drawnMeasures } from '../../../server/measures/charts/measureCharts.ts';
import { armTable, headingOf } from '../../../server/measures/catalogue/measureTable.ts';
import { metricsCsv } from '../../../server/measures/catalogue/metricsCsv.ts';
import { english, sayText } from '../../../server/measures/text/say.ts';
import { estimateText, units } from '../../../server/measures/text/units.ts';
import { measuredOf } from '../../../server/protocol/run/estimate.ts';
import type { ArmMetrics, StepEvent } from '../../../server/protocol/run/run.ts';
import type { Comparison, RunView } from '../../../server/protocol/messages/runsContract.ts';
import { drawBars } from '../../../server/report/figures/reportCharts.ts';
import { htmlString } from '../../../server/report/tables/htmlText.ts';
import { collectStrings } from '../../../scripts/collectStrings.mjs';
import { comparisonTable } from '../../../webview/compare/compareTables.ts';
import { metricsTable } from '../../../webview/run/sections/metricsTable.ts';
import { barsOf } from '../../../webview/run/model/runCharts.ts';
import { arms as toxicityArms } from '../../golden/goldenToxicity.ts';
import { classificationArms } from '../../golden/goldenClassification.ts';

const arms: readonly ArmMetrics[] = [...toxicityArms, ...classificationArms];

const view: RunView = {
  ...{ run: '/r', name: 'n', state: 'finished', created: '', model: 'm', judge: 'j', experiment: 'toxicity' },
  ...{ arms: [], warnings: [], armMetrics: [] },
};
const nothing = { unmeasured: 'not compared' };
const comparison: Comparison = {
  baseline: { run: '/r', arm: 'base' },
  arms: arms.map((metrics) => {
    return { of: { run: '/r', arm: metrics.id }, metrics, toxicityRate: nothing, difference: nothing };
  }),
  verdicts: [],
};
const drawn = { styles: new Map(), isShown: () => true };

/** A figure that no run stores: how many letters the arm's name has. */
const scratch: ArmMeasure = {
  key: 'scratch',
  title: 'letters of the name',
  unit: 'nats',
  read: ({ id = '' }: ArmFigures) => ({ value: 70 + id.length, low: 60 + id.length, high: 80 + id.length, n: 9 }),
  csv: { stem: 'letters', value: 'nats', n: 'names', hasInterval: true },
  barTitle: 'Letters of each name',
};
const catalogue = { ...armFields, scratch: [scratch] };

describe('a measure that is added to the catalogue', () => {
  it('is in the table of the command line and the reports, the panel, the comparison and the clipboard', () => {
    const heading = 'letters of the name, nats';
    for (const { header, rows } of [
      armTable(arms, { catalogue }),
      metricsTable(arms, 'base', new Map(), catalogue),
      comparisonTable(comparison, catalogue),
    ]) {
      assert.equal(rows.find((row) => row[0]?.startsWith('r8-s0'))?.[header.indexOf(heading)], '75 [65, 85]');
    }
    const markdown = metricsMarkdown({ name: 'n', arms, catalogue });
    assert.ok(markdown.includes(heading) && markdown.includes('75 \\[65, 85\\]'), markdown);
  });

  it('is in the CSV file with its interval and its count', () => {
    const [header = [], ...rows] = metricsCsv(arms, { catalogue })
      .split('\r\n')
      .map((line) => line.split(','));
    const row = rows.find(([arm]) => arm === 'r8-s0') ?? [];
    const read = ['letters_nats', 'letters_low', 'letters_high', 'letters_names'].map(
      (name) => row[header.indexOf(name)],
    );
    assert.deepEqual(read, ['75', '65', '85', '9']);
  });

  it('is in the answer of the tool for chat models, under its key and unit', () => {
    const answer = JSON.parse(comparedText(view, comparison, catalogue)) as {
      arms: { arm: string; figures: Record<string, unknown> }[];
    };
    const { figures } = answer.arms.find(({ arm }) => arm === 'r8-s0')!;
    assert.deepEqual(figures.scratch, { nats: 75, low95: 65, high95: 85, n: 9 });
  });

  it('is drawn as bars, with the same numbers behind them', () => {
    const measure = drawnMeasures(arms, catalogue).find(({ key }) => key === 'scratch')!;
    const chart = armBars(measure, arms, new Map());
    assert.equal(chart.title, 'Letters of each name');
    assert.deepEqual(chartTable(chart).rows[1], ['r8-s0', '75', '65', '85', '9']);
    assert.match(htmlString(drawBars(chart)!), /<title>r8-s0: 75<\/title>/);
    assert.equal(barsOf(measure, arms, drawn).bars[1]?.value, 75);
  });
});

describe('the catalogue of measures', () => {
  const measures = armMeasures(arms);

  it('has every key, heading and CSV column once', () => {
    const keys = measures.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length);
    const [header = ''] = metricsCsv(arms).split('\r\n');
    const columns = header.split(',');
    assert.equal(new Set(columns).size, columns.length, header);
  });

  it('shows every measure of every arm in every table, as its unit writes it', () => {
    const tables = [armTable(arms), metricsTable(arms, 'base', new Map()), comparisonTable(comparison)];
    for (const measure of measures.filter(({ isDetail }) => isDetail !== true)) {
      const expected = arms.map((arm) => estimateText(measure.read(arm), measure.unit, english));
      const isFound = ({ header, rows }: (typeof tables)[number]) =>
        header.some(
          (heading, i) =>
            heading === headingOf(measure, english) &&
            rows.every((row, at) => {
              const wanted = measure.read(arms[at]!) === undefined ? undefined : expected[at];
              const alone = measuredOf(measure.read(arms[at]!));
              const value = alone && units[measure.unit].write(alone.value);
              return wanted === undefined || row[i] === value || row[i]?.startsWith(wanted);
            }),
        );
      const own = measure.reference === undefined ? tables : tables.slice(0, 1);
      // The comparison has a rate of its own.
      for (const table of measure.key === 'toxicity' ? own.slice(0, 2) : own) assert.ok(isFound(table), measure.key);
    }
  });

  it('keeps details of groups out of those tables, and in files', () => {
    const details = measures.filter(({ isDetail }) => isDetail === true);
    assert.ok(details.length > 0);
    const headings = [armTable(arms), metricsTable(arms, 'base', new Map()), comparisonTable(comparison)].flatMap(
      ({ header }) => header,
    );
    for (const detail of details) assert.ok(!headings.includes(headingOf(detail, english)), detail.key);
  });

  it('writes no unit but its own, and none twice', () => {
    const rows = Object.entries(units).map(([name, { write, writeEnd }]) => [name, write(0.5), writeEnd(0.25)]);
    assert.deepEqual(rows, [
      ['share', '50.0 %', '25.0'],
      ['shareDifference', '+50.0', '+25.0'],
      ['points', '0.5', '0.3'],
      ['nats', '0.5', '0.25'],
      ['count', '0.5', '0.25'],
      ['tokensPerSecond', '1', '0'],
      ['bytes', '1 B', '0 B'],
      ['plain', '0.5', '0.25'],
    ]);
  });

  it('can be translated: all that it says is collected', () => {
    const known = new Set(Object.keys(collectStrings()));
    const said: string[] = [];
    const note = (message: string, ...values: (string | number)[]) => (said.push(message), english(message, ...values));
    armTable(arms, { say: note });
    for (const measure of measures) if (measure.barTitle !== undefined) sayText(measure.barTitle, note);
    for (const { title, short, axis = '' } of [...stepCurves, ...probeCurves]) {
      for (const text of [title, short, axis]) sayText(text, note);
    }
    assert.deepEqual(
      [...new Set(said)].filter((message) => message !== '' && message !== '{0}' && !known.has(message)),
      [],
    );
  });
});

describe('the catalogue of curves', () => {
  it('reads each value of a step and of a probe', () => {
    const step: StepEvent = {
      ...({ time: 1, type: 'step' } as const),
      ...{ arm: 'r8', step: 3, of: 9, loss: 2.5, gradientNorm: 1.25, learningRate: 1e-4 },
      ...{ tokens: 300, labelTokens: 100, seconds: 2, memoryBytes: 7e8 },
    };
    assert.deepEqual(curveValues(stepCurves, step), {
      ...{ loss: 2.5, gradientNorm: 1.25, learningRate: 1e-4, tokensPerSecond: 150, memoryBytes: 7e8 },
    });
    const probe = {
      time: 1,
      type: 'probe',
      arm: 'r8',
      step: 3,
      heldOutLoss: 1.75,
      kl: 0.5,
      toxicityRate: 0.25,
      groupGap: 0.125,
      forgetting: -0.5,
      n: 4,
    } as const;
    assert.deepEqual(curveValues(probeCurves, probe), {
      ...{ heldOutLoss: 1.75, kl: 0.5, toxicityRate: 0.25, groupGap: 0.125, entropy: NaN, forgetting: -0.5 },
    });
  });
});
