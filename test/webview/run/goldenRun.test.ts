import assert from 'node:assert/strict';
import { expectedArms, expectedPanel } from '../../golden/expectedToxicity.ts';
import { goldenToxicityRun, type GoldenRun } from '../../golden/goldenRun.ts';
import { arms } from '../../golden/goldenToxicity.ts';
import { firstUpdate } from '../../golden/goldenView.ts';
import { assertCells } from '../../golden/tables.ts';
import { probeCurves, stepCurves } from '../../../server/measures/catalogue/curves.ts';
import { drawnMeasures } from '../../../server/measures/charts/measureCharts.ts';
import { measuredOf } from '../../../server/protocol/run/estimate.ts';
import { densities } from '../../../server/lsp/runs/results/densities.ts';
import type { LineChart } from '../../../server/measures/charts/chart.ts';
import { metricsTable, storedDifferences } from '../../../webview/run/sections/metricsTable.ts';
import { notesOf } from '../../../webview/run/sections/notesSection.ts';
import { barsOf, curveChart, densityChart } from '../../../webview/run/model/runCharts.ts';
import { measuredArms, received, type RunModel } from '../../../webview/run/model/runModel.ts';

const columns = {
  ...{ toxic: 'toxic', interval: '95 % interval', versusBase: 'minus base, points', judged: 'judged' },
  ...{ unjudged: 'unjudged', honest: 'HONEST', kl: 'KL from base, nats', klAll: 'KL at every position, nats' },
  ...{ entropy: 'entropy, nats', perplexity: 'perplexity', finalLoss: 'final loss, nats', speed: 'tokens/s' },
  ...{ neutralLoss: 'loss on neutral text, nats', forgetting: 'forgetting, nats', worstGroup: 'toxic, worst group' },
  ...{ toxicAtLeastOnce: 'toxic at least once', maximumToxicity: 'expected maximum toxicity' },
  ...{ onceMen: 'toxic at least once, men', maximumWomen: 'expected maximum toxicity, women', toxicMen: 'toxic, men' },
  ...{ memory: 'peak memory', failure: 'no result because' },
} as const;

const drawn = { styles: new Map(), isShown: () => true };
const points = (chart: LineChart): Record<string, (readonly [number, number])[]> =>
  Object.fromEntries(
    chart.series.map(({ label, x, y }) => [label, Array.from(x, (step, i) => [step, y[i] ?? NaN] as const)]),
  );

describe('the run panel of a toxicity run whose every figure differs from every other', () => {
  let run: GoldenRun;
  let model: RunModel;
  before(async () => {
    run = await goldenToxicityRun();
    model = received(undefined, await firstUpdate(run.path));
  });
  after(() => run.remove());
  const curveOf = (key: string) =>
    curveChart(
      stepCurves.find((curve) => curve.key === key)!,
      model.curves,
      drawn,
    );
  const probeOf = (key: string) =>
    curveChart(
      probeCurves.find((curve) => curve.key === key)!,
      model.probes,
      drawn,
    );

  it('has every figure of every arm in its own cell', () => {
    const measured = measuredArms(model.view);
    const table = metricsTable(measured, 'base', storedDifferences(measured, 'base'));
    const expected = Object.fromEntries(
      arms.map(({ id }) => {
        const key = id as keyof typeof expectedArms;
        return [id, { ...expectedArms[key], ...expectedPanel[key] }];
      }),
    );
    assertCells(table, columns, expected);
  });

  it('takes the difference from the arm that is pinned', () => {
    const of = (baseline: string) => storedDifferences(arms, baseline).get('r8-s1');
    assert.deepEqual(of('full-s1'), { value: 0.213, low: 0.211, high: 0.217, n: 1091 });
    assert.deepEqual(of('base'), { value: -0.207, low: -0.209, high: -0.203, n: 1087 });
    assert.equal(of('full-s0'), undefined);
  });

  it('draws bars of the same figures', () => {
    for (const measure of drawnMeasures(arms)) {
      const drawnBars = barsOf(measure, arms, drawn).bars.map(({ style, method, ...bar }) => bar);
      const expected = arms.flatMap((arm) => {
        const measured = measuredOf(measure.read(arm));
        return measured ? [{ label: arm.id, ...measured }] : [];
      });
      assert.deepEqual(drawnBars, expected);
    }
    assert.deepEqual(
      drawnMeasures(arms).map(({ key }) => key),
      ['toxicity', 'honest', 'kl', 'klAll', 'forgetting'],
    );
  });

  it('draws each curve of training at its own step and arm, a step trained again as trained last', () => {
    assert.deepEqual(points(curveOf('loss')), {
      'r8-s0': [
        [1, 3.97],
        [2, 4.33],
        [3, 4.47],
      ],
      'full-s1': [
        [1, 4.59],
        [2, 4.71],
        [3, 4.83],
      ],
    });
    const last = (key: string) => points(curveOf(key))['r8-s0']?.at(-1);
    assert.deepEqual(
      [last('gradientNorm'), last('learningRate'), last('tokensPerSecond'), last('memoryBytes')],
      [
        [3, 44.9],
        [3, 0.00000451],
        [3, 443],
        [3, 4530000000],
      ],
    );
  });

  it('draws each probe at its own step and arm', () => {
    assert.deepEqual(points(probeOf('kl')), {
      'r8-s0': [
        [2, 0.0499],
        [3, 0.0507],
      ],
      'full-s1': [[2, 0.0513]],
    });
    assert.deepEqual(points(probeOf('entropy')), {
      base: [[0, 4.93]],
      'r8-s0': [
        [2, 5.01],
        [3, 5.09],
      ],
      'full-s1': [[2, 5.17]],
    });
    assert.deepEqual(points(probeOf('toxicityRate')), {
      base: [[0, 0.497]],
      'r8-s0': [
        [2, 0.503],
        [3, 0.511],
      ],
      'full-s1': [[2, 0.519]],
    });
  });

  it('draws the densities of each arm under its name', async () => {
    const found = await densities(run.path, ['base', 'r8-s0', 'full-s1']);
    const chart = densityChart(found, drawn);
    const peakOf = (label: string) => {
      const { x = [], y = [] } = chart.series.find((own) => own.label === label) ?? {};
      const most = Math.max(...Array.from(y));
      return x[Array.from(y).indexOf(most)] ?? NaN;
    };
    assert.deepEqual(
      chart.series.map(({ label }) => label),
      ['r8-s0', 'full-s1'],
    );
    assert.ok(Math.abs(peakOf('r8-s0') - 0.545) < 0.03, `${peakOf('r8-s0')}`);
    assert.ok(Math.abs(peakOf('full-s1') - 0.599) < 0.03, `${peakOf('full-s1')}`);
  });

  it('tells failures with their own reasons, then warnings, then notes', () => {
    assert.deepEqual(
      notesOf(model.view).map(({ kind, text }) => `${kind} ${text}`),
      [
        'failure r16-s0: its loss was not finite at step 19',
        'failure r16-s1: its gradient was not finite at step 23',
        'warning The warning of the run.',
        'note The first note of the run.',
        'note The second note of the run.',
      ],
    );
  });
});
